import { readFile } from 'node:fs/promises'
import { MeshError } from '@tulle/core'
import { check as checkSource, problemLines } from '@tulle/proxy'
import type { Command } from '../command.ts'

/** Reads a configuration as the proxy would, and says everything that is wrong with it. */
export const check: Command = {
  name: 'check',
  summary: 'say everything that is wrong with a configuration file',
  argument: '<file>',
  options: [],
  async run(file) {
    const result = checkSource({ text: await read(file), file })
    if (!result.ok) {
      process.stderr.write(problemLines(result.problems))
      const { length } = result.problems
      process.stderr.write(`${length} ${length === 1 ? 'problem' : 'problems'}\n`)
      return 1
    }
    const { listeners, clusters } = result.value
    process.stdout.write(
      `${file}: good: ${listeners.length} listeners, ${clusters.length} clusters\n`,
    )
    return 0
  },
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new MeshError('CONFIG_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
