import { HandClock, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import {
  answer,
  block,
  cutHeaders,
  data,
  frame,
  fullHeaders,
  goAway,
  greeting,
  headers,
  number,
  type Pair,
  ping,
  priority,
  request,
  requestFields,
  reset,
  settings,
  windowUpdate,
} from './harness-frames.ts'
import type { Got, Peer } from './harness-peer.ts'
import { clear, type Trio, trio } from './harness-trio.ts'
import { ErrorCode, Flag, FrameType, MAX_STREAM_ID, Setting } from './wire.ts'

afterEach(clear)

/** Answers with the path, when the request is whole. */
const echo = (peer: Peer, id: number, { fields, flags }: Got): void => {
  if ((flags & Flag.EndStream) === 0) return
  const path = fields!.find(([name]) => name === ':path')?.[1] ?? ''
  peer.write(
    answer(id, 200, [['content-length', String(path.length)]], false),
    data(id, path, true),
  )
}
const mute = (): void => {}
const POST = { method: 'POST', end: false } as const

describe('a connection of a client', () => {
  it('begins with our settings, and the peer’s are acknowledged', async () => {
    const { client } = await trio(echo, { near: { maxConcurrentStreams: 7, allowConnect: true } })
    await client.settled()
    expect(client.settings[0]).toEqual({
      [Setting.MaxConcurrentStreams]: 7,
      [Setting.EnableConnectProtocol]: 1,
      [Setting.InitialWindowSize]: 65_535,
      [Setting.MaxHeaderListSize]: 8192,
    })
    expect(client.given(0)).toBe(1_048_576 - 65_535)
    const acks = client.of(0, FrameType.Settings).filter(({ flags }) => flags === Flag.Ack)
    expect(acks).toHaveLength(1)
  })

  it('serves requests one after the other and at once', async () => {
    const { client, proxy, host } = await trio(echo)
    await client.write(request(1, '/one')).whole(1)
    const ids = Array.from({ length: 100 }, (_, i) => 3 + 2 * i)
    client.write(...ids.map((id) => request(id, `/${id}`)))
    await client.until((peer) => ids.every((id) => peer.over(id)))
    expect(client.text(1)).toBe('/one')
    for (const id of ids) expect(client.text(id)).toBe(`/${id}`)
    expect(host.peers).toHaveLength(1)
    expect(proxy.streams.every(({ ended, outcome }) => ended && outcome === Outcome.Ok)).toBe(true)
    expect(proxy.session.inFlight).toBe(0)
    expect(proxy.client.inFlight).toBe(0)
  })

  it('reads heads in any form: padded, with a priority, in many pieces, byte by byte', async () => {
    const { client, host } = await trio(echo)
    const fields = requestFields('/x', [['x', 'y'.repeat(100)]])
    client.write(fullHeaders(1, fields, true), cutHeaders(3, fields, true, 20))
    for (const byte of fullHeaders(5, fields, true)) client.write(Buffer.of(byte))
    await client.until((peer) => [1, 3, 5].every((id) => peer.over(id)))
    for (const id of [1, 3, 5])
      expect(host.peers[0]!.head(id)).toMatchObject({ x: 'y'.repeat(100) })
  })

  it('passes bodies with their padding left behind, and trailers, both ways', async () => {
    const { client, host } = await trio((peer, id, { flags }) => {
      if ((flags & Flag.EndStream) === 0) return
      peer.write(
        answer(id, 200, [], false),
        data(id, 'yes', false, 7),
        headers(id, [['grpc-status', '0']], true),
      )
    })
    client.write(request(1, '/', [['te', 'trailers']], POST), data(1, 'abc', false, 200))
    client.write(data(1, '', false, 0), data(1, 'de'), headers(1, [['x-sum', '5']], true))
    await client.whole(1)
    const [peer] = host.peers
    expect(peer!.text(1)).toBe('abcde')
    expect(peer!.head(1, 1)).toEqual({ 'x-sum': '5' })
    expect(peer!.head(1)).toMatchObject({ te: 'trailers' })
    expect(client.text(1)).toBe('yes')
    expect(client.head(1, 1)).toEqual({ 'grpc-status': '0' })
  })

  it('ignores priorities, unknown frames, settings and flags', async () => {
    const { client } = await trio(echo)
    client.write(
      priority(9, 3),
      frame(0xbe, 0xff, 5, Buffer.alloc(40)),
      frame(0x10, 0, 0, Buffer.from('\0\0\0\x01u=1')),
      settings(0x99, 12_345, 0xaaaa, 1),
      request(1, '/a'),
    )
    expect((await client.whole(1)).text(1)).toBe('/a')
    expect(client.goAways).toEqual([])
  })

  it('answers PING with its eight bytes', async () => {
    const { client } = await trio(echo)
    client.write(ping('\0\x01\x02\x03\xfc\xfd\xfe\xff'))
    await client.until((peer) => peer.of(0, FrameType.Ping).length > 0)
    expect(client.of(0, FrameType.Ping)[0]).toMatchObject({
      flags: Flag.Ack,
      payload: Buffer.from([0, 1, 2, 3, 252, 253, 254, 255]),
    })
  })

  it('keeps tables of headers in step, also of requests that are refused', async () => {
    const { client, host } = await trio(echo, { near: { maxConcurrentStreams: 1 } })
    const entering = (value: string): Buffer => {
      // A literal that enters the table, then an answer to what the next block refers to.
      const bytes = Buffer.from(`\x40\x01x${String.fromCharCode(value.length)}${value}`, 'latin1')
      return Buffer.concat([block(requestFields()), bytes])
    }
    client.write(headers(1, entering('one'), false), headers(3, entering('two'), true))
    client.write(headers(5, Buffer.concat([block(requestFields()), Buffer.of(0xbe, 0xbf)]), true))
    await client.until((peer) => peer.resetOf(5) >= 0)
    expect([client.resetOf(3), client.resetOf(5)]).toEqual([7, 7])
    client.write(data(1, '', true))
    await until(() => host.peers[0]?.over(1) === true)
    host.peers[0]!.write(answer(1))
    await client.whole(1)
    client.write(headers(7, Buffer.concat([block(requestFields()), Buffer.of(0xbe, 0xbf)]), true))
    await client.whole(7)
    expect(host.peers[0]!.head(3)).toMatchObject({ x: 'two, one' })
  })

  it('refuses requests above the limit, which serves on', async () => {
    const { client, proxy } = await trio(mute, { near: { maxConcurrentStreams: 2 } })
    client.write(request(1), request(3), request(5))
    await client.whole(5)
    expect(client.resetOf(5)).toBe(ErrorCode.RefusedStream)
    client.write(reset(1, ErrorCode.Cancel), request(7))
    await client.settled()
    expect(client.resetOf(7)).toBe(-1)
    expect(proxy.session.inFlight).toBe(2)
  })

  it('answers 431 to a head above its limits, and serves on', async () => {
    const { client, proxy } = await trio(echo)
    const large: Pair = ['x-large', 'x'.repeat(9000)]
    const many = Array.from({ length: 101 }, (_, i): Pair => [`x-${i}`, '1'])
    client.write(request(1, '/', [large]), request(3, '/', many), request(5, '/ok'))
    await client.until((peer) => [1, 3, 5].every((id) => peer.over(id)))
    expect([1, 3, 5].map((id) => client.head(id)[':status'])).toEqual(['431', '431', '200'])
    expect(client.text(1)).toContain('mini: downstream: the head of the request is larger')
    expect(proxy.streams[0]!.outcome).toBe(Outcome.HeadTooLarge)
  })

  it('carries interim answers before the answer', async () => {
    const { client, host } = await trio((peer, id, { flags }) => {
      if ((flags & Flag.EndStream) === 0) peer.write(answer(id, 100, [], false))
    })
    client.write(request(1, '/', [['expect', '100-continue']], POST))
    await client.until((peer) => peer.of(1, FrameType.Headers).length === 1)
    expect(client.head(1)).toEqual({ ':status': '100' })
    client.write(data(1, 'body', true))
    await until(() => host.peers[0]!.over(1))
    host.peers[0]!.write(answer(1, 103, [['link', '</a>']], false), answer(1, 200))
    await client.whole(1)
    expect(client.head(1, 1)).toEqual({ ':status': '103', link: '</a>' })
    expect(client.head(1, 2)[':status']).toBe('200')
  })

  it('answers HEAD without a body, and keeps its length', async () => {
    const { client } = await trio((peer, id) =>
      peer.write(answer(id, 200, [['content-length', '1000']], true)),
    )
    client.write(request(1, '/', [], { method: 'HEAD' }))
    await client.whole(1)
    expect(client.head(1)).toMatchObject({ ':status': '200', 'content-length': '1000' })
    expect(client.resetOf(1)).toBe(-1)
  })

  it('tells a client whose request still comes that its answer is whole', async () => {
    const { client, proxy } = await trio((peer, id) => peer.write(answer(id, 413)))
    client.write(request(1, '/', [], POST), data(1, 'so far'))
    await client.until((peer) => peer.resetOf(1) >= 0)
    expect(client.over(1)).toBe(true)
    expect(client.head(1)[':status']).toBe('413')
    expect(client.resetOf(1)).toBe(ErrorCode.NoError)
    // What was on its way is no mistake of the client's, and its windows are given back.
    client.write(data(1, 'x'.repeat(5000)), headers(1, [['x-sum', '1']], true), request(3))
    await client.whole(3)
    expect(client.goAways).toEqual([])
    expect(proxy.streams[0]!.outcome).toBe(Outcome.Ok)
  })

  it('lets the host know when a client takes its request back', async () => {
    const { client, host, proxy } = await trio(mute)
    client.write(request(1), request(3, '/', [], POST))
    await until(() => host.asked.length === 2)
    client.write(reset(1, ErrorCode.Cancel), reset(3, ErrorCode.Cancel))
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0 && peer.resetOf(3) >= 0)
    expect([1, 3].map((id) => host.peers[0]!.resetOf(id))).toEqual([8, 8])
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.ClientGone })
    expect(proxy.client.inFlight).toBe(0)
  })

  it('lets the host know when the client goes', async () => {
    const { client, host, proxy } = await trio(mute)
    client.write(request(1), request(3))
    await until(() => host.asked.length === 2)
    client.socket.resetAndDestroy()
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0 && peer.resetOf(3) >= 0)
    expect(proxy.sessions.size).toBe(0)
  })

  it('answers what a client has asked for before it ended, and ends then', async () => {
    const { client, host } = await trio(mute)
    client.write(request(1, '/late')).end()
    await until(() => host.asked.length === 1)
    host.peers[0]!.write(answer(1, 200, [], false), data(1, 'late', true))
    await client.gone()
    expect(client.text(1)).toBe('late')
  })

  it('ends with a client that ends in the middle of its request', async () => {
    const { client, host, proxy } = await trio(mute)
    client.write(request(1, '/', [], POST), data(1, 'half'))
    await until(() => host.asked.length === 1)
    client.end()
    await client.gone()
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0)
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.ClientGone })
    await until(() => proxy.sessions.size === 0)
  })

  it('cuts an answer short where the client can see it', async () => {
    const { client, host } = await trio((peer, id) => peer.write(answer(id, 200, [], false)))
    client.write(request(1))
    await client.until((peer) => peer.of(1, FrameType.Headers).length > 0)
    host.peers[0]!.socket.resetAndDestroy()
    await client.whole(1)
    expect(client.over(1)).toBe(false)
    expect(client.resetOf(1)).toBe(ErrorCode.InternalError)
  })

  it('ends a call of gRPC that is cut short by trailers that say so', async () => {
    const { client, host } = await trio((peer, id) => peer.write(answer(id, 200, [], false)))
    client.write(request(1, '/', [['content-type', 'application/grpc']], { method: 'POST' }))
    await client.until((peer) => peer.of(1, FrameType.Headers).length > 0)
    host.peers[0]!.socket.resetAndDestroy()
    await client.whole(1)
    expect(client.head(1, 1)).toMatchObject({ 'grpc-status': '14' })
    expect(client.head(1, 1)['grpc-message']).toContain('mini: upstream: ')
  })
})

describe('content-length', () => {
  const lies: readonly (readonly [string, readonly Buffer[]])[] = [
    ['more, and nothing comes', [request(1, '/', [['content-length', '5']])]],
    [
      'more than comes',
      [request(1, '/', [['content-length', '5']], POST), data(1, 'abc'), data(1, 'd', true)],
    ],
    ['less than comes', [request(1, '/', [['content-length', '2']], POST), data(1, 'abc')]],
    [
      'more than comes before trailers',
      [
        request(1, '/', [['content-length', '5']], POST),
        data(1, 'abc'),
        headers(1, [['x', '1']], true),
      ],
    ],
  ]
  it.each(lies)('of a request says %s: the stream is reset', async (_name, frames) => {
    const { client, host, proxy } = await trio(mute)
    client.write(...frames)
    await client.whole(1)
    expect(client.resetOf(1)).toBe(ErrorCode.ProtocolError)
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.BadRequest })
    expect(proxy.stats.cx_protocol_error).toBe(1)
    await client.settled()
    expect(host.peers[0]?.over(1) ?? false).toBe(false)
    // The connection itself is good.
    client.write(request(3))
    await until(() => proxy.streams.length === 2)
  })

  it('that is kept passes', async () => {
    const { client, host } = await trio(mute)
    client.write(request(1, '/', [['content-length', '5']], POST), data(1, 'ab'))
    client.write(data(1, 'cde', true, 10))
    await until(() => host.peers[0]?.over(1) === true)
    expect(host.peers[0]!.text(1)).toBe('abcde')
  })
})

describe('what breaks the rules of one stream', () => {
  const breaks: readonly (readonly [string, readonly Buffer[], ErrorCode])[] = [
    ['a malformed head', [headers(1, [[':method', 'GET']], true)], ErrorCode.ProtocolError],
    [
      'a window of nothing',
      [request(1, '/', [], POST), windowUpdate(1, 0)],
      ErrorCode.ProtocolError,
    ],
    [
      'a window that overflows',
      [request(1, '/', [], POST), windowUpdate(1, 2 ** 31 - 1)],
      ErrorCode.FlowControlError,
    ],
    ['data behind its end', [request(1), data(1, 'x')], ErrorCode.StreamClosed],
    ['a head behind its end', [request(1), headers(1, [['x', '1']], true)], ErrorCode.StreamClosed],
    [
      'trailers that do not end',
      [request(1, '/', [], POST), headers(1, [['x', '1']], false)],
      ErrorCode.ProtocolError,
    ],
    [
      'a pseudo header in trailers',
      [request(1, '/', [], POST), headers(1, [[':path', '/']], true)],
      ErrorCode.ProtocolError,
    ],
    [
      'a stream that depends on itself',
      [request(1, '/', [], POST), priority(1, 1)],
      ErrorCode.ProtocolError,
    ],
    [
      'a priority of four bytes',
      [request(1, '/', [], POST), frame(FrameType.Priority, 0, 1, number(0))],
      ErrorCode.FrameSizeError,
    ],
  ]
  it.each(breaks)('%s resets it, and no other', async (_name, frames, code) => {
    const { client, proxy } = await trio(mute)
    client.write(...frames)
    await client.until((peer) => peer.resetOf(1) >= 0)
    expect(client.resetOf(1)).toBe(code)
    client.write(request(3))
    await until(() => proxy.streams.at(-1)?.ended === false)
    expect(client.goAways).toEqual([])
    expect(proxy.session.inFlight).toBe(1)
  })
})

describe('what breaks the rules of the connection', () => {
  const { ProtocolError, FrameSizeError, FlowControlError, StreamClosed } = ErrorCode
  const breaks: readonly (readonly [string, readonly Buffer[], ErrorCode])[] = [
    ['an even stream', [request(2)], ProtocolError],
    ['a stream below the last', [request(5), request(3)], ProtocolError],
    ['a head on a stream that has ended', [request(1), reset(1, 8), request(1)], StreamClosed],
    ['HEADERS on stream 0', [request(0)], ProtocolError],
    ['DATA on stream 0', [data(0, 'x')], ProtocolError],
    ['DATA on an idle stream', [data(1, 'x')], ProtocolError],
    ['RST_STREAM on stream 0', [reset(0, 8)], ProtocolError],
    ['RST_STREAM on an idle stream', [reset(1, 8)], ProtocolError],
    ['RST_STREAM of 5 bytes', [frame(3, 0, 1, Buffer.alloc(5))], FrameSizeError],
    ['WINDOW_UPDATE on an idle stream', [windowUpdate(1, 1)], ProtocolError],
    ['WINDOW_UPDATE of nothing', [windowUpdate(0, 0)], ProtocolError],
    ['WINDOW_UPDATE of 3 bytes', [frame(8, 0, 0, Buffer.alloc(3))], FrameSizeError],
    ['a window that overflows', [windowUpdate(0, 2 ** 31 - 1)], FlowControlError],
    ['SETTINGS on a stream', [frame(4, 0, 1)], ProtocolError],
    ['SETTINGS of 7 bytes', [frame(4, 0, 0, Buffer.alloc(7))], FrameSizeError],
    ['an acknowledgement with content', [frame(4, 1, 0, Buffer.alloc(6))], FrameSizeError],
    ['ENABLE_PUSH of 2', [settings(2, 2)], ProtocolError],
    ['a window above 2^31-1', [settings(4, 2 ** 31)], FlowControlError],
    [
      'settings that overflow a window',
      [request(1), windowUpdate(1, 2 ** 30), settings(4, 2 ** 31 - 1)],
      FlowControlError,
    ],
    ['MAX_FRAME_SIZE of 1', [settings(5, 1)], ProtocolError],
    ['MAX_FRAME_SIZE of 2^24', [settings(5, 2 ** 24)], ProtocolError],
    ['ENABLE_CONNECT_PROTOCOL of 2', [settings(8, 2)], ProtocolError],
    ['PING on a stream', [frame(6, 0, 1, Buffer.alloc(8))], ProtocolError],
    ['PING of 7 bytes', [frame(6, 0, 0, Buffer.alloc(7))], FrameSizeError],
    ['GOAWAY on a stream', [frame(7, 0, 1, Buffer.alloc(8))], ProtocolError],
    ['GOAWAY of 7 bytes', [frame(7, 0, 0, Buffer.alloc(7))], FrameSizeError],
    ['PRIORITY on stream 0', [priority(0, 1)], ProtocolError],
    ['PUSH_PROMISE', [frame(5, 4, 1, number(2))], ProtocolError],
    ['CONTINUATION of nothing', [frame(9, 4, 1)], ProtocolError],
    ['another frame inside a header block', [frame(1, 0, 1), ping()], ProtocolError],
    ['DATA inside a header block', [frame(1, 0, 1), data(1, 'x')], ProtocolError],
    ['CONTINUATION of another stream', [frame(1, 0, 1), frame(9, 4, 3)], ProtocolError],
    ['padding longer than HEADERS', [frame(1, 12, 1, Buffer.of(9, 1))], ProtocolError],
    ['HEADERS with half a priority', [frame(1, 36, 1, Buffer.alloc(3))], FrameSizeError],
    ['padded HEADERS of nothing', [frame(1, 12, 1)], FrameSizeError],
    ['a frame above 16 KB', [frame(1, 4, 1, Buffer.alloc(16_385))], FrameSizeError],
    ['an index that points nowhere', [headers(1, Buffer.of(0xff, 0x80, 0x01))], 9],
    ['index 0', [headers(1, Buffer.of(0x80))], 9],
    ['a string that ends nowhere', [headers(1, Buffer.of(0x40, 0x0a, 0x61))], 9],
    ['a table above what we offer', [headers(1, Buffer.of(0x3f, 0xe2, 0x1f))], 9],
    ['an update of the table behind a field', [headers(1, Buffer.of(0x82, 0x20))], 9],
    ['EOS in a string', [headers(1, Buffer.of(0x40, 0x84, 0xff, 0xff, 0xff, 0xff, 0))], 9],
  ]
  it.each(breaks)('%s ends it, with its name', async (_name, frames, code) => {
    const { client, proxy } = await trio(mute)
    client.write(...frames, ping('never ok'))
    expect(await client.gone()).toBe(code)
    expect(client.of(0, FrameType.Ping)).toEqual([])
    expect(proxy.stats.cx_protocol_error).toBeGreaterThanOrEqual(1)
    client.socket.destroy()
    await until(() => proxy.sessions.size === 0)
    expect(proxy.streams.every(({ ended }) => ended)).toBe(true)
  })

  it.each([
    ['no SETTINGS to begin with', [greeting().subarray(0, 24), request(1)]],
    ['an acknowledgement to begin with', [greeting().subarray(0, 24), frame(4, 1, 0)]],
    ['another preface', [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r')]],
    ['HTTP/1', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ])('%s ends it', async (_name, bytes) => {
    const { client } = await trio(mute, { client: null })
    client.write(...bytes)
    expect(await client.gone()).toBe(ErrorCode.ProtocolError)
  })
})

describe('draining', () => {
  it('is told in two steps: requests on their way are served, then the rest is done', async () => {
    const { client, host, proxy } = await trio(mute)
    client.polite = false
    client.write(request(1))
    await until(() => host.asked.length === 1)
    proxy.turn.begin()
    proxy.session.drain()
    await client.until(({ goAways }) => goAways.length === 1)
    expect(client.goAways[0]).toMatchObject({ last: MAX_STREAM_ID, code: ErrorCode.NoError })
    // Was on its way when the client read that.
    client.write(request(3))
    await until(() => host.asked.length === 2)
    const asked = client.of(0, FrameType.Ping).find(({ flags }) => flags === 0)!
    client.write(ping(asked.payload.toString('latin1'), true))
    await client.until(({ goAways }) => goAways.length === 2)
    expect(client.goAways[1]).toMatchObject({ last: 3, code: ErrorCode.NoError })
    client.write(request(5))
    host.peers[0]!.write(answer(1), answer(3))
    await client.gone()
    expect([client.over(1), client.over(3), client.over(5)]).toEqual([true, true, false])
    expect(host.asked).toHaveLength(2)
  })

  it('does not wait for a client that answers no PING', async () => {
    const clock = new HandClock()
    const { client, proxy } = await trio(mute, { clock })
    client.polite = false
    await client.settled()
    proxy.turn.begin()
    proxy.session.drain()
    await client.until(({ goAways }) => goAways.length === 1)
    // Other frames do not put it off.
    for (let i = 0; i < 5 && client.goAways.length < 2; i++) {
      await client.write(settings()).settled(`settled${i}`)
      proxy.turn.end()
      clock.turn(400)
      proxy.wheel.advance()
      proxy.turn.end()
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await client.gone()
    expect(client.goAways).toHaveLength(2)
  })

  it('is what a client asks for by GOAWAY', async () => {
    const { client, host } = await trio(mute)
    client.write(request(1))
    await until(() => host.asked.length === 1)
    client.write(goAway(0, ErrorCode.NoError, 'bye'))
    await client.until(({ goAways }) => goAways.length === 2)
    host.peers[0]!.write(answer(1))
    await client.gone()
    expect(client.over(1)).toBe(true)
  })
})

/** A trio whose clock stands still, with the proxy's side turned by hand. */
async function timed(
  options: Parameters<typeof trio>[1] = {},
): Promise<Trio & { pass(ms: number): void }> {
  const clock = new HandClock()
  const all = await trio(mute, { ...options, clock })
  const pass = (ms: number): void => {
    clock.turn(ms)
    all.proxy.turn.end()
    all.proxy.wheel.advance()
  }
  return { ...all, pass }
}

describe('times', () => {
  it('end a connection that says nothing', async () => {
    const { client, proxy, pass } = await timed({ client: null })
    client.polite = false
    await until(() => proxy.sessions.size === 1)
    pass(9000)
    expect(proxy.sessions.size).toBe(1)
    pass(1100)
    expect(await client.gone()).toBe(ErrorCode.SettingsTimeout)
    expect(proxy.stats.rq_timeout).toBe(1)
  })

  it('end a connection that carries nothing, with a word', async () => {
    const { client, host, proxy, pass } = await timed({ intake: { idleTimeoutMs: 60_000 } })
    client.write(request(1))
    await until(() => host.asked.length === 1)
    pass(120_000)
    await client.settled('still on')
    host.peers[0]!.write(answer(1))
    await client.whole(1)
    pass(59_000)
    await client.settled('still o2')
    expect(client.goAways).toEqual([])
    pass(1100)
    expect(await client.gone()).toBe(ErrorCode.NoError)
    expect(proxy.stats.cx_idle_timeout).toBe(1)
  })

  it('are not put off by frames that ask for nothing', async () => {
    const { client, proxy, pass } = await timed({ intake: { idleTimeoutMs: 60_000 } })
    for (let i = 0; i < 6; i++) {
      await client.write(settings(), windowUpdate(0, 1)).settled(`settled${i}`)
      pass(9000)
    }
    await client.write(settings()).settled()
    pass(7000)
    expect(await client.gone()).toBe(ErrorCode.NoError)
    expect(proxy.stats.cx_idle_timeout).toBe(1)
  })

  it('end a head that does not: in one frame, or in many', async () => {
    for (const slow of [request(1).subarray(0, 20), frame(FrameType.Headers, 0, 1)]) {
      const { client, proxy, pass } = await timed({ intake: { headerTimeoutMs: 5000 } })
      await client.settled()
      await client.settled('no more!')
      const before = proxy.session.connection.bytesIn
      client.write(slow)
      await until(() => proxy.session.connection.bytesIn > before)
      for (let i = 0; i < 4; i++) {
        pass(1000)
        const bytes = proxy.session.connection.bytesIn
        client.write(i < 3 && slow[4] === 0 ? frame(FrameType.Continuation, 0, 1) : Buffer.of(0))
        await until(() => proxy.session.connection.bytesIn > bytes)
      }
      expect(client.goAways).toEqual([])
      pass(1100)
      expect(await client.gone()).toBe(ErrorCode.EnhanceYourCalm)
      expect(proxy.stats.rq_timeout).toBe(1)
      clear()
    }
  })

  it('leave a busy connection alone whose frames are always cut', async () => {
    const { client, proxy, pass } = await timed({ intake: { headerTimeoutMs: 5000 } })
    await client.settled()
    const ids = Array.from({ length: 20 }, (_, i) => 1 + 2 * i)
    let rest: Buffer = Buffer.alloc(0)
    for (const id of ids) {
      const bytes = Buffer.concat([rest, request(id), reset(id, 8), ping()])
      client.write(bytes.subarray(0, bytes.length - 5))
      rest = Buffer.from(bytes.subarray(bytes.length - 5))
      await until(() => proxy.streams.length * 2 >= id)
      pass(1000)
    }
    await client.write(rest).settled()
    expect(client.goAways).toEqual([])
  })

  it('end a request whose body does not come', async () => {
    const { client, host, proxy, pass } = await timed({ intake: { requestTimeoutMs: 5000 } })
    client.write(request(1, '/', [], POST), request(3))
    await until(() => host.asked.length === 2)
    pass(3000)
    await client.write(data(1, 'more')).settled()
    client.write(request(5, '/', [], POST))
    await until(() => host.asked.length === 3)
    pass(2100)
    await client.whole(1)
    expect(client.head(1)[':status']).toBe('408')
    expect(client.text(1)).toContain('did not arrive within 5000 ms')
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.RequestTimeout })
    await client.settled('others  ')
    expect([client.over(3), client.over(5)]).toEqual([false, false])
    pass(3000)
    await client.whole(5)
    expect(proxy.streams[1]!.ended).toBe(false)
    expect(proxy.stats.rq_timeout).toBe(2)
  })

  it('ask a quiet client whether it lives, and let a dead one go', async () => {
    const keepalive = { intervalMs: 10_000, timeoutMs: 2000 }
    const { client, pass } = await timed({ near: { keepalive } })
    await client.settled()
    pass(10_100)
    const pings = (peer: Peer): number =>
      peer.of(0, FrameType.Ping).filter(({ flags }) => flags === 0).length
    await client.until((peer) => pings(peer) === 1)
    await client.settled('answered')
    pass(2100)
    await client.settled('alive...')
    client.polite = false
    for (let i = 0; i < 10 && pings(client) < 2; i++) {
      pass(2000)
      await client.settled(`quiet  ${i}`)
    }
    expect(pings(client)).toBe(2)
    pass(2100)
    expect(await client.gone()).toBe(ErrorCode.NoError)
  })
})

describe('an extended CONNECT that was not offered', () => {
  it('is refused with a sentence', async () => {
    const { client } = await trio((peer, id) => peer.write(answer(id)))
    client.write(
      headers(1, [
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
        [':scheme', 'http'],
        [':authority', 'shop'],
        [':path', '/chat'],
      ]),
    )
    await client.whole(1)
    expect(client.head(1)[':status']).toBe('403')
    expect(client.text(1)).toContain('allow_connect')
  })
})
