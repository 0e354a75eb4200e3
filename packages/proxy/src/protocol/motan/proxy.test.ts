import { Catalog } from '@tulle/core'
import {
  boltChain,
  bootstrap,
  cluster,
  hex,
  listener,
  type RawPeer,
  readVectors,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { framesIn } from '../../transcode/codec-harness.ts'
import { dubbo } from '../dubbo/dubbo.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import { type Call, frameBytes, frameOf, metadataOf, requestBytes } from './harness.ts'
import { motan, motanCodec } from './motan.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)
const stage = new Stage()
afterEach(() => stage.clear())

const protocols = new Catalog<Protocol>('protocol', [http2, http1, dubbo, motan])
const parts = { ...builtins, protocols }

type Part = Readonly<Record<string, unknown>>
const everything: Part[] = [{ route: { cluster: 'shop' } }]

/** A proxy that speaks Motan before a host in bare bytes, and a client of the same kind. */
async function held(routes: Part | Part[] = everything, extra: Part = {}) {
  const host = await stage.rawHost()
  const chain = boltChain(routes, { protocol: 'motan', ...extra })
  const clusters = [cluster('shop', [host.port])]
  const proxy = await stage.proxy([listener('rpc', [chain])], clusters, {}, { parts })
  const client = await stage.rawClient(proxy.port('rpc'))
  const ask = (call: Call): RawPeer => client.write(requestBytes(call))
  return { host, proxy, client, ask }
}

/** The frames that have come to a peer so far. */
function frames(peer: RawPeer): Frame[] {
  return framesIn(motanCodec, Buffer.from(peer.received))
}

async function nextFrames(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

function idOf({ buf }: Frame): string {
  const at = buf[3]! >> 3 === 1 ? 5 : 4
  return buf.toString('hex', at, at + 8)
}

const answer = (asked: Frame, metadata = 'M_pt\n1', body = hex('00')): Buffer =>
  frameBytes(1, 0, metadata, body, idOf(asked))

/** A Motan1 frame of the vectors under another id. */
function withId(name: string, id: string): Buffer {
  const bytes = vector(name)
  bytes.write(id, 4, 'hex')
  bytes.write(id, 20, 'hex')
  return bytes
}

describe('a client', () => {
  it('gets its own ids back, all 64 bits, while the host sees small ones', async () => {
    const { host, client, ask } = await held()
    const ids = ['ffffffffffffffff', '8000000000000001', '0000000000000000', '7ff0000000000001']
    for (const id of ids) ask({ id })
    const peer = await host.next()
    const asked = await nextFrames(peer, ids.length)
    expect(asked.map(idOf)).toEqual([1, 2, 3, 4].map((id) => id.toString(16).padStart(16, '0')))
    for (const frame of asked.toReversed()) peer.write(answer(frame))
    expect((await nextFrames(client, ids.length)).map(idOf)).toEqual(ids.toReversed())
  })

  it('shares the connection to the host with others, each answered under its own id', async () => {
    const { host, proxy, ask } = await held()
    const other = await stage.rawClient(proxy.port('rpc'))
    ask({ id: '0000000000000007', metadata: { M_p: 'a', M_m: 'one' } })
    const peer = await host.next()
    await nextFrames(peer, 1)
    other.write(requestBytes({ id: '0000000000000007', metadata: { M_p: 'a', M_m: 'two' } }))
    for (const frame of (await nextFrames(peer, 2)).toReversed())
      peer.write(answer(frame, `said\n${motanCodec.method(frame)}`))
    const [heard] = await nextFrames(other, 1)
    expect([idOf(heard!), heard!.header('said')]).toEqual(['0000000000000007', 'two'])
    expect(host.peers).toHaveLength(1)
  })

  it('is not disturbed by answers for nobody, late ones and requests of the host', async () => {
    const { host, proxy, client, ask } = await held()
    ask({ id: '0000000000000009' })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    peer.write(frameBytes(1, 0, '', null, '0000000000000063'))
    peer.write(frameBytes(1, 0, '', null, `00000001${idOf(asked!).slice(8)}`))
    peer.write(requestBytes())
    peer.write(answer(asked!))
    peer.write(answer(asked!))
    await nextFrames(client, 1)
    await until(() => proxy.cluster('shop').rq_unknown_answer === 4)
    expect(frames(client).map(idOf)).toEqual(['0000000000000009'])
  })

  it('hears nothing of one-way requests, though hosts answer them', async () => {
    const { host, proxy, client, ask } = await held()
    for (let i = 0; i < 20; i++) ask({ type: 4, metadata: { M_p: 'a', M_m: `tell${i}` } })
    const peer = await host.next()
    const told = await nextFrames(peer, 20)
    expect(told.map((frame) => [frame.kind, motanCodec.method(frame)])).toEqual(
      told.map((_, i) => [FrameKind.Oneway, `tell${i}`]),
    )
    for (const frame of told) peer.write(answer(frame))
    await until(() => proxy.cluster('shop').rq_unknown_answer === 20)
    expect(proxy.listener('rpc')).toMatchObject({ rq_oneway: 20, rq_active: 0 })
    expect(client.received).toHaveLength(0)
  })

  it('gets heartbeats of both versions answered here', async () => {
    const { host, client } = await held()
    client.write(frameBytes(0x10, 0, '', null, 'fffffffffffffff0', 1))
    client.write(withId('heartbeat-v1', 'fffffffffffffff1'))
    expect((await nextFrames(client, 2)).map(({ buf }) => buf)).toEqual([
      frameBytes(0x11, 0, '', null, 'fffffffffffffff0', 1),
      withId('heartbeat-v1-answer', 'fffffffffffffff1'),
    ])
    expect(host.peers).toHaveLength(0)
  })

  it('of Motan1 and one of Motan2 are kept apart, each answered in its own version', async () => {
    const { host, client, ask } = await held()
    client.write(withId('request-v1', 'deadbeef00000007'))
    const first = await host.next()
    const [one] = await nextFrames(first, 1)
    ask({ id: 'deadbeef00000008' })
    const second = await host.next()
    const [two] = await nextFrames(second, 1)
    second.write(answer(two!))
    first.write(withId('response-v1', idOf(one!)))
    const answers = await nextFrames(client, 2)
    expect(answers.map(idOf).sort()).toEqual(['deadbeef00000007', 'deadbeef00000008'])
    expect(answers.find((it) => idOf(it).endsWith('7'))!.buf).toEqual(
      withId('response-v1', 'deadbeef00000007'),
    )
  })

  it.each([
    ['request-gzip', 'response-go'],
    ['request-breeze', 'exception'],
    ['request-v1-compressed', 'exception-v1'],
  ])('has what nobody here reads forwarded as it is: %s', async (asked, answered) => {
    const { host, client } = await held()
    client.write(vector(asked))
    const peer = await host.next()
    const [frame] = await nextFrames(peer, 1)
    const id = idOf(frameOf(vector(asked)))
    const sent = vector(answered)
    for (const at of asked.includes('-v1') ? [4, 20] : [5]) {
      frame!.buf.copy(sent, at, at, at + 8)
      frame!.buf.write(id, at, 'hex')
    }
    expect(frame!.buf).toEqual(vector(asked))
    peer.write(sent)
    const [heard] = await nextFrames(client, 1)
    for (const at of asked.includes('-v1') ? [4, 20] : [5]) sent.write(id, at, 'hex')
    expect(heard!.buf).toEqual(sent)
  })

  it('is routed by service, method and metadata, in both versions', async () => {
    const gray = { name: 'color', string_match: { exact: 'gray' } }
    const virtual_hosts = [
      {
        name: 'svc',
        domains: ['g1/com.demo.Svc:1.0'],
        routes: [
          { match: { method: { exact: 'hi' }, headers: [gray] }, route: { cluster: 'shop' } },
        ],
      },
    ]
    const { host, client, ask } = await held({ name: 'routes', virtual_hosts })
    client.write(vector('request'))
    client.write(vector('request-v1'))
    expect(await nextFrames(await host.next(), 1)).toHaveLength(1)
    expect(await nextFrames(await host.next(), 1)).toHaveLength(1)
    for (const more of [{ color: 'blue' }, { M_v: '2.0' }, { M_m: 'ho' }])
      ask({
        metadata: { M_p: 'com.demo.Svc', M_m: 'hi', M_g: 'g1', M_v: '1.0', color: 'gray' },
        more,
      })
    const refused = await nextFrames(client, 3)
    expect(refused.map((frame) => frame.header('M_e'))).toEqual([
      expect.stringMatching(/"errcode":404,"errmsg":"hop: .*route/),
      expect.stringMatching(/"errcode":404,"errmsg":"hop: .*route/),
      expect.stringMatching(/"errcode":404,"errmsg":"hop: .*route/),
    ])
  })

  it('that waits as long as its metadata says is told so in time', async () => {
    const { host, client, ask } = await held()
    ask({ more: { M_tmo: '50' } })
    const [asked] = await nextFrames(await host.next(), 1)
    expect(Number(asked!.header('M_tmo'))).toBeLessThanOrEqual(50)
    const [late] = await nextFrames(client, 1)
    expect(late!.header('M_e')).toMatch(/"errcode":503,"errmsg":"hop: upstream: /)
  })

  it('has its metadata changed both ways', async () => {
    const changes = {
      request: { remove: ['debug'], set: { edge: 'yes' } },
      response: { set: { via: 'tulle' } },
    }
    const type = 'type.googleapis.com/tulle.filters.v1.Headers'
    const filter = { name: 'headers', typed_config: { '@type': type, ...changes } }
    const { host, client, ask } = await held(undefined, { rpc_filters: [filter] })
    ask({ more: { debug: '1', kept: '2' } })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(metadataOf(asked!)).toBe('edge\nyes\nM_p\nshop.Basket\nM_m\nput\nkept\n2')
    peer.write(answer(asked!))
    const [heard] = await nextFrames(client, 1)
    expect(metadataOf(heard!)).toBe('via\ntulle\nM_pt\n1')
    ask({ metadata: 'M_p\nodd\nM_m' })
    const [, refused] = await nextFrames(client, 2)
    expect(refused!.header('M_e')).toContain('do not fit a motan frame')
  })

  it('sends and gets a megabyte', async () => {
    const { host, client, ask } = await held()
    const body = Buffer.alloc(1 << 20, 'apples und Äpfel')
    ask({ body })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    expect(asked!.buf.subarray(-body.length).equals(body)).toBe(true)
    peer.write(answer(asked!, 'M_pt\n1', body))
    const [heard] = await nextFrames(client, 1)
    expect(heard!.buf.subarray(-body.length).equals(body)).toBe(true)
  })

  it.each([
    ['bytes that are no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['metadata of a negative length', hex('f1 f1 00 08 30 00 00 00 00 00 00 00 01 ff ff ff f0')],
    ['headers of Motan1 that disagree', Buffer.concat([vector('request-v1').fill(9, 27, 28)])],
  ])('is closed after %s', async (_name, bytes) => {
    const { proxy, client } = await held()
    client.write(bytes)
    await client.untilEnd()
    expect(proxy.listener('rpc').cx_protocol_error).toBe(1)
  })

  it.each([
    ['body', { body: Buffer.alloc(10_000) }, -10_000],
    ['metadata', { more: { x: 'x'.repeat(10_000) } }, 17],
  ])('is told that its frame is too large, before the %s comes', async (_name, call, end) => {
    const { client } = await held(undefined, { max_frame_bytes: 4096 })
    client.write(requestBytes({ id: 'deadbeefcafebabe', ...call }).subarray(0, end))
    const [told] = await nextFrames(client, 1)
    expect(idOf(told!)).toBe('deadbeefcafebabe')
    expect(told!.header('M_e')).toMatch(/"errcode":500,.*max_frame_bytes/)
    await client.untilEnd()
  })

  it('is served on when the proxy drains, until its drain time ends', async () => {
    const { host, proxy, client, ask } = await held(undefined, { go_away: true })
    ask({ id: '0000000000000001' })
    const peer = await host.next()
    const [asked] = await nextFrames(peer, 1)
    await proxy.apply(bootstrap([], [cluster('shop', [host.port])]))
    peer.write(answer(asked!))
    expect((await nextFrames(client, 1)).map(({ kind }) => kind)).toEqual([FrameKind.Response])
  })
})
