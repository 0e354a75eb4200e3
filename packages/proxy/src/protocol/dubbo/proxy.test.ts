import { createRequire } from 'node:module'
import type { Server } from 'node:net'
import { Catalog } from '@tulle/core'
import {
  boltChain,
  bootstrap,
  cluster,
  hex,
  listener,
  type RawPeer,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { framesIn } from '../../transcode/codec-harness.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import { dubbo, dubboCodec } from './dubbo.ts'
import { type Call, frameBytes, requestBytes, value } from './harness.ts'

const foreign = createRequire(import.meta.url)
const stage = new Stage()
afterEach(() => stage.clear())

const protocols = new Catalog<Protocol>('protocol', [http2, http1, dubbo])
const parts = { ...builtins, protocols }

type Manager = Readonly<Record<string, unknown>>
const everything: Manager[] = [{ route: { cluster: 'shop' } }]

/** A proxy that speaks Dubbo before hosts at these ports. */
async function proxyTo(
  ports: readonly number[],
  routes: Manager | Manager[] = everything,
  extra = {},
) {
  const chain = boltChain(routes, { protocol: 'dubbo', ...extra })
  const clusters = ports.map((port, i) => cluster(i === 0 ? 'shop' : `shop${i}`, [port]))
  return stage.proxy([listener('rpc', [chain])], clusters, {}, { parts })
}

/** The frames that have come to a peer so far. */
function frames(peer: RawPeer): Frame[] {
  return framesIn(dubboCodec, Buffer.from(peer.received))
}

async function nextFrames(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

function idOf({ buf, start }: Frame): string {
  return buf.toString('hex', start + 4, start + 12)
}

/** What the npm packages `sofa-rpc-node` and `dubbo2.js` are used for here; they have no types. */
interface Sofa {
  readonly server: {
    readonly RpcServer: new (
      options: object,
    ) => {
      readonly _servers: readonly Server[]
      addService(info: object, methods: object): void
      start(): Promise<void>
      close(): Promise<void>
    }
  }
  readonly client: { readonly RpcClient: new (options: object) => SofaClient }
}
interface SofaClient {
  createConsumer(init: object): Consumer
  close(): Promise<void>
}
interface Consumer {
  ready(): Promise<void>
  invoke(method: string, args: readonly unknown[], options?: object): Promise<unknown>
}
interface Direct {
  proxyService(init: object): Record<string, (...args: unknown[]) => Promise<Said>>
  readonly _socketWorker: {
    _retry: number
    _heartBeatTimer: NodeJS.Timeout
    readonly _socket: { destroy(): void }
  }
}
interface Said {
  readonly res: unknown
  readonly err: Error | null
}
const sofa = foreign('sofa-rpc-node') as Sofa
const protocol = foreign('dubbo-remoting') as object
const { DirectlyDubbo, java } = foreign('dubbo2.js') as {
  DirectlyDubbo: { from(options: object): Direct }
  java: { String(text: string): object; int(number: number): object }
}
const logger = { debug() {}, info() {}, warn() {}, error() {} }

const methods = {
  hello: async (name: string) => `hello ${name}`,
  plus: async (a: number, b: number) => a + b,
  large: async (text: string) => text,
  fail: async () => {
    throw new Error('out of apples')
  },
}

async function provider(service = 'shop.Basket'): Promise<number> {
  const server = new sofa.server.RpcServer({
    logger,
    protocol,
    port: { host: '127.0.0.1', port: 0 },
  })
  server.addService({ interfaceName: service, version: '1.0' }, methods)
  await server.start()
  stage.later(() => server.close())
  return (server._servers[0]!.address() as { port: number }).port
}

async function consumer(port: number, service = 'shop.Basket'): Promise<Consumer> {
  // Given as `protocol`, it would become that of every other client in this process too.
  const connectionOpts = { protocol, noDelay: true, connectTimeout: 3000 }
  const client = new sofa.client.RpcClient({ logger, connectionOpts })
  const one = client.createConsumer({
    interfaceName: service,
    version: '1.0',
    serverHost: `dubbo://127.0.0.1:${port}`,
  })
  await one.ready()
  stage.later(() => client.close())
  return one
}

function direct(port: number, extra = {}): Record<string, (...args: unknown[]) => Promise<Said>> {
  const client = DirectlyDubbo.from({
    dubboAddress: `127.0.0.1:${port}`,
    dubboVersion: '2.0.2',
    dubboInvokeTimeout: 10,
  })
  stage.later(() => {
    const worker = client._socketWorker
    worker._retry = 0
    clearInterval(worker._heartBeatTimer)
    worker._socket.destroy()
  })
  return client.proxyService({
    dubboInterface: 'shop.Basket',
    version: '1.0',
    methods: {
      hello: (name: string) => [java.String(name)],
      plus: (a: number, b: number) => [java.int(a), java.int(b)],
      fail: () => [],
    },
    ...extra,
  })
}

describe('sofa-rpc-node with dubbo-remoting', () => {
  it('calls a provider of its own through the proxy, over one connection', async () => {
    const proxy = await proxyTo([await provider()])
    const consumers = await Promise.all([consumer(proxy.port('rpc')), consumer(proxy.port('rpc'))])
    const sums = Array.from({ length: 100 }, (_, i) => consumers[i % 2]!.invoke('plus', [i, 1]))
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(proxy.cluster('shop')).toMatchObject({ rq_2xx: 100, cx_total: 1 })
  })

  it('hears what its provider has to say against a call, and what the proxy has', async () => {
    const proxy = await proxyTo([await provider()], {
      name: 'routes',
      virtual_hosts: [
        {
          name: 'basket',
          domains: ['shop.Basket:1.0', 'SOFA/shop.Basket:1.0'],
          routes: everything,
        },
      ],
    })
    const basket = await consumer(proxy.port('rpc'))
    await expect(basket.invoke('fail', [])).rejects.toThrow('out of apples')
    const nobody = await consumer(proxy.port('rpc'), 'shop.Nobody')
    await expect(nobody.invoke('plus', [1, 2])).rejects.toThrow(/hop: .*route/)
  })

  it('sends and gets a megabyte', async () => {
    const proxy = await proxyTo([await provider()])
    const text = 'apples und Äpfel '.repeat(65_536)
    expect(await (await consumer(proxy.port('rpc'))).invoke('large', [text])).toBe(text)
  })
})

describe('dubbo2.js', () => {
  it('calls a provider through the proxy', async () => {
    const proxy = await proxyTo([await provider()])
    const basket = direct(proxy.port('rpc'), { timeout: 3000 })
    const said = await Promise.all(Array.from({ length: 50 }, (_, i) => basket.hello!(`node ${i}`)))
    expect(said.map(({ res }) => res)).toEqual(said.map((_, i) => `hello node ${i}`))
    expect((await basket.plus!(1, 2)).res).toBe(3)
    expect((await basket.fail!()).err!.message).toContain('out of apples')
  })

  it('hears that a host is not there', async () => {
    const host = await stage.rawHost()
    const { port } = host
    await host.close()
    const proxy = await proxyTo([port])
    const { err } = await direct(proxy.port('rpc')).hello!('node')
    expect(err!.message).toMatch(/hop: upstream: /)
  })
})

describe('a client in bare bytes', () => {
  async function held(routes?: Manager | Manager[], extra = {}) {
    const host = await stage.rawHost()
    const proxy = await proxyTo([host.port], routes, extra)
    const client = await stage.rawClient(proxy.port('rpc'))
    const ask = (call: Call): RawPeer => client.write(requestBytes(call))
    return { host, proxy, client, ask }
  }

  it('gets its own ids back, all 64 bits, while the host sees small ones', async () => {
    const { host, client, ask } = await held()
    const ids = ['ffffffffffffffff', '8000000000000001', '0000000000000000', '7ff0000000000001']
    for (const id of ids) ask({ id })
    const peer = await host.next()
    const asked = await nextFrames(peer, ids.length)
    expect(asked.map(idOf)).toEqual([1, 2, 3, 4].map((id) => id.toString(16).padStart(16, '0')))
    for (const frame of asked.toReversed()) peer.write(frameBytes(2, 20, hex('92'), idOf(frame)))
    const answers = await nextFrames(client, ids.length)
    expect(answers.map(idOf)).toEqual(ids.toReversed())
  })

  it('that makes ids alike in their low halves gets each answer under its own', async () => {
    const { host, client, ask } = await held()
    ask({ id: '0000000100000005', method: 'one' })
    ask({ id: 'ffffffff00000005', method: 'two' })
    const peer = await host.next()
    for (const frame of await nextFrames(peer, 2))
      peer.write(
        frameBytes(
          2,
          20,
          Buffer.concat([hex('91'), value(frame.protocol.method(frame))]),
          idOf(frame),
        ),
      )
    const answers = await nextFrames(client, 2)
    expect(answers.map((it) => [idOf(it), it.buf.toString('latin1', it.start + 18)])).toEqual([
      ['0000000100000005', 'one'],
      ['ffffffff00000005', 'two'],
    ])
  })

  it('is not disturbed by answers for nobody, late ones and requests of the host', async () => {
    const { host, proxy, client, ask } = await held()
    ask({ id: '0000000000000009' })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    peer.write(frameBytes(2, 20, hex('92'), '0000000000000063'))
    peer.write(frameBytes(2, 20, hex('92'), `00000001${idOf(asked!).slice(8)}`))
    peer.write(requestBytes({ method: 'callback' }))
    peer.write(frameBytes(2, 20, hex('92'), idOf(asked!)))
    peer.write(frameBytes(2, 20, hex('92'), idOf(asked!)))
    await nextFrames(client, 1)
    await until(() => proxy.cluster('shop').rq_unknown_answer === 4)
    expect(frames(client).map(idOf)).toEqual(['0000000000000009'])
  })

  it('that gives a callback has a connection to the host of its own, and is called there', async () => {
    const { host, proxy, ask } = await held()
    ask({ id: '0000000000000001' })
    const shared = await host.next()
    const listening = await stage.rawClient(proxy.port('rpc'))
    const attachments = { 'sys_callback_arg-0': '7' }
    const call = { method: 'listen', descriptor: 'Lshop/Listener;', args: [hex('4e')], attachments }
    listening.write(requestBytes({ id: '8000000000000001', ...call }))
    const own = await host.next()
    const [asked] = await nextFrames(own, 1)
    own.write(frameBytes(2, 20, hex('92'), idOf(asked!)))
    expect((await nextFrames(listening, 1)).map(idOf)).toEqual(['8000000000000001'])

    // The host calls, by an id with which the client has nothing to do.
    const id = 'ffffffffffff0005'
    own.write(requestBytes({ id, service: 'shop.Listener.7', method: 'changed' }))
    const called = (await nextFrames(listening, 2))[1]!
    expect(called.kind).toBe(FrameKind.Request)
    expect(called.protocol.method(called)).toBe('changed')
    listening.write(frameBytes(2, 20, hex('91 91'), idOf(called)))
    const answer = (await nextFrames(own, 2))[1]!
    expect([answer.kind, idOf(answer)]).toEqual([FrameKind.Response, id])
    expect(shared.received).toHaveLength(requestBytes().length)
  })

  it('hears nothing of one-way requests, and nothing waits for them', async () => {
    const { host, proxy, ask } = await held()
    for (let i = 0; i < 20; i++) ask({ flag: 0x82, method: `tell${i}` })
    const peer = await host.next()
    const told = await nextFrames(peer, 20)
    expect(told.map((frame) => frame.protocol.method(frame))).toEqual(
      Array.from({ length: 20 }, (_, i) => `tell${i}`),
    )
    expect(proxy.listener('rpc')).toMatchObject({ rq_oneway: 20, rq_active: 0 })
  })

  it('gets heartbeats answered here, and none of its one-way events', async () => {
    const { host, client } = await held()
    client.write(frameBytes(0xa2, 0, hex('4e'), '0000000000000001'))
    client.write(frameBytes(0xa2, 0, hex('01 52'), '0000000000000002'))
    client.write(frameBytes(0xe2, 0, hex('4e'), 'fffffffffffffff0'))
    client.write(frameBytes(0xf7, 0, hex('00 00 00 01 af'), '0000000000000003'))
    const answers = await nextFrames(client, 2)
    expect(answers.map(({ buf }) => buf)).toEqual([
      frameBytes(0x22, 20, hex('4e'), 'fffffffffffffff0'),
      frameBytes(0x37, 20, hex('00 00 00 01 af'), '0000000000000003'),
    ])
    expect(host.peers).toHaveLength(0)
  })

  it('is served on another connection once a host has said that it is read-only', async () => {
    const { host, client, ask } = await held()
    ask({ id: '0000000000000001' })
    const first = await host.next()
    const [asked] = await nextFrames(first, 1)
    first.write(frameBytes(0xe2, 0, hex('4e'), '0000000000000005'))
    first.write(frameBytes(0xa2, 0, hex('01 52')))
    // The answer to the heartbeat before it tells that the event has been read too, or will be before anything else.
    await nextFrames(first, 2)
    ask({ id: '0000000000000002' })
    const second = await host.next()
    for (const [peer, frame] of [
      [first, asked!],
      [second, (await nextFrames(second, 1))[0]!],
    ] as const)
      peer.write(frameBytes(2, 20, hex('92'), idOf(frame)))
    const answers = await nextFrames(client, 2)
    expect(answers.map(idOf).sort()).toEqual(['0000000000000001', '0000000000000002'])
    await first.untilEnd()
  })

  it('is told by a read-only event when the proxy drains', async () => {
    const { host, proxy, client, ask } = await held(undefined, { go_away: true })
    ask({ id: '0000000000000001' })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    await proxy.apply(bootstrap([], [cluster('shop', [host.port])]))
    const [away] = await nextFrames(client, 1)
    expect(away!.buf.toString('hex', 2, 3)).toBe('a2')
    peer.write(frameBytes(2, 20, hex('92'), idOf(asked!)))
    expect((await nextFrames(client, 2)).map(({ kind }) => kind)).toEqual([
      FrameKind.GoAway,
      FrameKind.Response,
    ])
  })

  it('of another serialisation is forwarded as it is, by rules that ask for nothing', async () => {
    const named = await stage.rawHost()
    const virtual_hosts = [
      { name: 'basket', domains: ['shop.Basket:1.0'], routes: [{ route: { cluster: 'shop1' } }] },
      { name: 'rest', domains: ['*'], routes: everything },
    ]
    const host = await stage.rawHost()
    const proxy = await proxyTo([host.port, named.port], { name: 'routes', virtual_hosts })
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(frameBytes(0xc8, 0, hex('01 02 03'), '0000000000000007'))
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(asked!.buf.subarray(16)).toEqual(hex('01 02 03'))
    peer.write(frameBytes(0x08, 20, hex('ff fe'), idOf(asked!)))
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf).toEqual(frameBytes(0x08, 20, hex('ff fe'), '0000000000000007'))
    client.write(requestBytes())
    expect((await nextFrames(await named.next(), 1)).map(dubboCodec.service)).toEqual([
      'shop.Basket:1.0',
    ])
  })

  it('of another serialisation is refused at once, though in words it may not read', async () => {
    const { client, ask } = await held({
      name: 'routes',
      virtual_hosts: [{ name: 'basket', domains: ['shop.*'], routes: everything }],
    })
    ask({ flag: 0xd6, id: '0000000000000007' })
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf).toEqual(frameBytes(0x16, 60, hex(''), '0000000000000007'))
  })

  it('is routed by the method that a generic call names', async () => {
    const routes = [
      { match: { method: { exact: 'drop' } }, route: { cluster: 'nobody' } },
      ...everything,
    ]
    const { host, client, ask } = await held({
      name: 'routes',
      validate_clusters: false,
      virtual_hosts: [{ name: 'all', domains: ['*'], routes }],
    })
    const generic = {
      method: '$invoke',
      descriptor: 'Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/Object;',
    }
    ask({ ...generic, args: ['drop', [], []] })
    const [refused] = await nextFrames(client, 1)
    expect(refused!.buf[3]).toBe(60)
    ask({ ...generic, args: ['put', [], []] })
    expect(await nextFrames(await host.next(), 1)).toHaveLength(1)
  })

  it('that waits as long as its attachment says is told so in time', async () => {
    const { host, client, ask } = await held()
    ask({ attachments: { timeout: '50' } })
    await host.next()
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf[3]).toBe(31)
    expect(answer!.buf.toString('latin1')).toMatch(/hop: upstream: /)
  })

  it('has its attachments changed both ways; errors pass as they are', async () => {
    const changes = {
      request: { remove: ['debug'], set: { edge: 'yes' } },
      response: { set: { via: 'tulle' } },
    }
    const type = 'type.googleapis.com/tulle.filters.v1.Headers'
    const filter = { name: 'headers', typed_config: { '@type': type, ...changes } }
    const { host, client, ask } = await held(undefined, { rpc_filters: [filter] })
    ask({ attachments: { debug: '1', kept: '2' } })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(asked!.buf.subarray(16)).toEqual(
      requestBytes({ attachments: { kept: '2', edge: 'yes' } }).subarray(16),
    )
    peer.write(frameBytes(2, 20, hex('91 92'), idOf(asked!)))
    const [answer] = await nextFrames(client, 1)
    expect([dubboCodec.header(answer!, 'via'), answer!.buf[16]]).toEqual(['tulle', 0x94])
    ask({})
    const [, again] = await nextFrames(peer, 2)
    peer.write(frameBytes(2, 70, value('no apples'), idOf(again!)))
    const [, failed] = await nextFrames(client, 2)
    expect(failed!.buf.subarray(16)).toEqual(value('no apples'))
    ask({ attachments: hex('78') })
    const [, , refused] = await nextFrames(client, 3)
    expect(refused!.buf.toString('latin1')).toContain('do not fit a dubbo frame')
  })

  it.each([
    ['bytes that are no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a negative length', hex('da bb c2 00 00 00 00 00 00 00 00 01 ff ff ff f0')],
  ])('is closed after %s', async (_name, bytes) => {
    const { proxy, client } = await held()
    client.write(bytes)
    await client.untilEnd()
    expect(proxy.listener('rpc').cx_protocol_error).toBe(1)
  })

  it('is told that its frame is too large, under its own id, before the body comes', async () => {
    const { client } = await held(undefined, { max_frame_bytes: 4096 })
    const bytes = requestBytes({
      id: 'deadbeefcafebabe',
      descriptor: 'Ljava/lang/String;',
      args: ['x'.repeat(10_000)],
    })
    client.write(bytes.subarray(0, 20))
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf.toString('hex', 2, 12)).toBe('0228deadbeefcafebabe')
    await client.untilEnd()
  })

  it('of a hostile body is forwarded where no rule needs to know it', async () => {
    const { host, client, ask } = await held()
    const bombs = [
      { descriptor: 'I', args: [Buffer.alloc(100_000, 0x57)] },
      { descriptor: 'I', args: [hex('58 49 7f ff ff ff')] },
      { attachments: hex('78') },
    ]
    for (const bomb of bombs) ask(bomb)
    const peer = await host.next()
    const asked = await nextFrames(peer, 3)
    for (const [i, frame] of asked.entries())
      expect(frame.buf.subarray(16)).toEqual(requestBytes(bombs[i]!).subarray(16))
    for (const frame of asked) peer.write(frameBytes(2, 20, hex('92'), idOf(frame)))
    await nextFrames(client, 3)
  })
})
