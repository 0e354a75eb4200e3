import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  cluster,
  everything,
  httpChain,
  listener,
  Stage,
  type TestProxy,
  until,
} from '@tulle/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  block,
  data,
  frame,
  goAway,
  greeting,
  headers,
  type Pair,
  ping,
  priority,
  request,
  requestFields,
  reset,
  settings,
  settingsAck,
  windowUpdate,
} from '../protocol/http2/harness-frames.ts'
import { FrameHost, Peer } from '../protocol/http2/harness-peer.ts'
import { Literal, literal, sizeUpdate } from '../protocol/http2/hpack/harness.ts'
import { ErrorCode, Flag, FrameType, Setting } from '../protocol/http2/wire.ts'

/** Clients that mean harm, beside one that does not: it is served all the time, and memory stays flat. */

const MB = 1024 * 1024
const MOST_MB = 20
const POST = { method: 'POST', end: false } as const
const LARGE = Buffer.alloc(2 * MB)
const LATER_MS = 50

const stage = new Stage()
afterEach(() => stage.clear())

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Megabytes that are in use: of the proxy, and of the test itself. */
function usedMb(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MB
}

/** A client that asks one thing after the other, all the time. */
class Honest {
  answers = 0
  #peer: Peer
  #done = false
  #failure: unknown = null
  readonly #work: Promise<void>

  constructor(port: number) {
    this.#peer = Peer.connect(port).write(greeting())
    this.#work = this.#ask().catch((error) => {
      this.#failure = error
    })
  }

  /** All it asked for was answered, also after the attack, on one connection. */
  async content(): Promise<void> {
    const before = this.answers
    await until(() => this.answers > before + 2 || this.#failure !== null)
    expect(this.#failure).toBeNull()
    expect(this.#peer.goAways).toEqual([])
  }

  async stop(): Promise<void> {
    this.#done = true
    await this.#work
    this.#peer.socket.destroy()
  }

  async #ask(): Promise<void> {
    for (let id = 1; !this.#done; id += 2) {
      await this.#peer.write(request(id, '/small')).whole(id)
      expect(this.#peer.head(id)[':status']).toBe('200')
      expect(this.#peer.text(id)).toBe('/small')
      this.#peer.frames.length = 0
      this.answers++
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
}

const isLarge = (path: string): boolean => path === '/large' || path === '/stuck'

interface Scene {
  readonly proxy: TestProxy
  /** Of the host: what was asked for. */
  readonly asked: { readonly path: string }[]
  readonly honest: Honest
  /** What is in use before the attack. */
  readonly restingMb: number
  /** Has sent preface and settings, or with null nothing. */
  attacker(...settings: readonly number[]): Peer
}

/** A host whose answers are as large as the path says, behind a proxy with this connection manager. */
async function scene(
  manager: Readonly<Record<string, unknown>> = {},
  path: 'http1' | 'http2' = 'http1',
  to: Stage = stage,
): Promise<Scene> {
  const asked: { readonly path: string }[] = []
  let port: number
  if (path === 'http1') {
    const host = await to.httpHost((one, response) => {
      asked.push(one)
      if (one.path === '/never') return
      if (one.path === '/large?later') setTimeout(() => response.end(LARGE), LATER_MS)
      else response.end(isLarge(one.path) ? LARGE : one.path)
    })
    port = host.port
  } else {
    const host = new FrameHost((peer, id, { fields }) => {
      const [, of] = fields!.find(([name]) => name === ':path')!
      asked.push({ path: of })
      if (of === '/never') return
      peer.write(headers(id, [[':status', '200']]))
      void peer.pour(id, isLarge(of) ? LARGE : Buffer.from(of))
    })
    to.later(() => host.stop())
    port = (await host.start()).port
  }
  const local = {
    match: { prefix: '/local' },
    direct_response: { status: 200, body: { inline_string: 'x'.repeat(4000) } },
  }
  const stuck = {
    match: { prefix: '/stuck' },
    route: { cluster: 'a', idle_timeout: '0.3s' },
  }
  const chain = httpChain([local, stuck, everything('a')], manager)
  const options = path === 'http2' ? { http2_protocol_options: {} } : {}
  const proxy = await to.proxy([listener('web', [chain])], [cluster('a', [port], options)])
  const web = proxy.port('web')
  const honest = new Honest(web)
  to.later(() => honest.stop())
  await until(() => honest.answers > 2)
  const attacker = (...list: readonly number[]): Peer => {
    const peer = Peer.connect(web)
    to.later(() => peer.socket.destroy())
    return peer.write(greeting(...list))
  }
  return { proxy, asked, honest, attacker, restingMb: usedMb() }
}

/** Memory is flat while the attack is on, and the honest client content behind it. */
async function withstands(all: Scene, attack: () => Promise<void>): Promise<void> {
  await attack()
  expect(usedMb() - all.restingMb).toBeLessThan(MOST_MB)
  await all.honest.content()
}

const many = (count: number, make: (id: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(1 + 2 * i)))

describe('a flood', () => {
  const NOTHING = Buffer.alloc(0)
  const OPEN = request(1, '/never', [], POST)
  const both = (...frames: readonly Buffer[]): Buffer => Buffer.concat(frames)
  const open = (id: number): Buffer => request(id, '/never', [], POST)
  const never = (id: number): Buffer => request(id, '/never')
  type Flood = readonly [name: string, make: (id: number) => Buffer, before: Buffer]
  const floods: readonly Flood[] = [
    ['requests taken back at once (rapid reset)', (id) => both(never(id), reset(id, 8)), NOTHING],
    ['bodies taken back at once', (id) => both(open(id), data(id, 'x'), reset(id, 8)), NOTHING],
    // So that we reset, which costs as much:
    ['windows of nothing', (id) => both(open(id), windowUpdate(id, 0)), NOTHING],
    ['windows that overflow', (id) => both(open(id), windowUpdate(id, 2 ** 31 - 1)), NOTHING],
    ['data behind its end', (id) => both(never(id), data(id, 'x')), NOTHING],
    ['bad trailers', (id) => both(open(id), headers(id, [[':x', '1']], true)), NOTHING],
    ['heads behind their end', (id) => both(never(id), headers(id, [['x', '1']], true)), NOTHING],
    ['priorities of itself', (id) => both(open(id), priority(id, id)), NOTHING],
    ['lengths that lie', (id) => request(id, '/never', [['content-length', '9']]), NOTHING],
    ['malformed requests', (id) => headers(id, [[':method', 'GET']], true), NOTHING],
    ['more requests than are allowed', never, NOTHING],
    // What makes work and asks for nothing:
    ['SETTINGS', () => settings(Setting.InitialWindowSize, 1000), NOTHING],
    ['SETTINGS answers', () => settingsAck, NOTHING],
    ['PING', () => ping(), NOTHING],
    ['PING answers', () => ping('unasked!', true), NOTHING],
    ['GOAWAY', () => goAway(0, 0), OPEN],
    ['PRIORITY', (id) => priority(id, 0), NOTHING],
    ['unknown frames', () => frame(0xfa, 0, 0), NOTHING],
    ['WINDOW_UPDATE', () => windowUpdate(0, 1), OPEN],
    ['WINDOW_UPDATE on a stream', () => windowUpdate(1, 1), OPEN],
    ['RST_STREAM on what is gone', () => reset(1, 8), OPEN],
    ['DATA on what is gone', () => data(1, 'x'), both(OPEN, reset(1, 8))],
    ['empty DATA', () => data(1, ''), OPEN],
    ['empty DATA with padding', () => data(1, '', false, 0), OPEN],
    ['CONTINUATION', () => CONTINUATION, frame(1, 0, 1)],
    ['CONTINUATION of nothing', () => frame(9, 0, 1), frame(1, 0, 1)],
    ['CONTINUATION of one byte', () => frame(9, 0, 1, Buffer.of(0x82)), frame(1, 0, 1)],
  ]
  const shared = new Stage()
  let all: Scene
  beforeAll(async () => {
    all = await scene({}, 'http1', shared)
  })
  afterAll(() => shared.clear())

  const CONTINUATION = frame(FrameType.Continuation, 0, 1, Buffer.alloc(2000))

  it.each(floods)('of %s ends its connection: ENHANCE_YOUR_CALM', async (_name, make, before) => {
    all.asked.length = 0
    const flood = many(3000, (id) => make(id + 2))
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.polite = false
      attacker.write(before, flood)
      expect(await attacker.gone()).toBe(ErrorCode.EnhanceYourCalm)
    })
    // What it has asked for meanwhile is not carried on.
    expect(all.asked.filter(({ path }) => path !== '/small').length).toBeLessThan(300)
    await until(() => all.proxy.cluster('a').rq_active === 0)
  })

  it('of SETTINGS in few frames ends its connection too', async () => {
    const list = Array.from({ length: 2730 }, () => [Setting.InitialWindowSize, 9]).flat()
    const attacker = all.attacker().write(settings(...list), settings(...list))
    expect(await attacker.gone()).toBe(ErrorCode.EnhanceYourCalm)
    await all.honest.content()
  })

  it.each([
    ['PING', ping()],
    ['SETTINGS', settings()],
  ])('of %s whose answers are not read ends all the same', async (_name, one) => {
    const stats = all.proxy.listener('web', 0, 'h2')
    const before = stats.cx_protocol_error
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.socket.pause()
      attacker.write(many(3000, () => one))
      await until(() => stats.cx_protocol_error > before)
    })
  })
})

describe('headers', () => {
  it('of a large entry many times over (HPACK bomb) are 431, however often', async () => {
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker()
      const entry = literal(Literal.Entering, 'x', 'x'.repeat(4000))
      const bomb = Buffer.concat([block(requestFields()), Buffer.alloc(16_000, 0xbe)])
      attacker.write(headers(1, Buffer.concat([block(requestFields()), entry]), true))
      await attacker.whole(1)
      expect(attacker.head(1)[':status']).toBe('200')
      for (let id = 3; id < 403; id += 2) attacker.write(headers(id, bomb, true))
      await attacker.whole(401)
      expect(attacker.head(401)[':status']).toBe('431')
      await attacker.settled()
    })
  })

  it('with a table that shrinks and grows all the time cost nothing', async () => {
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.generous = true
      const fill = Array.from({ length: 100 }, (_, i) => literal(Literal.Entering, `n${i}`, 'v'))
      const games = [
        sizeUpdate(0),
        sizeUpdate(4096),
        block(requestFields('/local')),
        ...fill.slice(0, 90),
      ]
      let ends = 0
      attacker.onFrame = ({ type, flags }) => {
        if (type === FrameType.Data && (flags & Flag.EndStream) !== 0) ends++
        attacker.frames.length = 0
      }
      for (let id = 1; id < 2001; id += 2) {
        attacker.write(headers(id, Buffer.concat(games), true))
        if (id % 100 === 99) await until(() => ends === (id + 1) / 2)
      }
    })
  })

  it('beyond their limits are 431: in bytes, and in number', async () => {
    const all = await scene({
      max_request_headers_kb: 1,
      common_http_protocol_options: { max_headers_count: 5 },
    })
    const attacker = all.attacker()
    const few = Array.from({ length: 9 }, (_, i): Pair => [`x-${i}`, '1'])
    attacker.write(request(1, '/', [['x', 'x'.repeat(2000)]]), request(3, '/', few), request(5))
    await attacker.until((peer) => [1, 3, 5].every((id) => peer.over(id)))
    expect([1, 3, 5].map((id) => attacker.head(id)[':status'])).toEqual(['431', '431', '200'])
    expect(attacker.text(1)).toMatch(/^hop: downstream: .*larger than allowed/)
    await all.honest.content()
  })
})

describe('windows', () => {
  it.each(['http1', 'http2'] as const)(
    'that stay shut hold up large answers of a host of %s, which wait there, until they are given up',
    async (path) => {
      const all = await scene({}, path)
      await withstands(all, async () => {
        const attacker = all.attacker(Setting.InitialWindowSize, 0)
        attacker.write(many(100, (id) => request(id, '/stuck')))
        await until(() => all.asked.filter((one) => one.path === '/stuck').length === 100)
        expect(usedMb() - all.restingMb).toBeLessThan(MOST_MB)
        const stats = all.proxy.cluster('a')
        await until(() => stats.rq_active <= 1)
        expect(attacker.frames.filter(({ type }) => type === FrameType.Data)).toEqual([])
      })
    },
  )

  it('that are opened a byte at a time cost a frame each, and nothing piles up', async () => {
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker(Setting.InitialWindowSize, 0)
      attacker.write(many(100, (id) => request(id, '/large')))
      await attacker.until((peer) => peer.of(199, FrameType.Headers).length > 0)
      for (let round = 0; round < 20; round++) {
        attacker.write(many(100, (id) => windowUpdate(id, 1)))
        await attacker.until((peer) => peer.body(199).length > round || peer.ended)
      }
      await attacker.settled()
    })
  })

  it('above 2^31-1 end the connection', async () => {
    const all = await scene()
    const attacker = all.attacker().write(windowUpdate(0, 2 ** 31 - 1))
    expect(await attacker.gone()).toBe(ErrorCode.FlowControlError)
    await all.honest.content()
  })

  it('that the client does not keep to end the connection', async () => {
    const all = await scene({}, 'http2')
    const body = Array.from({ length: 8 }, () => Buffer.alloc(8191))
    await withstands(all, async () => {
      const attacker = all.attacker()
      for (let id = 1; id < 100 && !attacker.ended; id += 2)
        attacker.write(request(id, '/never', [], POST), ...body.map((piece) => data(id, piece)))
      expect(await attacker.gone()).toBe(ErrorCode.FlowControlError)
    })
  })
})

describe('a client that does not read', () => {
  it('is not read either, with so many answers waiting; when it goes on, all of them come', async () => {
    const all = await scene()
    const count = 10_000
    const attacker = all.attacker(Setting.InitialWindowSize, 2 ** 31 - 1)
    let ends = 0
    attacker.onFrame = ({ type, flags }) => {
      if (type === FrameType.Data && (flags & Flag.EndStream) !== 0) ends++
      attacker.frames.length = 0
    }
    await attacker.until((peer) => peer.bytesIn > 0)
    await withstands(all, async () => {
      attacker.socket.pause()
      attacker.write(windowUpdate(0, 2 ** 31 - 1 - 65_535))
      attacker.write(many(count, (id) => request(id, '/local')))
      const { honest } = all
      const { answers } = honest
      await until(() => honest.answers > answers + 100)
    })
    expect(all.proxy.listener('web', 0, 'h2').rq_total).toBeLessThan(count)
    attacker.socket.resume()
    await until(() => ends === count)
    expect(attacker.ended).toBe(false)
  })

  it('of large answers that began while its socket was full gets all of them, at last', async () => {
    const all = await scene()
    const attacker = all.attacker(Setting.InitialWindowSize, 64 * MB)
    await attacker.write(windowUpdate(0, 512 * MB)).settled()
    attacker.socket.pause()
    const ids = Array.from({ length: 12 }, (_, i) => 1 + 2 * i)
    for (const id of ids) attacker.write(request(id, id < 9 ? '/large' : '/large?later'))
    await until(() => all.asked.filter(({ path }) => path === '/large?later').length === 8)
    await new Promise((resolve) => setTimeout(resolve, 2 * LATER_MS))
    attacker.socket.resume()
    await attacker.until((peer) => ids.every((id) => peer.over(id)))
    for (const id of ids) expect(attacker.body(id)).toHaveLength(LARGE.length)
    await all.honest.content()
  })
})

describe('an answer whose head found the socket full', () => {
  it('goes on when there is room: its host is read again', async () => {
    const host = await stage.rawHost((peer) => {
      peer.socket.once('data', (chunk: Buffer) => {
        if (chunk.includes('/large')) {
          peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LARGE.length * 8}\r\n\r\n`)
          for (let i = 0; i < 8; i++) peer.write(LARGE)
        } else {
          peer.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
          setTimeout(() => peer.write('hello'), LATER_MS)
        }
      })
    })
    const proxy = await stage.proxy(
      [listener('web', [httpChain([everything('a')])])],
      [cluster('a', [host.port])],
    )
    const client = Peer.connect(proxy.port('web')).write(
      greeting(Setting.InitialWindowSize, 64 * MB),
    )
    stage.later(() => client.socket.destroy())
    await client.write(windowUpdate(0, 512 * MB)).settled()
    client.socket.pause()
    client.write(request(1, '/large'))
    const stats = proxy.listener('web', 0, 'h2')
    let sent = -1
    while (sent !== stats.cx_tx_bytes_total) {
      sent = stats.cx_tx_bytes_total
      await new Promise((resolve) => setTimeout(resolve, LATER_MS))
    }
    client.write(request(3, '/small'))
    await until(() => host.peers.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 2 * LATER_MS))
    client.socket.resume()
    await client.until((peer) => peer.over(1) && peer.over(3))
    expect(client.text(3)).toBe('hello')
    expect(client.body(1)).toHaveLength(LARGE.length * 8)
  })
})

describe('a client that is slow', () => {
  it('to speak at all is let go in time', async () => {
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [
        listener('web', [httpChain([everything('a')], { codec_type: 'HTTP2' })]),
        listener('auto', [httpChain([everything('a')])], { listener_filters_timeout: '0.2s' }),
      ],
      [cluster('a', [host.port])],
    )
    const partial = await stage.rawClient(proxy.port('auto'))
    partial.write('PRI * HTTP/2.0\r\n\r\n')
    await partial.untilEnd()
    const wrong = await stage.rawClient(proxy.port('web'))
    wrong.write('GET / HTTP/1.1\r\n')
    await wrong.untilEnd()
  })

  it('with its body is told so', async () => {
    const all = await scene({ request_timeout: '0.2s' })
    const attacker = all.attacker()
    attacker.write(many(50, (id) => request(id, '/upload', [], POST)))
    await attacker.until((peer) => peer.over(99))
    expect(attacker.head(99)[':status']).toBe('408')
    expect(attacker.text(99)).toContain('hop: downstream: the request did not arrive within 200 ms')
    await all.honest.content()
    await until(() => all.proxy.cluster('a').rq_active === 0)
  })

  it('with its head is let go', async () => {
    const all = await scene({ request_headers_timeout: '0.2s' })
    for (const slow of [request(1).subarray(0, 15), frame(1, 0, 1, Buffer.of(0x82))]) {
      const attacker = all.attacker()
      attacker.polite = false
      attacker.write(slow)
      expect(await attacker.gone()).toBe(ErrorCode.EnhanceYourCalm)
    }
    await all.honest.content()
  })

  it('and goes in the middle leaves nothing behind', async () => {
    const all = await scene()
    const before = all.proxy.listener('web', 0, 'h2').cx_active
    await withstands(all, async () => {
      for (let i = 0; i < 50; i++) {
        const attacker = all.attacker().write(request(1, '/never', [], POST), data(1, 'half'))
        if (i % 2 === 0) attacker.end()
        else
          await attacker
            .until((peer) => peer.bytesIn > 0)
            .then((peer) => peer.socket.resetAndDestroy())
      }
      await until(() => all.proxy.listener('web', 0, 'h2').cx_active === before)
    })
    await until(() => all.proxy.cluster('a').rq_active === 0)
  })
})
