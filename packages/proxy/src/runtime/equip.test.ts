import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadBootstrap } from '@tulle/model'
import { noteLogger } from '@tulle/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtins } from '../builtins.ts'
import { equip } from './equip.ts'
import type { Parts } from './parts.ts'

const root = mkdtempSync(join(tmpdir(), 'tulle-equip-'))
const deep = join(root, 'etc', 'proxy')

/** A module whose default export has all that a protocol has, or less, or more. */
const module = (name: string, change = '', how = 'export default'): string => `
  const verbs = 'match server client poolKey service method header status idempotent upgrade timeoutMs reply refusal'
  const protocol = { name: '${name}', speech: 'rpc', depth: 0, room: 1 }
  for (const verb of verbs.split(' ')) protocol[verb] = () => undefined
  ${change}
  ${how} protocol
`
const MODULE = '{ "type": "module", "exports": "./index.js" }'

const FILES: Readonly<Record<string, string>> = {
  // Beside the configuration, above it, with a scope, and by each way a manifest names its entry.
  'etc/proxy/node_modules/near/package.json': MODULE,
  'etc/proxy/node_modules/near/index.js': module('near'),
  'node_modules/@shop/far/package.json': '{ "type": "module", "main": "lib/far.js" }',
  'node_modules/@shop/far/lib/far.js': module('far'),
  'node_modules/older/package.json': '{}',
  'node_modules/older/index.js': module('older', '', 'exports.protocol ='),
  'node_modules/conditions/package.json':
    '{ "type": "module", "exports": { ".": { "types": "./a.d.ts", "browser": "./b.js", "import": ["./c.js"] } } }',
  'node_modules/conditions/c.js': module('conditions', 'export { protocol }', 'void'),
  'etc/proxy/own/package.json': MODULE,
  'etc/proxy/own/index.js': module('own'),
  'etc/one.mjs': module('one'),
  // What is wrong with packages.
  'node_modules/no-entry/package.json': '{ "exports": { "./inside": "./index.js" } }',
  'node_modules/no-file/package.json': MODULE,
  'node_modules/no-json/package.json': '{',
  'bad/throws.mjs': 'throw new Error("out of order\\nwith more to say")',
  'bad/empty.mjs': 'export const other = 1',
  'bad/codec.mjs': 'export default { name: "codec", measure() {} }',
  'bad/half.mjs': module('half', 'delete protocol.reply; protocol.client = 1'),
  'bad/name.mjs': module('Not A Name'),
  'bad/http.mjs': module('web', 'protocol.speech = "http"'),
  'bad/depth.mjs': module('flat', 'delete protocol.depth'),
  'bad/bolt.mjs': module('bolt'),
  'bad/twin.mjs': module('near'),
}

beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
})
afterAll(() => rmSync(root, { recursive: true }))

describe('a package of a protocol', () => {
  it.each([
    ['by its name beside the file', 'near', 'near'],
    ['by its name in a folder above, with a scope and "main"', '@shop/far', 'far'],
    ['in the older module format, without any entry', 'older', 'older'],
    ['by conditions, as the "protocol" export', 'conditions', 'conditions'],
    ['by its folder', './own', 'own'],
    ['by a file', '../one.mjs', 'one'],
  ])('is found %s', async (_how, name, protocol) => {
    expect(await problemsOf([name])).toEqual([])
    const { protocols } = await equipped([name])
    expect(protocols.find(protocol).name).toBe(protocol)
  })

  it.each([
    [
      'nowhere',
      `package "nowhere" is not installed: it is in no node_modules of ${deep}, ${process.cwd()} or above; run "npm install nowhere" in ${deep}`,
    ],
    ['./nowhere', `there is nothing at ${join(deep, 'nowhere')}`],
    ['..', 'package.json'],
    ['no-json', 'is no package: '],
    ['no-entry', 'give nothing to import'],
    ['no-file', 'package "no-file" cannot be loaded: '],
    ['../../bad/throws.mjs', 'cannot be loaded: out of order'],
    ['../../bad/empty.mjs', 'exports no protocol: it has to have a "default" or "protocol" export'],
    ['../../bad/codec.mjs', 'exports a codec: export what "framed(codec)" makes of it'],
    ['../../bad/half.mjs', 'exports something that is no protocol: it lacks client, reply'],
    ['../../bad/name.mjs', 'brings a protocol called "Not A Name"; a name has small letters'],
    ['../../bad/http.mjs', 'brings protocol "web", which is not for RPC'],
    ['../../bad/depth.mjs', 'brings protocol "flat" without "depth" or "room"'],
    ['../../bad/bolt.mjs', 'brings protocol "bolt", which this proxy has already'],
  ])('"%s" is refused with its reason', async (name, what) => {
    expect(await problemsOf(['near', name])).toEqual([
      { at: 'protocol_packages[1]', what: expect.stringContaining(what) },
    ])
  })

  it('is refused where another brings a protocol of that name, and all problems are told', async () => {
    const twin = 'brings protocol "near", which package "near" has already'
    expect(await problemsOf(['near', '../../bad/twin.mjs', 'nowhere'])).toEqual([
      { at: 'protocol_packages[1]', what: expect.stringContaining(twin) },
      { at: 'protocol_packages[2]', what: expect.stringContaining('is not installed') },
    ])
  })

  it('is tried behind what the proxy knows, in the order of the file, and before tcp', async () => {
    const { protocols } = await equipped(['older', 'near'])
    const builtin = builtins.protocols.names.filter((name) => name !== 'tcp')
    expect(protocols.names).toEqual([...builtin, 'older', 'near', 'tcp'])
    expect(builtins.protocols.get('near')).toBeNull()
  })

  it('is the same protocol however often it is named anew', async () => {
    const [first, second] = [await equipped(['near']), await equipped(['near', 'older'])]
    expect(first.protocols.find('near')).toBe(second.protocols.find('near'))
  })

  it('tells the log that it was loaded, and once each time it has changed since', async () => {
    const file = join(root, 'etc/changing.mjs')
    writeFileSync(file, module('changing'))
    const log = noteLogger()
    await equipped(['../changing.mjs'], log)
    await equipped(['../changing.mjs'], log)
    utimesSync(file, 1, 1)
    await equipped(['../changing.mjs'], log)
    await equipped(['../changing.mjs'], log)
    expect(log.notes.map(({ message }) => message)).toEqual([
      'protocol package loaded',
      'a protocol package has changed; it is read again at the next start',
    ])
  })
})

it('a configuration that names no package takes the protocols as they are', async () => {
  expect((await equipped([])).protocols).toBe(builtins.protocols)
})

async function equipped(
  names: readonly string[],
  log?: Parameters<typeof equip>[3],
): Promise<Parts> {
  const result = await equip(named(names), builtins, deep, log)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.value
}

async function problemsOf(names: readonly string[]): Promise<unknown> {
  const result = await equip(named(names), builtins, deep)
  return result.ok ? [] : result.problems
}

function named(protocol_packages: readonly string[]) {
  const bootstrap = loadBootstrap(JSON.stringify({ protocol_packages }), 'f.json')
  if (!bootstrap.ok) throw new Error(JSON.stringify(bootstrap.problems))
  return bootstrap.value
}
