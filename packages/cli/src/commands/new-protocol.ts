import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtins } from '@tulle/proxy'
import type { Command } from '../command.ts'
import { version } from '../version.ts'

/** A package that works and passes its tests; `sample` stands where the name comes. */
const TEMPLATE = fileURLToPath(new URL('../../template/protocol', import.meta.url))
const SAMPLE = 'sample'
/** What a protocol may be called, and with it a package, a file and a word in configurations. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
/** Node reads no file of a longer name everywhere. */
const LONGEST = 60

/** Begins a package that brings a protocol. */
export const newProtocol: Command = {
  name: 'new protocol',
  summary: 'begin an npm package that brings a protocol',
  argument: '<name>',
  options: [
    {
      flags: '--in <folder>',
      help: 'where the folder of the package is made',
      fallback: '.',
      required: false,
      parse: null,
    },
  ],
  async run(name, options) {
    const folder = join(options.in as string, `tulle-protocol-${name}`)
    const trouble = whyNot(name) ?? (await whyNotThere(folder))
    if (trouble !== null) {
      process.stderr.write(`tulle: ${trouble}\n`)
      return 1
    }
    await make(folder, name)
    process.stdout.write(
      `${folder}: made; next: cd ${folder}, npm install, npm test, and draw your frame in src/frame.ts\n`,
    )
    return 0
  },
}

function whyNot(name: string): string | null {
  if (!NAME.test(name) || name.length > LONGEST)
    return `"${name}" is no name for a protocol: small letters, digits and single dashes, a letter first, at most ${LONGEST}`
  if (builtins.protocols.get(name) !== null || name === SAMPLE)
    return `protocol "${name}" is there already; choose another name`
  return null
}

/** Makes the folder, which must be new. */
async function whyNotThere(folder: string): Promise<string | null> {
  try {
    await mkdir(dirname(folder), { recursive: true })
    await mkdir(folder)
    return null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EEXIST' ? `${folder} is there already` : `cannot make ${folder}: ${message}`
  }
}

async function make(folder: string, name: string): Promise<void> {
  await cp(TEMPLATE, folder, { recursive: true })
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll(SAMPLE, name).replaceAll('^0.0.0', `^${version}`))
    await rename(path, join(entry.parentPath, entry.name.replace(SAMPLE, name)))
  }
}
