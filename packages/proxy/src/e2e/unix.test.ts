import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ADMIN,
  bootstrap,
  cluster,
  everything,
  httpChain,
  RawPeer,
  Stage,
  tcpChain,
  until,
} from '@tulle/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

type Part = Readonly<Record<string, unknown>>

const GET = 'GET /shop HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unix-'))
})
afterEach(async () => {
  await stage.clear()
  rmSync(folder, { recursive: true })
})

function listenerAt(path: string, chain: Part, mode?: number): Part {
  const pipe = mode === undefined ? { path } : { path, mode }
  return { name: 'web', address: { pipe }, filter_chains: [chain] }
}

function clusterAt(path: string): Part {
  const lb_endpoints = [{ endpoint: { address: { pipe: { path } } } }]
  return { ...cluster('a', []), load_assignment: { endpoints: [{ lb_endpoints }] } }
}

const here = httpChain([
  { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: 'here' } } },
])

async function connect(path: string): Promise<RawPeer> {
  const socket = net.connect({ path })
  const peer = new RawPeer(socket)
  stage.later(() => peer.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return peer
}

describe('a listener on a unix socket', () => {
  it.each([
    ['a file', () => join(folder, 'web.sock'), (path: string) => path],
    ['a name', () => `@tulle-${process.pid}-web`, (path: string) => `\0${path.slice(1)}`],
  ])('that is %s serves', async (_, at, name) => {
    const path = at()
    const proxy = await stage.proxy([listenerAt(path, here)], [])
    const client = (await connect(name(path))).write(GET)
    expect(await client.untilText('here')).toContain('200 OK')
    await proxy.stop()
    await expect(connect(name(path))).rejects.toThrow()
    expect(existsSync(path)).toBe(false)
  })

  it('has the permissions that are configured', async () => {
    const path = join(folder, 'web.sock')
    await stage.proxy([listenerAt(path, here, 0o620)], [])
    expect(statSync(path).mode & 0o777).toBe(0o620)
  })

  it('takes the place of a file that nobody listens on any more', async () => {
    const path = join(folder, 'web.sock')
    const dead = stage.process(bootstrap([listenerAt(path, here)], [], ADMIN))
    await dead.logged('ready')
    dead.kill('SIGKILL')
    await dead.exit
    expect(existsSync(path)).toBe(true)
    await stage.proxy([listenerAt(path, here)], [])
    expect(await (await connect(path)).write(GET).untilText('here')).toContain('200')
  })

  it.each([
    ['that another process listens on', async (path: string) => listenOn(path)],
    ['that is another file', async (path: string) => writeFileSync(path, 'precious')],
  ])('leaves a path alone %s', async (_, occupy) => {
    const path = join(folder, 'web.sock')
    await occupy(path)
    await expect(stage.proxy([listenerAt(path, here)], [])).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`unix:${path} (listener "web")`),
    })
    expect(existsSync(path)).toBe(true)
  })

  it('says what is wrong with its folder', async () => {
    const path = join(folder, 'nowhere', 'web.sock')
    await expect(stage.proxy([listenerAt(path, here)], [])).rejects.toThrow(
      'there is no such folder',
    )
  })

  it('keeps its socket over changes of configuration, and frees it when it is gone', async () => {
    const path = join(folder, 'web.sock')
    const proxy = await stage.proxy([listenerAt(path, here)], [])
    const { ino } = statSync(path)
    const client = await connect(path)
    await proxy.apply(bootstrap([{ ...listenerAt(path, here), name: 'renamed' }], []))
    expect(statSync(path).ino).toBe(ino)
    await client.write(GET).untilText('here')
    await proxy.apply(bootstrap([], []))
    expect(existsSync(path)).toBe(false)
  })

  it('belongs to one of several workers', async () => {
    const path = join(folder, 'web.sock')
    const config = bootstrap([listenerAt(path, here)], [], ADMIN)
    const proxy = stage.process(config, '--concurrency', '2')
    await proxy.logged('ready')
    for (let i = 0; i < 4; i++)
      expect(await (await connect(path)).write(GET).untilText('here')).toContain('200')
    expect(await proxy.admin('/listeners')).toContain(`web::unix:${path}`)
  })
})

describe('a host on a unix socket', () => {
  it.each([
    ['a file', () => join(folder, 'host.sock'), (path: string) => path],
    ['a name', () => `@tulle-${process.pid}-host`, (path: string) => `\0${path.slice(1)}`],
  ])('that is %s is asked like any other', async (_, at, name) => {
    const path = at()
    const server = http.createServer((request, response) => response.end(`asked ${request.url}`))
    await new Promise<void>((resolve) => server.listen({ path: name(path) }, resolve))
    stage.later(() => server.close())
    const web = listenerAt(join(folder, 'web.sock'), httpChain([everything('a')]))
    const proxy = await stage.proxy([web], [clusterAt(path)])
    const client = (await connect(join(folder, 'web.sock'))).write(GET)
    expect(await client.untilText('asked')).toContain('asked /shop')
    expect(proxy.runtime.clusters[0]!.hosts[0]!.address).toBe(`unix:${path}`)
    expect(proxy.cluster('a').update_failed).toBe(0)
  })

  it('that is not there is told by its path', async () => {
    const path = join(folder, 'nobody.sock')
    const web = join(folder, 'web.sock')
    await stage.proxy([listenerAt(web, httpChain([everything('a')]))], [clusterAt(path)])
    const answer = await (await connect(web)).write(GET).untilText(path)
    expect(answer).toContain(`cannot connect to unix:${path}`)
  })

  it('that cuts a stream short does no harm: a unix socket knows no reset', async () => {
    const path = join(folder, 'host.sock')
    const server = net.createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'))
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    stage.later(() => server.close())
    const web = join(folder, 'web.sock')
    const proxy = await stage.proxy(
      [listenerAt(web, httpChain([everything('a')]))],
      [clusterAt(path)],
    )
    const client = (await connect(web)).write(GET)
    expect(await client.closed).toBe('end')
    await until(() => proxy.listener('web').cx_active === 0)
  })

  it('hands bytes on both ways', async () => {
    const path = join(folder, 'host.sock')
    const server = net.createServer((socket) => socket.pipe(socket))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    stage.later(() => server.close())
    const web = join(folder, 'web.sock')
    await stage.proxy([listenerAt(web, tcpChain('a'))], [clusterAt(path)])
    const bytes = Buffer.alloc(300_000, 'x')
    const client = (await connect(web)).write(bytes)
    await client.until(({ receivedBytes }) => receivedBytes === bytes.length)
  })
})

async function listenOn(path: string): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  stage.later(() => server.close())
}
