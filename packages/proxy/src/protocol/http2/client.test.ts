import { HandClock, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import {
  answer,
  cutHeaders,
  data,
  frame,
  goAway,
  headers,
  number,
  type Pair,
  ping,
  request,
  reset,
  settings,
  windowUpdate,
} from './harness-frames.ts'
import type { Peer } from './harness-peer.ts'
import { clear, type Trio, trio } from './harness-trio.ts'
import { ErrorCode, Flag, FrameType, PREFACE, Setting } from './wire.ts'

afterEach(clear)

const mute = (): void => {}
const POST = { method: 'POST', end: false } as const

/** A trio with so many requests that the host has and has not answered; ids are the same on both sides. */
async function asked(count: number, options: Parameters<typeof trio>[1] = {}): Promise<Trio> {
  const all = await trio(mute, options)
  for (let i = 0; i < count; i++) all.client.write(request(1 + 2 * i, `/${i}`))
  await until(() => all.host.asked.length === count)
  return all
}

describe('a connection to a host', () => {
  it('begins with preface and settings, and asks at once', async () => {
    const { host, proxy } = await asked(1, { host: null })
    const [peer] = host.peers
    expect(peer!.frames[0]!.type).toBe(FrameType.Settings)
    expect(peer!.settings[0]).toEqual({
      [Setting.EnablePush]: 0,
      [Setting.InitialWindowSize]: 65_535,
      [Setting.MaxHeaderListSize]: 65_536,
    })
    expect(PREFACE.length).toBe(24)
    expect(proxy.client.inFlight).toBe(1)
  })

  it('carries as many requests as both sides allow, and the next when there is room', async () => {
    const { client, host, proxy } = await trio(mute, { host: [Setting.MaxConcurrentStreams, 2] })
    client.write(request(1, '/a'))
    await until(() => host.asked.length === 1 && proxy.client.capacity === 2)
    client.write(request(3, '/b'), request(5, '/c'), request(7, '/d'))
    await client.settled()
    await host.peers[0]!.settled()
    expect(host.asked).toEqual(['/a', '/b'])
    host.peers[0]!.write(answer(1))
    await until(() => host.asked.length === 3)
    host.peers[0]!.write(settings(Setting.MaxConcurrentStreams, 0), answer(3))
    await client.whole(3)
    expect(proxy.client.capacity).toBe(0)
    await host.peers[0]!.settled('nothing!')
    expect(host.asked).toHaveLength(3)
    host.peers[0]!.write(settings(Setting.MaxConcurrentStreams, 50))
    await until(() => host.asked.length === 4)
    expect(proxy.clients).toHaveLength(1)
  })

  it('counts what it carries: room comes back whichever way a request ends', async () => {
    const { client, host, proxy } = await asked(6)
    const [peer] = host.peers
    peer!.write(
      answer(1),
      answer(3, 200, [], false),
      data(3, 'x', true),
      answer(5, 200, [], false),
      headers(5, [['x', '1']], true),
      reset(7, ErrorCode.InternalError),
      headers(9, [[':status', 'x']], true),
    )
    client.write(reset(11, ErrorCode.Cancel))
    await until(() => proxy.client.inFlight === 0)
    await client.until((one) => [1, 3, 5, 7, 9].every((id) => one.over(id)))
    expect([7, 9].map((id) => client.head(id)[':status'])).toEqual(['503', '502'])
  })

  it('takes answers in any form', async () => {
    const { client, host } = await asked(2)
    host.peers[0]!.write(
      cutHeaders(
        1,
        [
          [':status', '200'],
          ['x', 'y'.repeat(200)],
        ],
        false,
        10,
      ),
      data(1, 'a', false, 5),
      data(1, '', false, 0),
      frame(0x77, 1, 1, Buffer.from('unknown')),
      data(1, 'b', true, 255),
      answer(3, 404, [['content-length', '0']]),
    )
    await client.until((peer) => peer.over(1) && peer.over(3))
    expect(client.text(1)).toBe('ab')
    expect(client.head(1).x).toHaveLength(200)
    expect(client.head(3)[':status']).toBe('404')
  })

  it('follows the size of the table that the host has', async () => {
    const secret: Pair = ['x-repeated', 'value of some length']
    const { client, host } = await trio((peer, id) => peer.write(answer(id)), {
      host: [Setting.HeaderTableSize, 0],
    })
    let id = 1
    for (const size of [0, 4096, 100, 0, 65_536]) {
      if (id > 1) host.peers[0]!.write(settings(Setting.HeaderTableSize, size))
      for (let i = 0; i < 4; i++, id += 2) await client.write(request(id, '/', [secret])).whole(id)
      // The peer's decoder would fail if the encoder went on with another table.
      expect(host.peers[0]!.head(id - 2)).toMatchObject({ 'x-repeated': secret[1] })
    }
    expect(client.goAways).toEqual([])
  })

  it('says CANCEL to a host that answers before it has heard all', async () => {
    const { client, host, proxy } = await trio((peer, id) => peer.write(answer(id, 401)))
    client.write(request(1, '/', [], POST), data(1, 'x'))
    await client.whole(1)
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0)
    expect(host.peers[0]!.resetOf(1)).toBe(ErrorCode.Cancel)
    expect(proxy.client.inFlight).toBe(0)
    expect(proxy.resets).toEqual([])
  })

  it('takes NO_ERROR behind an answer for what it is', async () => {
    const { client, host, proxy } = await trio((peer, id) =>
      peer.write(answer(id, 200, [], false), data(id, 'early', true), reset(id, ErrorCode.NoError)),
    )
    client.write(request(1, '/', [], POST))
    await client.whole(1)
    expect(client.text(1)).toBe('early')
    await host.peers[0]!.settled()
    expect(proxy.resets).toEqual([])
  })

  it('closes when it was idle for long, with a word', async () => {
    const clock = new HandClock()
    const { client, host, proxy } = await trio((peer, id) => peer.write(answer(id)), {
      idleTimeoutMs: 5000,
      clock,
    })
    await client.write(request(1)).whole(1)
    await host.peers[0]!.settled()
    proxy.turn.end()
    clock.turn(5100)
    proxy.wheel.advance()
    expect(await host.peers[0]!.gone()).toBe(ErrorCode.NoError)
    expect(proxy.stats.cx_idle_timeout).toBe(1)
    await client.write(request(3)).whole(3)
    expect(host.peers).toHaveLength(2)
  })

  it('that is to be drained closes behind its last answer', async () => {
    const { client, host, proxy } = await asked(1)
    proxy.turn.begin()
    proxy.client.drain()
    host.peers[0]!.write(answer(1))
    await client.whole(1)
    expect(await host.peers[0]!.gone()).toBe(ErrorCode.NoError)
  })

  it('asks a quiet host whether it lives, and leaves a dead one', async () => {
    const clock = new HandClock()
    const keepalive = { intervalMs: 1000, timeoutMs: 500 }
    const { client, host, proxy } = await asked(1, { far: { keepalive }, clock })
    const [peer] = host.peers
    await peer!.settled()
    peer!.polite = false
    const pass = async (ms: number): Promise<void> => {
      clock.turn(ms)
      proxy.turn.end()
      proxy.wheel.advance()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await pass(1050)
    await peer!.until((one) => one.of(0, FrameType.Ping).some(({ flags }) => flags === 0))
    await pass(550)
    await client.whole(1)
    expect(client.text(1)).toContain('left a PING without an answer')
  })

  it('is asked whether it lives: yes, no, or gone', async () => {
    const clock = new HandClock()
    const { host, proxy } = await asked(1, { clock })
    const [peer] = host.peers
    const answers: boolean[] = []
    const askIt = (): void => {
      proxy.turn.begin()
      proxy.client.ping(20_000, (alive) => answers.push(alive))
    }
    askIt()
    await until(() => answers.length === 1)
    peer!.polite = false
    await peer!.settled()
    askIt()
    // Other things are due meanwhile.
    for (const ms of [9000, 2000]) {
      proxy.turn.end()
      clock.turn(ms)
      proxy.wheel.advance()
      expect(answers).toEqual([true])
    }
    proxy.turn.end()
    clock.turn(9500)
    proxy.wheel.advance()
    expect(answers).toEqual([true, false])
    askIt()
    peer!.socket.destroy()
    await until(() => answers.length === 3)
    expect(answers[2]).toBe(false)
  })
})

describe('a host that goes', () => {
  it('by GOAWAY: what it has seen is waited for, the rest told as untouched', async () => {
    const { client, host, proxy } = await asked(3)
    const [peer] = host.peers
    peer!.write(goAway(2 ** 31 - 1, ErrorCode.NoError))
    await peer!.settled()
    expect(proxy.client.draining).toBe(true)
    expect(proxy.resets).toEqual([])
    peer!.write(goAway(3, ErrorCode.NoError, 'max_age'))
    await client.whole(5)
    expect(proxy.resets).toEqual([
      `upstream_reset untouched: ${proxy.address} went away before the request (NO_ERROR, max_age)`,
    ])
    peer!.write(answer(3), answer(1))
    await client.until((one) => one.over(1) && one.over(3))
    await peer!.gone()
    client.write(request(7))
    await until(() => host.peers.length === 2)
  })

  it('by RST: REFUSED_STREAM means untouched, anything else does not', async () => {
    const { client, host, proxy } = await asked(3)
    host.peers[0]!.write(
      reset(1, ErrorCode.RefusedStream),
      reset(3, ErrorCode.InternalError),
      reset(5, ErrorCode.EnhanceYourCalm),
    )
    await client.until((peer) => [1, 3, 5].every((id) => peer.over(id)))
    const kinds = proxy.resets.map((sentence) => /untouched|\(\w+\)/g.exec(sentence)?.[0])
    expect(kinds).toEqual(['untouched', '(INTERNAL_ERROR)', '(ENHANCE_YOUR_CALM)'])
    expect(proxy.client.draining).toBe(false)
  })

  it('by closing: with answers under way and without', async () => {
    const { client, host, proxy } = await asked(2)
    host.peers[0]!.write(answer(1, 200, [], false), data(1, 'half'))
    await client.until((peer) => peer.text(1) === 'half')
    host.peers[0]!.end()
    await client.until((peer) => peer.resetOf(1) >= 0 && peer.over(3))
    expect(client.resetOf(1)).toBe(ErrorCode.InternalError)
    expect(client.head(3)[':status']).toBe('503')
    expect(proxy.resets[1]).toBe(`upstream_reset: ${proxy.address} closed the connection`)
    expect(proxy.client.inFlight).toBe(0)
  })

  it('by saying nothing at all: in time', async () => {
    const clock = new HandClock()
    const { client, host, proxy } = await asked(1, { host: null, clock })
    proxy.turn.end()
    clock.turn(10_100)
    proxy.wheel.advance()
    await client.whole(1)
    expect(client.head(1)[':status']).toBe('502')
    expect(await host.peers[0]!.gone()).toBe(ErrorCode.SettingsTimeout)
  })
})

describe('an answer that breaks the rules', () => {
  const { ProtocolError, FrameSizeError, FlowControlError } = ErrorCode
  const OK: Pair = [':status', '200']
  const streams: readonly (readonly [string, readonly Buffer[]])[] = [
    ['no status', [headers(1, [['x', '1']], true)]],
    ['a bad status', [headers(1, [[':status', '2e2']], true)]],
    ['a capital in a name', [headers(1, [OK, ['X', '1']], true)]],
    ['a line end in a value', [headers(1, [OK, ['x', 'a\r\nb: c']], true)]],
    ['a header of HTTP/1 connections', [headers(1, [OK, ['transfer-encoding', 'chunked']], true)]],
    ['data before a head', [data(1, 'x')]],
    ['101', [answer(1, 101)]],
    ['an interim answer that ends', [answer(1, 103)]],
    ['interim answers without end', Array.from({ length: 65 }, () => answer(1, 103, [], false))],
    [
      'less than its length',
      [answer(1, 200, [['content-length', '5']], false), data(1, 'x', true)],
    ],
    ['more than its length', [answer(1, 200, [['content-length', '1']], false), data(1, 'xy')]],
    ['a length and no body', [answer(1, 200, [['content-length', '5']], true)]],
    ['a head above the limit', [cutHeaders(1, [OK, ['x', 'x'.repeat(70_000)]], true, 5)]],
    [
      'too many headers',
      [
        answer(
          1,
          200,
          Array.from({ length: 300 }, (_, i): Pair => [`x${i}`, '']),
        ),
      ],
    ],
  ]
  it.each(streams)(
    '%s: the client gets 502 or a reset, the others nothing',
    async (_name, bytes) => {
      const { client, host, proxy } = await asked(2)
      host.peers[0]!.write(...bytes)
      await client.whole(1)
      const heads = client.of(1, FrameType.Headers)
      if (client.over(1)) expect(heads.at(-1)!.fields![0]).toEqual([':status', '502'])
      expect(proxy.resets[0]).toMatch(/^upstream_protocol: 127.0.0.1:\d+ broke HTTP\/2: /)
      expect(proxy.stats.cx_protocol_error).toBe(1)
      await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0)
      host.peers[0]!.write(answer(3))
      await client.whole(3)
      expect(client.head(3)[':status']).toBe('200')
      expect(proxy.client.inFlight).toBe(0)
    },
  )

  const connections: readonly (readonly [string, readonly Buffer[], number])[] = [
    ['PUSH_PROMISE', [frame(FrameType.PushPromise, 4, 1, number(2))], ProtocolError],
    ['an even stream', [answer(2)], ProtocolError],
    ['an answer to nothing', [answer(99)], ProtocolError],
    ['DATA on an idle stream', [data(99, 'x')], ProtocolError],
    ['RST_STREAM on an idle stream', [reset(99, 8)], ProtocolError],
    ['ENABLE_PUSH', [settings(Setting.EnablePush, 1)], ProtocolError],
    ['a frame above 16 KB', [frame(1, 4, 1, Buffer.alloc(16_385))], FrameSizeError],
    ['a table above what we offer', [headers(1, Buffer.of(0x3f, 0xe2, 0x1f))], 9],
    ['a block that is none', [headers(1, Buffer.of(0x80))], 9],
    ['no SETTINGS to begin with', [ping()], ProtocolError],
  ]
  it.each(connections)('%s: the connection ends, and both are told', async (name, bytes, code) => {
    const { client, host, proxy } = await asked(2, name.startsWith('no S') ? { host: null } : {})
    host.peers[0]!.write(...bytes)
    expect(await host.peers[0]!.gone()).toBe(code)
    await client.until((peer) => [1, 3].every((id) => peer.over(id) || peer.resetOf(id) >= 0))
    expect(client.goAways).toEqual([])
    expect(proxy.resets).toHaveLength(2)
    // Another connection serves on.
    client.write(request(5))
    await until(() => host.peers.length === 2)
  })

  it('a window beyond its stream’s: that stream alone', async () => {
    const { client, host, proxy } = await asked(2)
    client.write(settings(Setting.InitialWindowSize, 0))
    await client.settled()
    host.peers[0]!.write(answer(1, 200, [], false))
    for (let i = 0; i < 5; i++) host.peers[0]!.write(data(1, Buffer.alloc(16_384)))
    await client.whole(1)
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0)
    expect(host.peers[0]!.resetOf(1)).toBe(FlowControlError)
    expect(proxy.client.draining).toBe(false)
  })

  it('more data than the window of the connection: it ends', async () => {
    const { client, host } = await asked(100, { far: { initialConnectionWindowBytes: 65_535 } })
    client.write(settings(Setting.InitialWindowSize, 0))
    await client.settled()
    for (let i = 0; i < 100; i++) {
      const id = 1 + 2 * i
      const body = Array.from({ length: 4 }, () => data(id, Buffer.alloc(16_383)))
      host.peers[0]!.write(answer(id, 200, [], false), ...body)
    }
    expect(await host.peers[0]!.gone()).toBe(FlowControlError)
  })

  const floods: readonly (readonly [string, Buffer])[] = [
    ['PING', ping()],
    ['PING answers', ping('unasked!', true)],
    ['SETTINGS', settings()],
    ['SETTINGS answers', frame(FrameType.Settings, Flag.Ack, 0)],
    ['GOAWAY', goAway(2 ** 31 - 1, 0)],
    ['WINDOW_UPDATE', windowUpdate(0, 1)],
    ['RST_STREAM', reset(1, 0)],
    ['unknown frames', frame(0x42, 0, 0)],
    ['empty DATA', data(3, '')],
    ['trailers', headers(1, [['x', '1']], true)],
  ]
  it.each(floods)('a flood of %s: ENHANCE_YOUR_CALM', async (_name, flood) => {
    const { client, host } = await asked(2)
    const [peer] = host.peers
    peer!.polite = false
    peer!.write(answer(1), answer(3, 200, [], false))
    await client.whole(1)
    peer!.write(Buffer.concat(Array.from({ length: 5000 }, () => flood)))
    expect(await peer!.gone()).toBe(ErrorCode.EnhanceYourCalm)
    await client.whole(3)
  })
})

describe('a tunnel', () => {
  const CHAT: readonly Pair[] = [
    [':method', 'CONNECT'],
    [':protocol', 'websocket'],
    [':scheme', 'http'],
    [':authority', 'shop'],
    [':path', '/chat'],
    ['sec-websocket-version', '13'],
  ]
  const DB: readonly Pair[] = [
    [':method', 'CONNECT'],
    [':authority', 'db:5432'],
  ]
  const opens = (peer: Peer, id: number): void => {
    peer.write(answer(id, 200, [], false))
  }
  const host = [Setting.EnableConnectProtocol, 1]
  const near = { allowConnect: true }

  it.each([
    ['CONNECT', DB],
    ['extended CONNECT', CHAT],
  ])('of %s carries bytes both ways; the client ends first', async (_name, fields) => {
    const all = await trio(opens, { host, near })
    const { client, proxy } = all
    client.write(headers(1, fields))
    await client.until((peer) => peer.of(1, FrameType.Headers).length === 1)
    const [peer] = all.host.peers
    expect(peer!.of(1, FrameType.Headers)[0]!.fields).toEqual(fields)
    client.write(data(1, 'to host'))
    await peer!.until((one) => one.text(1) === 'to host')
    peer!.write(data(1, 'to client'))
    await client.until((one) => one.text(1) === 'to client')
    client.write(data(1, ', end', true))
    await peer!.until((one) => one.over(1))
    await client.settled()
    expect(client.resetOf(1)).toBe(-1)
    expect(proxy.client.inFlight).toBe(1)
    peer!.write(data(1, ', end', true))
    await client.whole(1)
    expect([client.text(1), peer!.text(1)]).toEqual(['to client, end', 'to host, end'])
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.Ok })
    expect([proxy.client.inFlight, proxy.session.inFlight]).toEqual([0, 0])
  })

  it('goes on when the host ends first, and gives its room back once', async () => {
    const { client, host: far, proxy } = await trio(opens, { host, near })
    client.write(headers(1, CHAT))
    await until(() => far.asked.length === 1)
    const [peer] = far.peers
    peer!.write(data(1, 'bye', true))
    await client.until((one) => one.over(1))
    await client.settled()
    expect([client.resetOf(1), peer!.resetOf(1)]).toEqual([-1, -1])
    expect(proxy.client.inFlight).toBe(1)
    client.write(data(1, 'late'))
    await peer!.until((one) => one.text(1) === 'late')
    client.write(data(1, '', true))
    await peer!.until((one) => one.over(1))
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.Ok })
    expect([proxy.client.inFlight, proxy.session.inFlight]).toEqual([0, 0])
  })

  it('whose host has ended is left by the client: once more, room comes back once', async () => {
    const { client, host: far, proxy } = await trio(opens, { host, near })
    client.write(headers(1, CHAT))
    await until(() => far.asked.length === 1)
    far.peers[0]!.write(data(1, '', true))
    await client.until((one) => one.over(1))
    client.write(reset(1, ErrorCode.Cancel))
    await far.peers[0]!.until((one) => one.resetOf(1) >= 0)
    expect([proxy.client.inFlight, proxy.session.inFlight]).toEqual([0, 0])
  })

  it('whose client goes is reset at the host', async () => {
    const { client, host: far, proxy } = await trio(opens, { host, near })
    client.write(headers(1, CHAT))
    await until(() => far.asked.length === 1)
    client.end()
    await far.peers[0]!.until((one) => one.resetOf(1) >= 0)
    expect(far.peers[0]!.resetOf(1)).toBe(ErrorCode.Cancel)
    expect(proxy.client.inFlight).toBe(0)
  })

  it('that ends at once on both sides is over', async () => {
    const { client, proxy } = await trio((peer, id) => peer.write(answer(id)), { host, near })
    client.write(headers(1, CHAT, true))
    await client.whole(1)
    await until(() => proxy.streams[0]!.ended)
    expect([proxy.client.inFlight, proxy.session.inFlight]).toEqual([0, 0])
  })

  it('is refused in plain HTTP: an answer with a body', async () => {
    const { client, proxy } = await trio(
      (peer, id) =>
        peer.write(answer(id, 403, [['content-length', '2']], false), data(id, 'no', true)),
      { host, near },
    )
    client.write(headers(1, CHAT))
    await client.whole(1)
    expect(client.head(1)[':status']).toBe('403')
    expect(client.text(1)).toBe('no')
    await until(() => proxy.client.inFlight === 0)
  })

  it('is not asked of a host that has not offered it', async () => {
    const { client, host: far, proxy } = await trio((peer, id) => peer.write(answer(id)), { near })
    await client.write(request(1)).whole(1)
    client.write(headers(3, CHAT))
    await client.whole(3)
    expect(proxy.resets[0]).toContain('untouched')
    expect(client.text(3)).toContain('SETTINGS_ENABLE_CONNECT_PROTOCOL')
    expect(far.asked).toHaveLength(1)
  })
})
