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
import { answerPacket, packetBytes, requestPacket } from './harness.ts'
import type { RequestPacket } from './packet.ts'
import { tars, tarsCodec } from './tars.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const parts = { ...builtins, protocols: new Catalog<Protocol>('protocol', [http2, http1, tars]) }
const everything = [{ route: { cluster: 'stock' } }]

/** The frames that have come to a peer so far. */
function frames(peer: RawPeer): Frame[] {
  return framesIn(tarsCodec, Buffer.from(peer.received))
}

async function nextFrames(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

const ids = (all: readonly Frame[]): number[] => all.map(({ id }) => id)

/** A client and a host in bare bytes, the proxy between them. */
async function between(routes: object = everything, extra: object = {}, health: object = {}) {
  const host = await stage.rawHost()
  const chain = boltChain(routes as never, { protocol: 'tars', ...extra })
  const stock = cluster('stock', [host.port], health as never)
  const proxy = await stage.proxy([listener('rpc', [chain])], [stock], {}, { parts })
  const client = await stage.rawClient(proxy.port('rpc'))
  const ask = (packet: Partial<RequestPacket> = {}): RawPeer => client.write(requestPacket(packet))
  return { host, proxy, client, ask }
}

/** The shortest answer a host can give. */
function shortAnswer(id: number): Buffer {
  return packetBytes(1, `2c 30 ${id.toString(16).padStart(2, '0')} 4c 5c 6d 00 0c 78 0c`)
}

describe('a client in bare bytes', () => {
  it('gets its own ids back, however wide it and its host write them', async () => {
    const { host, client, ask } = await between()
    const own = [-1, 0, 5, 300, 70_000, 0x7fffffff, -0x80000000]
    for (const id of own) ask({ id })
    client.write(packetBytes(1, '2c 3c 40 07 56 01 61 66 01 62 7d 00 0c 8c 98 0c a8 0c'))
    client.write(packetBytes(1, '2c 3c 4c 56 01 61 66 01 62 7d 00 0c 8c 98 0c a8 0c'))
    const peer = await host.next()
    const asked = await nextFrames(peer, 9)
    expect(ids(asked)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const { id } of asked.toReversed()) peer.write(shortAnswer(id))
    expect(ids(await nextFrames(client, 9))).toEqual([...own, 7, 0].toReversed())
  })

  it('sends on what it sent, but for the id', async () => {
    const { host, client } = await between()
    const body =
      '56 01 61 66 01 62 7d 00 02 00 00 00 03 01 02 03 81 0b b8 98 0c a8 0c f2 20 00 00 00 09'
    client.write(packetBytes(1, `2c 30 04 41 12 34 ${body}`))
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(asked!.buf).toEqual(packetBytes(1, `2c 30 04 42 00 00 00 01 ${body}`))
    peer.write(packetBytes(1, '2c 31 00 01 40 04 5c 6d 00 00 01 0c 78 0c'))
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf).toEqual(packetBytes(1, '2c 32 00 00 12 34 40 04 5c 6d 00 00 01 0c 78 0c'))
  })

  it('is not disturbed by answers for nobody, pushes and late answers', async () => {
    const { host, proxy, client, ask } = await between()
    ask({ id: 9 })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    peer.write(answerPacket({ id: 99 }))
    peer.write(answerPacket({ id: 0, description: 'news' }))
    peer.write(answerPacket({ id: -1 }))
    peer.write(requestPacket({ id: 1 }))
    peer.write(answerPacket({ id: asked!.id }))
    peer.write(answerPacket({ id: asked!.id }))
    await nextFrames(client, 1)
    await until(() => proxy.cluster('stock').rq_unknown_answer === 5)
    expect(ids(frames(client))).toEqual([9])
  })

  it('gets answers of TUP that say nothing of success, as C++ hosts write them', async () => {
    const { host, client, ask } = await between()
    ask({ version: 3, id: 9 })
    ask({ version: 3, id: 10, oneway: true })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    peer.write(requestPacket({ version: 3, id: asked!.id, context: [['via', 'cpp']] }))
    const [answer] = await nextFrames(client, 1)
    expect(answer!.buf).toEqual(requestPacket({ version: 3, id: 9, context: [['via', 'cpp']] }))
  })

  it('hears nothing of one-way requests, and nothing waits for them', async () => {
    const { host, proxy, ask } = await between()
    for (let i = 0; i < 20; i++) ask({ oneway: true, method: `tell${i}` })
    const told = await nextFrames(await host.next(), 20)
    expect(told.map((frame) => tarsCodec.method(frame))).toEqual(told.map((_, i) => `tell${i}`))
    expect(proxy.listener('rpc')).toMatchObject({ rq_oneway: 20, rq_active: 0 })
  })

  it('is served on another connection once a host has asked for that', async () => {
    const { host, client, ask } = await between()
    ask({ id: 1 })
    const first = await host.next()
    const [asked] = await nextFrames(first, 1)
    first.write(answerPacket({ id: 0, description: '_reconnect_' }))
    first.write(answerPacket({ id: asked!.id }))
    await nextFrames(client, 1)
    await first.untilEnd()
    ask({ id: 2 })
    const second = await host.next()
    const [again] = await nextFrames(second, 1)
    second.write(answerPacket({ id: again!.id }))
    expect(ids(await nextFrames(client, 2))).toEqual([1, 2])
  })

  it('is asked to make another connection when the proxy drains', async () => {
    const { host, proxy, client, ask } = await between(everything, { go_away: true })
    ask({ id: 1 })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    await proxy.apply(bootstrap([], [cluster('stock', [host.port])]))
    const [away] = await nextFrames(client, 1)
    expect(away!.kind).toBe(FrameKind.GoAway)
    peer.write(answerPacket({ id: asked!.id }))
    expect(ids(await nextFrames(client, 2))).toEqual([0, 1])
  })

  it('that waits as long as it says is told so in time', async () => {
    const { host, client, ask } = await between()
    ask({ id: 7, timeoutMs: 50 })
    await host.next()
    const [answer] = await nextFrames(client, 1)
    expect([answer!.id, tarsCodec.status(answer!)]).toEqual([7, 504])
    expect(answer!.buf.toString('latin1')).toMatch(/hop: upstream: /)
  })

  it('has its context changed both ways; errors have none that does not fit', async () => {
    const changes = {
      request: { remove: ['debug'], set: { edge: 'yes' } },
      response: { set: { via: 'tulle' } },
    }
    const type = 'type.googleapis.com/tulle.filters.v1.Headers'
    const filter = { name: 'headers', typed_config: { '@type': type, ...changes } }
    const { host, client, ask } = await between(everything, { rpc_filters: [filter] })
    ask({
      context: [
        ['debug', '1'],
        ['kept', '2'],
      ],
      status: [['debug', '3']],
    })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    const context: [string, string][] = [
      ['kept', '2'],
      ['edge', 'yes'],
    ]
    expect(asked!.buf).toEqual(requestPacket({ id: 1, context }))
    peer.write(shortAnswer(asked!.id))
    const [answer] = await nextFrames(client, 1)
    expect(tarsCodec.header(answer!, 'via')).toBe('tulle')
    ask({ id: 2 })
    const [, again] = await nextFrames(peer, 2)
    peer.write(packetBytes(1, `2c 30 0${again!.id} 4c 50 11 6d 00 0c 78 00 07`))
    const [, failed] = await nextFrames(client, 2)
    expect([failed!.id, failed!.buf.toString('hex')]).toEqual([
      2,
      expect.stringMatching(/4c50116d000c780007$/),
    ])
  })

  it.each([
    ['bytes that are no packet', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a negative length', hex('ff ff ff f0 10 01 2c 3c')],
    ['fields out of order', packetBytes(1, '2c 4c 3c 56 00')],
  ])('is closed after %s', async (_name, bytes) => {
    const { proxy, client } = await between()
    client.write(bytes)
    await client.untilEnd()
    expect(proxy.listener('rpc').cx_protocol_error).toBe(1)
  })

  it('is told that its packet is too large, under its own id, before the rest comes', async () => {
    const { client } = await between(everything, { max_frame_bytes: 4096 })
    const bytes = requestPacket({ id: 0x01020304, bytes: Buffer.alloc(10_000) })
    client.write(bytes.subarray(0, 20))
    const [answer] = await nextFrames(client, 1)
    expect([answer!.id, tarsCodec.status(answer!)]).toEqual([0x01020304, 400])
    await client.untilEnd()
  })

  it('of hostile fields is forwarded where no rule needs to know them', async () => {
    const { host, client } = await between()
    const bombs = [`${'7a '.repeat(100_000)}`, '79 02 7f ff ff ff', '98 02 7f ff ff ff']
    for (const bomb of bombs)
      client.write(packetBytes(1, `2c 3c 42 00 00 00 01 56 01 61 66 01 62 ${bomb}`))
    const peer = await host.next()
    const asked = await nextFrames(peer, 3)
    for (const { id } of asked) peer.write(shortAnswer(id))
    await nextFrames(client, 3)
  })

  it('gets an answer that breaks the protocol as its own fault of the host', async () => {
    const { host, proxy, client, ask } = await between()
    ask({ id: 3 })
    const peer = await host.next()
    await nextFrames(peer, 1)
    peer.write(packetBytes(1, '2c 4c 3c 5c 6d 00 0c'))
    const [answer] = await nextFrames(client, 1)
    expect([answer!.id, tarsCodec.status(answer!)]).toEqual([3, 502])
    expect(proxy.cluster('stock').cx_protocol_error).toBe(1)
  })
})

describe('a host', () => {
  it('is well while it takes connections: Tars has no heartbeat of its own', async () => {
    const typed_config = {
      '@type': 'type.googleapis.com/tulle.proxy.v1.HeartbeatHealthCheck',
      protocol: 'tars',
    }
    const check = {
      timeout: '1s',
      interval: '0.05s',
      unhealthy_threshold: 1,
      healthy_threshold: 1,
      custom_health_check: { name: 'heartbeat', typed_config },
    }
    const { host, proxy } = await between(everything, {}, { health_checks: [check] })
    const stats = proxy.cluster('stock')
    await until(() => stats.health_check_total > 2)
    expect([stats.health_check_failed, stats.hosts_healthy]).toEqual([0, 1])
    expect(host.peers.length).toBeGreaterThan(1)
  })
})
