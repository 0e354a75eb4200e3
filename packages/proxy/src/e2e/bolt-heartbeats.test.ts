import {
  type BoltAsked,
  boltBytes,
  cluster,
  HandClock,
  rpcListener,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const CLOSED = 16
/** After so long without a byte from its host, a connection asks whether it lives. */
const QUIET_MS = 15_100

const stage = new Stage()
afterEach(() => stage.clear())

/** A proxy whose time the test turns, before one host. */
async function timed(answer?: (asked: BoltAsked) => void, extra = {}, settings = {}) {
  const clock = new HandClock()
  const host = await stage.boltHost(answer)
  const proxy = await stage.proxy(
    [rpcListener('a', {}, { stream_idle_timeout: '0s', ...settings })],
    [cluster('a', [host.port], extra)],
    {},
    { clock },
  )
  return { clock, host, proxy, port: proxy.port('rpc') }
}

describe('a connection to a Bolt host', () => {
  it.each([
    ['v1', 0x100],
    ['v2', 0x201],
    ['crc', 0x202],
  ] as const)('that is quiet is kept by heartbeats of its own version, %s', async (voice, key) => {
    const { clock, host, proxy, port } = await timed()
    const client = await stage.boltClient(port, voice)
    await client.call()
    const stats = proxy.cluster('a')
    for (let beats = 1; beats <= 4; beats++) {
      const heard = stats.cx_rx_bytes_total
      clock.turn(QUIET_MS)
      await until(() => host.heartbeats === beats && stats.cx_rx_bytes_total > heard)
    }
    expect(host.voices.at(-1)).toBe(key)
    expect((await client.call()).status).toBe(0)
    expect(proxy.cluster('a')).toMatchObject({ cx_total: 1, heartbeat_failed: 0 })
  })

  it('is given up when three heartbeats stay without an answer, and its calls fail so', async () => {
    const { clock, host, proxy, port } = await timed((asked) => {
      if (asked.text === 'hello') asked.answer()
    })
    const client = await stage.boltClient(port)
    await client.call()
    host.alive = false
    const call = client.call({ timeoutMs: -1, content: 'ignored' })
    await until(() => host.asked.length === 2)
    for (let beats = 1; beats <= 3; beats++) {
      clock.turn(QUIET_MS)
      await until(() => host.heartbeats === beats)
    }
    clock.turn(QUIET_MS)
    const answer = await call
    expect(answer.status).toBe(CLOSED)
    expect(answer.header('tulle_error')).toMatch(/left 3 heartbeats without an answer$/)
    expect(proxy.cluster('a').heartbeat_failed).toBe(1)
    expect((await client.call()).status).toBe(0)
    expect(host.raw.peers).toHaveLength(2)
  })

  it('to a host that knows no heartbeats lives as long as calls are answered', async () => {
    const { clock, host, proxy, port } = await timed()
    host.alive = false
    const client = await stage.boltClient(port)
    for (let beats = 1; beats <= 6; beats++) {
      expect((await client.call()).status).toBe(0)
      clock.turn(QUIET_MS)
      await until(() => host.heartbeats === beats)
    }
    expect(proxy.cluster('a').cx_total).toBe(1)
  })

  it('without calls for long is closed, although the host keeps its side open', async () => {
    const idle = { common_http_protocol_options: { idle_timeout: '20s' } }
    const { clock, proxy, port } = await timed(undefined, idle)
    const client = await stage.boltClient(port)
    await client.call()
    clock.turn(QUIET_MS)
    await until(() => proxy.cluster('a').heartbeat_total === 1)
    clock.turn(QUIET_MS)
    await until(() => proxy.cluster('a').cx_idle_timeout === 1)
    clock.turn(2000)
    await until(() => proxy.cluster('a').cx_active === 0)
    expect((await client.call()).status).toBe(0)
  })

  it('is not used for new calls once the host says go-away, and closes after the last', async () => {
    const waiting: BoltAsked[] = []
    const { host, proxy, port } = await timed((asked) => waiting.push(asked))
    const client = await stage.boltClient(port)
    const call = client.call()
    await until(() => waiting.length === 1)
    host.raw.peers[0]!.write(boltBytes({ kind: 'go-away', id: 1 }))
    await until(() => proxy.cluster('a').cx_rx_bytes_total === 22)
    const next = client.call()
    await until(() => waiting.length === 2)
    expect(waiting[1]!.peer).not.toBe(waiting[0]!.peer)
    for (const asked of waiting) asked.answer()
    expect([(await call).status, (await next).status]).toEqual([0, 0])
    await host.raw.peers[0]!.untilEnd()
  })
})

describe("a Bolt client's connection", () => {
  it('without calls for long is closed, although the client keeps its side open', async () => {
    const { clock, proxy, port } = await timed(undefined, {}, { idle_timeout: '5s' })
    const client = await stage.boltClient(port)
    await client.call()
    clock.turn(4000)
    expect((await client.heartbeat(9)).id).toBe(9)
    clock.turn(4000)
    expect((await client.call()).status).toBe(0)
    clock.turn(6000)
    await client.peer.untilEnd()
    expect(proxy.listener('rpc').cx_idle_timeout).toBe(1)
    clock.turn(2000)
    await until(() => proxy.listener('rpc').cx_active === 0)
  })

  it('with a call under way is not idle', async () => {
    const waiting: BoltAsked[] = []
    const { clock, port } = await timed((asked) => waiting.push(asked), {}, { idle_timeout: '5s' })
    const client = await stage.boltClient(port)
    const call = client.call({ timeoutMs: -1 })
    await until(() => waiting.length === 1)
    clock.turn(12_000)
    expect((await client.heartbeat(9)).id).toBe(9)
    waiting[0]!.answer('at last')
    expect((await call).text).toBe('at last')
  })
})
