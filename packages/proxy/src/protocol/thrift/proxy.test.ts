import { Catalog } from '@tulle/core'
import { boltChain, cluster, hex, listener, type RawPeer, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import type { Frame } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { framesIn } from '../../transcode/codec-harness.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import { bytesOf, callBytes, headed, lengthened, strict } from './harness.ts'
import { thrift, thriftCodec } from './thrift.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const parts = { ...builtins, protocols: new Catalog<Protocol>('protocol', [http2, http1, thrift]) }
const everything = [{ route: { cluster: 'shop' } }]

async function held(routes: unknown = everything, extra = {}, shop = {}) {
  const host = await stage.rawHost()
  const chain = boltChain(routes as typeof everything, { protocol: 'thrift', ...extra })
  const proxy = await stage.proxy(
    [listener('rpc', [chain])],
    [cluster('shop', [host.port], shop)],
    {},
    { parts },
  )
  const client = await stage.rawClient(proxy.port('rpc'))
  return { host, proxy, client }
}

/** The frames that have come to a peer so far. */
function frames(peer: RawPeer): Frame[] {
  return framesIn(thriftCodec, Buffer.from(peer.received))
}

async function nextFrames(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

/** The reply to a call, with a text for a result. */
function replyTo(asked: Frame, text: string): Buffer {
  const body = Buffer.concat([hex('0b 00 00'), lengthened(Buffer.from(text)), hex('00')])
  return lengthened(strict({ name: thriftCodec.method(asked)!, seqId: asked.id, type: 2, body }))
}

const ends = (frame: Frame): string => bytesOf(frame).subarray(-2, -1).toString()

describe('a client in bare bytes', () => {
  it('that gives all its calls one id takes answers in the order of its calls', async () => {
    const { host, client } = await held()
    for (const name of ['a', 'b', 'c']) client.write(callBytes({ name, seqId: 0 }))
    const peers = await Promise.all([host.next(), host.next(), host.next()])
    const asked = await Promise.all(peers.map(async (peer) => (await nextFrames(peer, 1))[0]!))
    const order = peers.map((peer, i) => [peer, asked[i]!] as const)
    for (const [peer, frame] of order.toReversed())
      peer.write(replyTo(frame, thriftCodec.method(frame)!))
    const answers = await nextFrames(client, 3)
    expect(answers.map(ends)).toEqual(['a', 'b', 'c'])
    expect(answers.map(({ id }) => id)).toEqual([0, 0, 0])
  })

  it('has its calls asked one after the other on a connection', async () => {
    const { host, client, proxy } = await held()
    for (const [i, name] of ['a', 'b'].entries()) {
      client.write(callBytes({ name }))
      const peer = host.peers[0] ?? (await host.next())
      const asked = (await nextFrames(peer, i + 1))[i]!
      expect([asked.id, thriftCodec.method(asked)]).toEqual([i + 1, name])
      peer.write(replyTo(asked, 'x'))
      await nextFrames(client, i + 1)
    }
    expect(proxy.cluster('shop').cx_total).toBe(1)
  })

  it('has more calls on a connection where its cluster says that hosts can tell them apart', async () => {
    const options = {
      'tulle.proxy.v1.RpcProtocolOptions': {
        '@type': 'type.googleapis.com/tulle.proxy.v1.RpcProtocolOptions',
        concurrent_calls: 8,
      },
    }
    const { host, client } = await held(
      undefined,
      {},
      { typed_extension_protocol_options: options },
    )
    for (const name of ['a', 'b', 'c']) client.write(callBytes({ name, seqId: 0 }))
    const peer = await host.next()
    const asked = await nextFrames(peer, 3)
    expect(asked.map(({ id }) => id)).toEqual([1, 2, 3])
    for (const frame of asked.toReversed()) peer.write(replyTo(frame, thriftCodec.method(frame)!))
    expect((await nextFrames(client, 3)).map(ends)).toEqual(['a', 'b', 'c'])
  })

  it('gets both of its ids back, the message of which may be another than that of the header', async () => {
    const { host, client } = await held()
    client.write(headed(0x0fff, hex('00 00'), strict({ seqId: -5 }), 0x01020304))
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect([asked!.id, asked!.view]).toEqual([1, 1])
    const said = strict({ seqId: asked!.id, type: 2, body: hex('00') })
    peer.write(headed(0x0fff, hex('00 00'), said, 1))
    const [answer] = await nextFrames(client, 1)
    expect(bytesOf(answer!)).toEqual(
      headed(0x0fff, hex('00 00'), strict({ seqId: -5, type: 2, body: hex('00') }), 0x01020304),
    )
  })

  it('speaks to hosts on connections of its own kind', async () => {
    const { host, client } = await held()
    client.write(callBytes())
    client.write(lengthened(hex('82 21 01 04 6563686f 00')))
    client.write(headed(0x1000, hex('00 00'), strict()))
    const peers = await Promise.all([host.next(), host.next(), host.next()])
    const asked = await Promise.all(peers.map(async (peer) => (await nextFrames(peer, 1))[0]!))
    expect(new Set(asked.map(thriftCodec.poolKey)).size).toBe(3)
  })

  it('is not disturbed by answers for nobody, late ones and calls of the host', async () => {
    const { host, proxy, client } = await held()
    client.write(callBytes({ seqId: 9 }))
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    peer.write(lengthened(strict({ type: 2, seqId: 77 })))
    peer.write(callBytes({ name: 'callback' }))
    peer.write(replyTo(asked!, 'x'))
    peer.write(replyTo(asked!, 'y'))
    await nextFrames(client, 1)
    await until(() => proxy.cluster('shop').rq_unknown_answer === 3)
    expect(frames(client).map((frame) => [frame.id, ends(frame)])).toEqual([[9, 'x']])
  })

  it('of no known service is routed by its method, in the virtual host for all', async () => {
    const refusing = { route: { cluster: 'nobody' } }
    const drop = { match: { method: { exact: 'drop' } }, ...refusing }
    const virtual_hosts = [
      { name: 'stock', domains: ['Stock'], routes: [refusing] },
      { name: 'all', domains: ['*'], routes: [drop, ...everything] },
    ]
    const routes = { name: 'routes', validate_clusters: false, virtual_hosts }
    const { host, client } = await held(routes)
    client.write(callBytes({ name: 'drop', seqId: 5 }))
    client.write(callBytes({ name: 'Stock:echo', seqId: 6 }))
    const refused = await nextFrames(client, 2)
    expect(refused.map((it) => [it.id, thriftCodec.method(it), thriftCodec.status(it)])).toEqual([
      [5, 'drop', 404],
      [6, 'echo', 404],
    ])
    client.write(callBytes())
    expect(await nextFrames(await host.next(), 1)).toHaveLength(1)
  })

  it('that waits as long as its TTHeader says is told so in time', async () => {
    const { host, client } = await held()
    client.write(headed(0x1000, hex('00 00 10 00 01 00 0c 00 02 3530'), strict({ seqId: 8 })))
    const peer = await host.next()
    await nextFrames(peer, 1)
    const [answer] = await nextFrames(client, 1)
    expect([answer!.id, answer!.view]).toEqual([8, 1])
    expect(bytesOf(answer!).toString()).toMatch(/hop: upstream: /)
  })

  it('has headers changed both ways where its transport has some, and goes without where not', async () => {
    const changes = { request: { set: { edge: 'yes' } }, response: { set: { via: 'tulle' } } }
    const type = 'type.googleapis.com/tulle.filters.v1.Headers'
    const filter = { name: 'headers', typed_config: { '@type': type, ...changes } }
    const { host, client } = await held(undefined, { rpc_filters: [filter] })
    client.write(headed(0x1000, hex('00 00'), strict()))
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(thriftCodec.header(asked!, 'edge')).toBe('yes')
    peer.write(headed(0x1000, hex('00 00'), strict({ seqId: 1, type: 2, body: hex('00') })))
    const [answer] = await nextFrames(client, 1)
    expect(thriftCodec.header(answer!, 'via')).toBe('tulle')
    client.write(callBytes())
    const [plain] = await nextFrames(await host.next(), 1)
    expect(thriftCodec.header(plain!, 'edge')).toBeUndefined()
  })

  it.each([
    ['bytes that are no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a name longer than its frame', callBytes().fill(0x7f, 10, 12)],
    ['a compressed message', headed(0x0fff, hex('00 01 01'), hex('789c 0300 0000 0001'))],
  ])('is closed after %s', async (_name, bytes) => {
    const { proxy, client } = await held()
    client.write(bytes)
    await client.untilEnd()
    expect(proxy.listener('rpc').cx_protocol_error).toBe(1)
  })

  it('is told that its frame is too large, under its own id, before the body comes', async () => {
    const { client } = await held(undefined, { max_frame_bytes: 4096 })
    client.write(callBytes({ seqId: 0x1234, body: Buffer.alloc(10_000) }).subarray(0, 40))
    const [answer] = await nextFrames(client, 1)
    expect(answer!.id).toBe(0x1234)
    expect(bytesOf(answer!).toString('latin1')).toContain('max_frame_bytes')
    await client.untilEnd()
  })

  it('of a hostile body is forwarded where no rule needs to know it', async () => {
    const { host, client } = await held()
    const bombs = [
      Buffer.alloc(100_000, hex('0c 00 01')),
      hex('0f 00 01 0c 7f ff ff ff'),
      hex('0b 00 01 ff ff ff ff'),
    ]
    for (const [i, body] of bombs.entries()) {
      client.write(callBytes({ body, seqId: i + 50 }))
      const peer = await host.next()
      const [asked] = await nextFrames(peer, 1)
      expect(bytesOf(asked!).subarray(-body.length)).toEqual(body)
    }
  })
})
