import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  ADMIN,
  boltChain,
  bootstrap,
  cluster,
  deadPort,
  everyCall,
  hex,
  listener,
  type ProxyProcess,
  Stage,
} from '@tulle/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { newProtocol } from './new-protocol.ts'

const TULLE = fileURLToPath(new URL('../../../../node_modules/@tulle', import.meta.url))
const REQUEST = hex('5a4d 00 01 00000007 0000 0005 0004 0000 00000002 53746f636b 74616b65 6f6b')
const KIND = 2
const RESPONSE = 2

const stage = new Stage()
afterEach(() => stage.clear())
const root = mkdtempSync(join(tmpdir(), 'tulle-new-'))
const folder = join(root, 'tulle-protocol-my-rpc')
beforeAll(async () => {
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(TULLE, join(root, 'node_modules', '@tulle'))
  expect(await run('my-rpc', root)).toEqual([0, expect.stringContaining(`${folder}: made`)])
})
afterAll(() => rmSync(root, { recursive: true }))

describe('a package that was made', () => {
  it('has files and words of its own name', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
    expect(files).toEqual([
      'README.md',
      'package.json',
      'src',
      'src/frame.ts',
      'src/headers.ts',
      'src/my-rpc.ts',
      'test',
      'test/my-rpc.test.ts',
    ])
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: 'tulle-protocol-my-rpc',
      exports: { '.': './src/my-rpc.ts' },
      peerDependencies: { '@tulle/proxy': expect.stringMatching(/^\^\d+\.\d+\.\d+$/) },
    })
    for (const file of files.filter((one) => one.includes('.')))
      expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/sample|\^0\.0\.0/)
  })

  it('passes its tests as it is', async () => {
    const tests = join(folder, 'test', 'my-rpc.test.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', tests], { cwd: root })
    expect(stdout).toMatch(/pass [1-9]\d/)
    expect(stdout).toMatch(/fail 0/)
  }, 60_000)

  it('is spoken by a proxy that finds it by its folder', async () => {
    const proxy = await started(folder)
    expect(await proxy.logged('protocol package loaded')).toMatchObject({
      package: folder,
      protocol: 'my-rpc',
    })
    expect(await proxy.admin('/stats?filter=rq_total&usedonly')).toContain(
      'upstream.a.rq_total: 1\n',
    )
    const dump = JSON.parse(await proxy.admin('/config_dump'))
    const [chain] = dump.listeners[0].chains
    expect(chain.reads).toMatchObject({
      depth: 'names',
      why: expect.stringMatching(/^a route by method/),
    })
  })

  it('is spoken by every worker of one that has it installed, with their own copy of what it stands on', async () => {
    const installed = join(root, 'node_modules', 'tulle-protocol-my-rpc')
    cpSync(folder, installed, { recursive: true })
    const other = join(installed, 'node_modules', '@tulle', 'proxy')
    mkdirSync(other, { recursive: true })
    writeFileSync(join(other, 'package.json'), '{"name": "@tulle/proxy", "main": "index.js"}')
    writeFileSync(join(other, 'index.js'), 'throw new Error("another copy")')
    await started('tulle-protocol-my-rpc', '--concurrency', '2')
  })
})

it.each(['My', '1st', 'a_b', '-a', 'a--b', 'a/b', '..', 'ä', '', 'x'.repeat(61)])(
  'a protocol cannot be called "%s"',
  async (name) => {
    expect(await run(name, root)).toEqual([1, expect.stringContaining('is no name for a protocol')])
  },
)

it('a protocol cannot be called as one that is there', async () => {
  const [code, said] = await run('bolt', root)
  expect([code, said]).toEqual([
    1,
    'tulle: protocol "bolt" is there already; choose another name\n',
  ])
  expect(existsSync(join(root, 'tulle-protocol-bolt'))).toBe(false)
})

it('a folder that is there is left alone', async () => {
  const before = readFileSync(join(folder, 'package.json'))
  expect(await run('my-rpc', root)).toEqual([1, `tulle: ${folder} is there already\n`])
  expect(readFileSync(join(folder, 'package.json'))).toEqual(before)
})

/** The code a run of the command ends with, and what it says. */
async function run(name: string, into: string): Promise<[number, string]> {
  let said = ''
  const say = (text: string | Uint8Array): boolean => {
    said += text
    return true
  }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(say)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(say)
  try {
    return [await newProtocol.run(name, { in: into }), said]
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

/** A proxy that has answered one call, whose configuration lies where names are looked for. */
async function started(name: string, ...args: string[]): Promise<ProxyProcess> {
  const host = await stage.rawHost((peer) => {
    // An answer has the layout of a request: the same bytes of another kind.
    peer.socket.on('data', (bytes: Buffer) => {
      bytes[KIND] = RESPONSE
      peer.socket.write(bytes)
    })
  })
  const port = await deadPort()
  const routes = [{ match: { method: { exact: 'take' } }, route: { cluster: 'a' } }, everyCall('b')]
  const text = bootstrap(
    [listener('calls', [boltChain(routes, { protocol: 'my-rpc' })], { port })],
    [cluster('a', [host.port]), cluster('b', [1])],
    { ...ADMIN, protocol_packages: [name] },
  )
  const proxy = stage.process(text, ...args)
  if (!name.startsWith('/')) symlinkSync(join(root, 'node_modules'), proxy.path('node_modules'))
  await proxy.logged('ready')
  const client = await stage.rawClient(port)
  const { received } = await client
    .write(REQUEST)
    .until((peer) => peer.receivedBytes >= REQUEST.length)
  const expected = Buffer.from(REQUEST)
  expected[KIND] = RESPONSE
  expect(received).toEqual(expected)
  return proxy
}
