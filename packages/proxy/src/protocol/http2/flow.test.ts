import { HandClock, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import {
  answer,
  data,
  headers,
  ping,
  request,
  reset,
  settings,
  windowUpdate,
} from './harness-frames.ts'
import type { Peer } from './harness-peer.ts'
import { clear, trio } from './harness-trio.ts'
import { ErrorCode, FrameType, Setting } from './wire.ts'

afterEach(clear)

const WINDOW = 65_535
const KB = 1024
const MB = 1024 * KB
const mute = (): void => {}
const POST = { method: 'POST', end: false } as const

/** Bytes that tell where they belong. */
function pattern(bytes: number): Buffer {
  const buf = Buffer.alloc(bytes)
  for (let i = 0; i + 4 <= bytes; i += 4) buf.writeUInt32BE(i, i)
  return buf
}

/** A body in DATA frames of 16 KB. */
function dataFrames(id: number, body: Buffer, end: boolean): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < body.length; at += 16_384) {
    const piece = body.subarray(at, at + 16_384)
    frames.push(data(id, piece, end && at + 16_384 >= body.length))
  }
  return Buffer.concat(frames)
}

describe('an answer', () => {
  const large = pattern(300 * KB)
  const sends = (peer: Peer, id: number): void => {
    peer.write(answer(id, 200, [], false))
    void peer.pour(id, large)
  }

  it('goes as far as the windows of the client, and on when they open', async () => {
    const { client } = await trio(sends)
    client.write(request(1))
    await client.until((peer) => peer.body(1).length === WINDOW)
    client.write(windowUpdate(1, 1000))
    await client.settled('stream  ')
    expect(client.body(1)).toHaveLength(WINDOW)
    client.write(windowUpdate(0, 500))
    await client.until((peer) => peer.body(1).length === WINDOW + 500)
    await client.settled('both    ')
    expect(client.body(1)).toHaveLength(WINDOW + 500)
    client.write(windowUpdate(0, MB), windowUpdate(1, MB))
    await client.whole(1)
    expect(client.body(1).equals(large)).toBe(true)
  })

  it('begins with a window of nothing, and ends when it is opened byte by byte', async () => {
    const short = (peer: Peer, id: number): void => {
      peer.write(answer(id, 200, [], false), data(id, 'hello'), headers(id, [['x-sum', '5']], true))
    }
    const { client } = await trio(short, { client: [Setting.InitialWindowSize, 0] })
    client.write(request(1))
    await client.until((peer) => peer.of(1, FrameType.Headers).length === 1)
    await client.settled()
    expect(client.text(1)).toBe('')
    for (let i = 1; i <= 5; i++) {
      client.write(windowUpdate(1, 1))
      await client.until((peer) => peer.text(1).length === i)
    }
    await client.whole(1)
    expect(client.text(1)).toBe('hello')
    expect(client.head(1, 1)).toEqual({ 'x-sum': '5' })
  })

  it('that is whole is given up when nobody takes it, and not before', async () => {
    const clock = new HandClock()
    const { client, proxy } = await trio(
      (peer, id) => peer.write(answer(id, 200, [], false), data(id, 'hello', true)),
      {
        client: [Setting.InitialWindowSize, 0],
        intake: { streamIdleTimeoutMs: 5000, idleTimeoutMs: 60_000 },
        clock,
      },
    )
    const pass = async (ms: number, name: string): Promise<void> => {
      proxy.turn.end()
      clock.turn(ms)
      proxy.wheel.advance()
      await client.settled(name)
    }
    client.write(request(1))
    await client.until((peer) => peer.of(1, FrameType.Headers).length === 1)
    await until(() => proxy.streams[0]!.ended)
    await pass(4000, 'waiting ')
    client.write(windowUpdate(1, 1))
    await client.until((peer) => peer.text(1) === 'h')
    await pass(4000, 'patient ')
    expect(client.resetOf(1)).toBe(-1)
    await pass(1100, 'no more ')
    await client.whole(1)
    expect(client.resetOf(1)).toBe(ErrorCode.Cancel)
    expect(proxy.session.inFlight).toBe(0)
  })

  it('needs no window for an end without data', async () => {
    const { client } = await trio(
      (peer, id) => peer.write(answer(id, 200, [], false), data(id, '', true)),
      { client: [Setting.InitialWindowSize, 0] },
    )
    client.write(request(1))
    await client.whole(1)
    expect(client.over(1)).toBe(true)
  })

  it('waits while the client’s settings have made its window negative', async () => {
    const { client } = await trio(sends)
    client.write(request(1))
    await client.until((peer) => peer.body(1).length === WINDOW)
    client.write(settings(Setting.InitialWindowSize, 1000), windowUpdate(0, MB))
    await client.settled('smaller ')
    client.write(windowUpdate(1, WINDOW - 1000))
    await client.settled('at zero ')
    expect(client.body(1)).toHaveLength(WINDOW)
    client.write(windowUpdate(1, 7))
    await client.until((peer) => peer.body(1).length === WINDOW + 7)
    client.write(settings(Setting.InitialWindowSize, MB))
    await client.whole(1)
    expect(client.body(1).equals(large)).toBe(true)
  })

  it('shares the window of the connection with the others, and all end', async () => {
    const { client } = await trio(sends, { client: [Setting.InitialWindowSize, MB] })
    const ids = [1, 3, 5, 7]
    client.write(...ids.map((id) => request(id)))
    let given = WINDOW
    while (!ids.every((id) => client.over(id))) {
      await client.until(
        (peer) =>
          ids.reduce((sum, id) => sum + peer.body(id).length, 0) === given ||
          ids.every((id) => peer.over(id)),
      )
      client.write(windowUpdate(0, 100_000))
      given = Math.min(given + 100_000, 4 * large.length)
    }
    for (const id of ids) expect(client.body(id).equals(large)).toBe(true)
  })

  it('is given up by a reset while it waits', async () => {
    const { client, host, proxy } = await trio(sends)
    client.write(request(1))
    await client.until((peer) => peer.body(1).length === WINDOW)
    client.write(reset(1, ErrorCode.Cancel), windowUpdate(0, MB), windowUpdate(1, MB))
    await client.settled()
    expect(client.body(1)).toHaveLength(WINDOW)
    await host.peers[0]!.until((peer) => peer.resetOf(1) >= 0)
    expect(proxy.session.inFlight).toBe(0)
  })

  it('has frames no longer than 16 KB, whatever the client takes', async () => {
    const { client } = await trio(sends, {
      client: [Setting.InitialWindowSize, MB, Setting.MaxFrameSize, MB],
    })
    client.write(windowUpdate(0, MB), request(1))
    await client.whole(1)
    expect(client.of(1, FrameType.Data).every(({ payload }) => payload.length <= 16_384)).toBe(true)
  })
})

describe('a host whose client does not read', () => {
  it('is paused by its windows, and what waits stays below them', async () => {
    let sent = 0
    const { client, host } = await trio((peer, id) => {
      peer.write(answer(id, 200, [], false))
      const most = (): number => Math.min(WINDOW + peer.given(id), WINDOW + peer.given(0)) - sent
      const more = (): void => {
        while (most() > 0) {
          const bytes = Math.min(most(), 16_384)
          sent += bytes
          peer.write(data(id, Buffer.alloc(bytes)))
        }
      }
      peer.onFrame = more
      more()
    })
    client.write(request(1))
    await client.until((peer) => peer.body(1).length === WINDOW)
    await client.settled('quiet   ')
    await host.peers[0]!.settled('no more ')
    expect(sent).toBeLessThanOrEqual(WINDOW * 3)
    client.write(windowUpdate(0, MB), windowUpdate(1, 200 * KB))
    await client.until((peer) => peer.body(1).length === WINDOW + 200 * KB)
    expect(sent).toBeLessThanOrEqual(WINDOW * 6)
  })

  it('serves the others on its connection', async () => {
    const { client, host, another } = await trio(
      (peer, id, { fields }) => {
        const large = fields!.some(([, value]) => value === '/large')
        peer.write(answer(id, 200, [], false))
        void peer.pour(id, large ? Buffer.alloc(WINDOW * 2) : Buffer.from('small'))
      },
      { near: { maxConcurrentStreams: 1000 }, far: { maxConcurrentStreams: 1000 } },
    )
    const ids = Array.from({ length: 60 }, (_, i) => 1 + 2 * i)
    client.write(settings(Setting.InitialWindowSize, 0), ...ids.map((id) => request(id, '/large')))
    await client.until((peer) => ids.every((id) => peer.of(id, FrameType.Headers).length > 0))
    await client.settled()
    const honest = another()
    honest.write(request(1, '/small'))
    await honest.whole(1)
    expect(honest.text(1)).toBe('small')
    expect(host.peers).toHaveLength(1)
  })

  it('goes on when the socket takes more: every answer that began while it was full', async () => {
    const body = pattern(2 * MB)
    const { client } = await trio(
      (peer, id) => {
        peer.write(answer(id, 200, [], false))
        void peer.pour(id, body)
      },
      { client: [Setting.InitialWindowSize, 16 * MB] },
    )
    client.write(windowUpdate(0, 64 * MB), request(1), request(3))
    await client.until((peer) => peer.of(3, FrameType.Headers).length > 0)
    client.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.write(request(5), request(7))
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.socket.resume()
    const ids = [1, 3, 5, 7]
    await client.until((peer) => ids.every((id) => peer.over(id)))
    for (const id of ids) expect(client.body(id).equals(body)).toBe(true)
  })
})

describe('a request', () => {
  it('is let in as fast as its host takes it, and arrives whole', async () => {
    const body = pattern(400 * KB)
    const { client, host } = await trio(mute)
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    const [peer] = host.peers
    void client.pour(1, body)
    await peer!.until((one) => one.body(1).length === WINDOW)
    await client.settled('stuck   ')
    await client.settled('stuck 2 ')
    expect(peer!.body(1)).toHaveLength(WINDOW)
    peer!.generous = true
    peer!.write(windowUpdate(0, WINDOW), windowUpdate(1, WINDOW))
    await peer!.until((one) => one.over(1))
    expect(peer!.body(1).equals(body)).toBe(true)
  })

  it('that breaks the window of its stream is reset; that of the connection, ends it', async () => {
    const { client } = await trio(mute, {
      far: {},
      near: { initialConnectionWindowBytes: 200_000 },
    })
    client.write(request(1, '/', [], POST), dataFrames(1, Buffer.alloc(WINDOW + 1), false))
    await client.whole(1)
    expect(client.resetOf(1)).toBe(ErrorCode.FlowControlError)
    expect(client.goAways).toEqual([])
    for (let id = 3; id < 19; id += 2)
      client.write(request(id, '/', [], POST), dataFrames(id, Buffer.alloc(60_000), false))
    expect(await client.gone()).toBe(ErrorCode.FlowControlError)
  })

  it('counts its padding: all of it comes back', async () => {
    const { client, host } = await trio(mute)
    host.onWhole = (peer, id) => peer.write(answer(id))
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    host.peers[0]!.generous = true
    for (let i = 0; i < 3000; i++) {
      client.write(data(1, 'x', false, 255))
      if (i % 100 === 99) await client.settled(`${i}`.padEnd(8))
    }
    const bytes = 3000 * 257
    const window = client.settings.at(-1)![Setting.InitialWindowSize]!
    expect(client.given(1) + window).toBeGreaterThanOrEqual(bytes)
    await client.write(data(1, '', true)).whole(1)
    expect(host.peers[0]!.body(1)).toHaveLength(3000)
  })

  it('that was reset gives back what it had of the connection', async () => {
    const { client, host } = await trio(mute)
    for (let i = 0; i < 40; i++) {
      const id = 1 + 2 * i
      client.write(request(id, '/', [], POST), dataFrames(id, Buffer.alloc(60_000), false))
      await until(() => host.asked.length === i + 1)
      client.write(reset(id, ErrorCode.Cancel))
      await client.settled(`${i}`.padEnd(8))
    }
    expect(client.goAways).toEqual([])
    expect(client.given(0)).toBeGreaterThan(40 * 60_000 - MB)
  })
})

describe('windows', () => {
  it('grow on a long way, until the way is what limits', async () => {
    const { client, host } = await trio(mute)
    host.onWhole = (peer, id) => peer.write(answer(id))
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    host.peers[0]!.generous = true
    client.lagMs = 10
    await client.pour(1, Buffer.alloc(4 * MB))
    await client.whole(1)
    const windows = client.settings.map((one) => one[Setting.InitialWindowSize]!)
    expect(windows.length).toBeGreaterThan(1)
    for (const [i, window] of windows.entries()) {
      if (i > 0) expect(window).toBe(windows[i - 1]! * 2)
      expect(window).toBeLessThanOrEqual(8 * MB)
    }
    expect(host.peers[0]!.body(1)).toHaveLength(4 * MB)
  })

  it('do not grow for a peer that only answers PING late', async () => {
    const { client, host } = await trio(mute)
    client.polite = false
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    host.peers[0]!.generous = true
    await client.pour(1, Buffer.alloc(MB), false)
    const asked = client.of(0, FrameType.Ping).map(({ payload }) => payload.toString('latin1'))
    expect(asked).toHaveLength(1)
    client.write(ping(asked[0]!, true))
    await client.until((peer) => peer.settings.length === 2)
    expect(client.settings[1]).toEqual({ [Setting.InitialWindowSize]: 2 * WINDOW })
  })
})
