import {
  boltChain,
  cluster,
  everyCall,
  HandClock,
  hex,
  listener,
  type RawHost,
  type RawPeer,
  rpcOptions,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../frame.ts'
import { dubboCodec } from '../protocol/dubbo/dubbo.ts'
import { frameBytes, frameOf, requestBytes } from '../protocol/dubbo/harness.ts'
import { callBytes } from '../protocol/thrift/harness.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const RESPONSE = 0x02
const ONEWAY = 0x82
const OK = 20
const NULL_RESULT = hex('92')

function frames(peer: RawPeer): Frame[] {
  const all: Frame[] = []
  for (let at = 0, bytes = peer.received; at < bytes.length; ) {
    const length = dubboCodec.measure(bytes, at, bytes.length)
    if (length <= 0 || at + length > bytes.length) break
    all.push(frameOf(Buffer.from(bytes.subarray(at, at + length))))
    at += length
  }
  return all
}

async function next(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

function idOf({ buf, start }: Frame): string {
  return buf.toString('hex', start + 4, start + 12)
}

function answer(frame: Frame): Buffer {
  return frameBytes(RESPONSE, OK, NULL_RESULT, idOf(frame))
}

async function play(hosts = 1, extra = {}, clock?: HandClock, manager = {}) {
  const all: RawHost[] = []
  for (let i = 0; i < hosts; i++) all.push(await stage.rawHost())
  const ports = all.map(({ port }) => port)
  const options = clock === undefined ? {} : { clock }
  const chain = boltChain([everyCall('shop')], { protocol: 'dubbo', ...manager })
  const proxy = await stage.proxy(
    [listener('rpc', [chain])],
    [cluster('shop', ports, extra)],
    {},
    options,
  )
  return { hosts: all, proxy }
}

/** A call that gives its host a callback. */
function listening(flag = 0xc2): Buffer {
  return requestBytes({
    flag,
    method: 'listen',
    descriptor: 'Lshop/Listener;',
    args: [hex('4e')],
    attachments: { 'sys_callback_arg-0': '7' },
  })
}

/** A client that has given a callback to a host, and the connection over which that calls it. */
async function subscribe(client: RawPeer, hosts: readonly RawHost[]): Promise<RawPeer> {
  const before = hosts.map(({ peers }) => peers.length)
  const answered = frames(client).length
  client.write(listening())
  await until(() => hosts.some(({ peers }, i) => peers.length > before[i]!))
  const { peers } = hosts.find((host, i) => host.peers.length > before[i]!)!
  const own = peers.at(-1)!
  own.write(answer((await next(own, 1))[0]!))
  await next(client, answered + 1)
  return own
}

const called = (peer: RawPeer): Frame[] =>
  frames(peer).filter(({ kind }) => kind === FrameKind.Request || kind === FrameKind.Oneway)

describe('hosts that call a client back', () => {
  it('may use one id at the same time: each gets the answer to its own call', async () => {
    const { hosts, proxy } = await play(2)
    const client = await stage.rawClient(proxy.port('rpc'))
    const one = await subscribe(client, hosts)
    const other = await subscribe(client, hosts)
    expect(other).not.toBe(one)
    const id = 'ffffffff00000005'
    one.write(requestBytes({ id, method: 'one' }))
    other.write(requestBytes({ id, method: 'other' }))
    await client.until((it) => called(it).length === 2)
    const [first, second] = called(client)
    for (const frame of [second!, first!]) client.write(answer(frame))
    for (const host of [one, other]) {
      const got = (await next(host, 2))[1]!
      expect([got.kind, idOf(got)]).toEqual([FrameKind.Response, id])
    }
  })

  it('hear nothing of second answers, and of answers to calls that nobody made', async () => {
    const { hosts, proxy } = await play()
    const client = await stage.rawClient(proxy.port('rpc'))
    const host = await subscribe(client, hosts)
    host.write(requestBytes({ id: '0000000000000009', method: 'tell' }))
    await client.until((it) => called(it).length === 1)
    const [ask] = called(client)
    client.write(answer(ask!)).write(answer(ask!))
    client.write(frameBytes(RESPONSE, OK, NULL_RESULT, '00000000000000ff'))
    host.write(requestBytes({ id: '000000000000000a', method: 'tell' }))
    await client.until((it) => called(it).length === 2)
    client.write(answer(called(client)[1]!))
    const got = await next(host, 3)
    expect(got.slice(1).map(idOf)).toEqual(['0000000000000009', '000000000000000a'])
  })

  it('are not remembered without end where the client answers nothing', async () => {
    const { hosts, proxy } = await play()
    const client = await stage.rawClient(proxy.port('rpc'))
    const host = await subscribe(client, hosts)
    const calls = 1100
    for (let i = 1; i <= calls; i++)
      host.write(requestBytes({ id: i.toString(16).padStart(16, '0'), method: 'tell' }))
    await client.until((it) => called(it).length === calls)
    const all = called(client)
    client.write(answer(all[0]!)).write(answer(all[calls - 1]!))
    const got = (await next(host, 2))[1]!
    expect(idOf(got)).toBe(calls.toString(16).padStart(16, '0'))
  })

  it('are held up by a client that does not read, and go on when it does', async () => {
    const { hosts, proxy } = await play()
    const client = await stage.rawClient(proxy.port('rpc'))
    const host = await subscribe(client, hosts)
    client.socket.pause()
    const args = ['x'.repeat(1 << 20)]
    const descriptor = 'Ljava/lang/String;'
    const calls = 48
    for (let i = 0; i < calls; i++)
      host.write(requestBytes({ flag: ONEWAY, method: 'tell', descriptor, args }))
    const other = await stage.rawClient(proxy.port('rpc'))
    for (let i = 1; i <= 30; i++) {
      other.write(frameBytes(0xe2, 0, hex('4e'), i.toString(16).padStart(16, '0')))
      await next(other, i)
    }
    const { main } = proxy.runtime.listeners[0]!.chains[0]!
    const waiting = [...main.sessions].map(({ connection }) => connection.pendingBytes)
    expect(Math.max(...waiting)).toBeLessThan(4 << 20)
    client.socket.resume()
    await until(() => client.receivedBytes > calls << 20)
  })

  it('use their connection, which is not closed as idle', async () => {
    const clock = new HandClock()
    const idle = { common_http_protocol_options: { idle_timeout: '20s' } }
    const { hosts, proxy } = await play(1, idle, clock)
    const client = await stage.rawClient(proxy.port('rpc'))
    const host = await subscribe(client, hosts)
    for (let i = 1; i <= 4; i++) {
      host.write(requestBytes({ method: 'tell' }))
      await client.until((it) => called(it).length === i)
      clock.turn(15_100)
      await until(() => heartbeats(host) === i)
      host.write(frameBytes(0x22, OK, hex('4e'), idOf(frames(host).at(-1)!)))
    }
    expect(proxy.cluster('shop').cx_idle_timeout).toBe(0)
  })

  it('lose the connection when the client is gone, whatever they called it for', async () => {
    const { hosts, proxy } = await play()
    const client = await stage.rawClient(proxy.port('rpc'))
    const host = await subscribe(client, hosts)
    for (let i = 0; i < 3; i++) host.write(requestBytes({ method: 'tell' }))
    await client.until((it) => called(it).length === 3)
    client.destroy()
    await host.untilEnd()
    host.write(requestBytes({ method: 'late' })).end()
    await until(() => proxy.cluster('shop').cx_active === 0)
    expect(proxy.runtime.clusters[0]!.hosts[0]!.connections).toBe(0)
  })

  it('lose it also when the client was gone before its one-way call came', async () => {
    const typed_config = {
      '@type': 'type.googleapis.com/tulle.filters.v1.Fault',
      delay: { fixed_delay: '0.1s', percentage: { numerator: 100 } },
    }
    const rpc_filters = [{ name: 'delay', typed_config }]
    const { hosts, proxy } = await play(1, {}, undefined, { rpc_filters })
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(listening(ONEWAY))
    await until(() => proxy.listener('rpc').rq_active === 1)
    client.reset()
    const host = await hosts[0]!.next()
    expect((await next(host, 1)).map(({ kind }) => kind)).toEqual([FrameKind.Oneway])
    await host.untilEnd()
    host.end()
    await until(() => proxy.cluster('shop').cx_active === 0)
  })

  it('are not heard by a client that speaks something else', async () => {
    const host = await stage.rawHost()
    const transport_socket = {
      name: 'proxy',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
        config: { version: 'V1' },
        transport_socket: {
          name: 'raw',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
          },
        },
      },
    }
    const echo = {
      name: 'echo',
      parameters: [{ name: 'text', type: 'string' }],
      returns: 'string',
    }
    const services = [{ name: 'shop.Echo', methods: [echo] }]
    const proxy = await stage.proxy(
      [listener('rpc', [boltChain([everyCall('shop')], { protocol: 'thrift' })])],
      [
        cluster('shop', [host.port], {
          transport_socket,
          ...rpcOptions({ protocol: 'dubbo', services }),
        }),
      ],
    )
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(callBytes())
    const peer = await host.next()
    await peer.until((it) => it.text.includes('echo'))
    peer.write(requestBytes({ method: 'callback' }))
    await until(() => proxy.cluster('shop').rq_unknown_answer === 1)
    expect(client.receivedBytes).toBe(0)
  })
})

function heartbeats(peer: RawPeer): number {
  return frames(peer).filter(({ kind }) => kind === FrameKind.Heartbeat).length
}
