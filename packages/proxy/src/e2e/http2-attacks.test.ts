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
import { afterEach, describe, expect, it } from 'vitest'
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
  readonly #work: Promise<void>

  constructor(port: number) {
    this.#peer = Peer.connect(port).write(greeting())
    this.#work = this.#ask()
  }

  /** All it asked for was answered, also after the attack, on one connection. */
  async content(): Promise<void> {
    const before = this.answers
    await until(() => this.answers > before + 2)
    this.#done = true
    await this.#work
    expect(this.#peer.goAways).toEqual([])
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

interface Scene {
  readonly proxy: TestProxy
  /** Of the host: what was asked for. */
  readonly asked: readonly { readonly path: string }[]
  readonly honest: Honest
  /** Has sent preface and settings, or with null nothing. */
  attacker(...settings: readonly number[]): Peer
}

/** A host whose answers are as large as the path says, behind a proxy with this connection manager. */
async function scene(manager: object = {}, path: 'http1' | 'http2' = 'http1'): Promise<Scene> {
  const asked: { readonly path: string }[] = []
  let port: number
  if (path === 'http1') {
    const host = await stage.httpHost((one, response) => {
      asked.push(one)
      if (one.path === '/never') return
      response.end(one.path === '/large' ? LARGE : one.path)
    })
    port = host.port
  } else {
    const host = new FrameHost((peer, id, { fields }) => {
      const [, of] = fields!.find(([name]) => name === ':path')!
      asked.push({ path: of })
      if (of === '/never') return
      peer.write(headers(id, [[':status', '200']]))
      void peer.pour(id, of === '/large' ? LARGE : Buffer.from(of))
    })
    stage.later(() => host.stop())
    port = (await host.start()).port
  }
  const local = {
    match: { prefix: '/local' },
    direct_response: { status: 200, body: { inline_string: 'x'.repeat(4000) } },
  }
  const chain = httpChain([local, everything('a')], manager)
  const options = path === 'http2' ? { http2_protocol_options: {} } : {}
  const proxy = await stage.proxy([listener('web', [chain])], [cluster('a', [port], options)])
  const web = proxy.port('web')
  const honest = new Honest(web)
  await until(() => honest.answers > 2)
  const attacker = (...list: readonly number[]): Peer => {
    const peer = Peer.connect(web)
    stage.later(() => peer.socket.destroy())
    return peer.write(greeting(...list))
  }
  return { proxy, asked, honest, attacker }
}

/** Memory is flat while the attack is on, and the honest client content behind it. */
async function withstands(all: Scene, attack: () => Promise<void>): Promise<void> {
  const before = usedMb()
  await attack()
  expect(usedMb() - before).toBeLessThan(MOST_MB)
  await all.honest.content()
}

const many = (count: number, make: (id: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(1 + 2 * i)))

describe('a flood', () => {
  const OPEN = request(1, '/never', [], POST)
  const floods: readonly (readonly [string, Buffer])[] = [
    [
      'requests taken back at once (rapid reset)',
      many(10_000, (id) => Buffer.concat([request(id), reset(id, 8)])),
    ],
    [
      'bodies taken back at once',
      many(10_000, (id) => Buffer.concat([request(id, '/never', [], POST), reset(id, 8)])),
    ],
    [
      'windows of nothing, so that we reset',
      many(10_000, (id) => Buffer.concat([request(id, '/never', [], POST), windowUpdate(id, 0)])),
    ],
    [
      'windows that overflow, so that we reset',
      many(10_000, (id) =>
        Buffer.concat([request(id, '/never', [], POST), windowUpdate(id, 2 ** 31 - 1)]),
      ),
    ],
    [
      'data behind its end, so that we reset',
      many(10_000, (id) => Buffer.concat([request(id, '/never'), data(id, 'x')])),
    ],
    [
      'bad trailers, so that we reset',
      many(10_000, (id) =>
        Buffer.concat([request(id, '/never', [], POST), headers(id, [[':x', '1']], true)]),
      ),
    ],
    [
      'heads behind their end, so that we reset',
      many(10_000, (id) => Buffer.concat([request(id, '/never'), headers(id, [['x', '1']], true)])),
    ],
    [
      'priorities of itself, so that we reset',
      many(10_000, (id) => Buffer.concat([request(id, '/never', [], POST), priority(id, id)])),
    ],
    [
      'lengths that lie, so that we reset',
      many(10_000, (id) => request(id, '/never', [['content-length', '9']])),
    ],
    ['malformed requests', many(10_000, (id) => headers(id, [[':method', 'GET']], true))],
    ['more requests than are allowed', many(10_000, (id) => request(id, '/never'))],
    ['SETTINGS', many(10_000, () => settings(Setting.InitialWindowSize, 1000))],
    [
      'SETTINGS that say much',
      many(20, () => settings(...Array.from({ length: 2730 }, () => [4, 9]).flat())),
    ],
    ['SETTINGS answers', many(10_000, () => settingsAck)],
    ['PING', many(10_000, () => ping())],
    ['PING answers', many(10_000, () => ping('unasked!', true))],
    ['GOAWAY', Buffer.concat([OPEN, many(10_000, () => goAway(0, 0))])],
    ['PRIORITY', many(10_000, (id) => priority(id, 0))],
    ['unknown frames', many(10_000, () => frame(0xfa, 0, 0))],
    ['WINDOW_UPDATE', Buffer.concat([OPEN, many(10_000, () => windowUpdate(0, 1))])],
    ['WINDOW_UPDATE on a stream', Buffer.concat([OPEN, many(10_000, () => windowUpdate(1, 1))])],
    ['RST_STREAM on streams that are gone', Buffer.concat([OPEN, many(10_000, () => reset(1, 8))])],
    [
      'DATA on streams that are gone',
      Buffer.concat([OPEN, reset(1, 8), many(10_000, () => data(1, 'x'))]),
    ],
    ['empty DATA', Buffer.concat([OPEN, many(10_000, () => data(1, ''))])],
    ['empty DATA with padding', Buffer.concat([OPEN, many(10_000, () => data(1, '', false, 0))])],
    [
      'CONTINUATION',
      Buffer.concat([frame(1, 0, 1), many(1000, () => frame(9, 0, 1, Buffer.alloc(16_000)))]),
    ],
    [
      'CONTINUATION of nothing',
      Buffer.concat([frame(1, 0, 1), many(10_000, () => frame(9, 0, 1))]),
    ],
    [
      'CONTINUATION of one byte each',
      Buffer.concat([frame(1, 0, 1), many(10_000, () => frame(9, 0, 1, Buffer.of(0x82)))]),
    ],
  ]
  it.each(floods)('of %s ends its connection: ENHANCE_YOUR_CALM', async (_name, flood) => {
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.polite = false
      attacker.write(flood)
      expect(await attacker.gone()).toBe(ErrorCode.EnhanceYourCalm)
    })
    // What it has asked for meanwhile is not carried on.
    expect(all.asked.filter(({ path }) => path !== '/small').length).toBeLessThan(500)
    await until(() => all.proxy.cluster('a').rq_active === 0)
  })

  it.each([
    ['PING', many(10_000, () => ping())],
    ['SETTINGS', many(10_000, () => settings())],
  ])('of %s whose answers are not read ends all the same', async (_name, flood) => {
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.socket.pause()
      attacker.write(flood)
      await until(() => all.proxy.listener('web').cx_protocol_error > 0)
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
      const fill = Array.from({ length: 100 }, (_, i) => literal(Literal.Entering, `n${i}`, 'v'))
      const games = [
        sizeUpdate(0),
        sizeUpdate(4096),
        block(requestFields('/local')),
        ...fill.slice(0, 90),
      ]
      for (let id = 1; id < 2001; id += 200) {
        for (let one = id; one < id + 200; one += 2)
          attacker.write(headers(one, Buffer.concat(games), true))
        await attacker.whole(id + 198)
        attacker.frames.length = 1
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
      const all = await scene({ stream_idle_timeout: '0.6s' }, path)
      await withstands(all, async () => {
        const attacker = all.attacker(Setting.InitialWindowSize, 0)
        attacker.write(many(100, (id) => request(id, '/large')))
        await until(() => all.asked.filter((one) => one.path === '/large').length === 100)
        await new Promise((resolve) => setTimeout(resolve, 100))
        expect(usedMb()).toBeGreaterThan(0)
        await attacker.until((peer) => peer.resetOf(199) >= 0)
        expect(attacker.body(199)).toHaveLength(0)
      })
      await until(() => all.proxy.cluster('a').rq_active === 0)
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
    const all = await scene()
    await withstands(all, async () => {
      const attacker = all.attacker()
      attacker.write(
        many(90, (id) =>
          Buffer.concat([
            request(id, '/never', [], POST),
            ...Array.from({ length: 8 }, () => data(id, Buffer.alloc(8191))),
          ]),
        ),
      )
      const code = await Promise.race([attacker.gone(), attacker.settled().then(() => -1)])
      // Where the host's kernel takes it all, it was not too much.
      expect([ErrorCode.FlowControlError, -1]).toContain(code)
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
    expect(all.proxy.listener('web').rq_total).toBeLessThan(count)
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
    for (const id of ids) {
      attacker.write(request(id, '/large'))
      await until(() => all.asked.filter(({ path }) => path === '/large').length * 2 > id)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    attacker.socket.resume()
    await attacker.until((peer) => ids.every((id) => peer.over(id)))
    for (const id of ids) expect(attacker.body(id)).toHaveLength(LARGE.length)
    await all.honest.content()
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
    expect(all.proxy.cluster('a').rq_active).toBe(0)
  })

  it('with its head is let go', async () => {
    const all = await scene({ request_headers_timeout: '0.2s' })
    for (const slow of [request(1).subarray(0, 15), frame(1, 0, 1, Buffer.of(0x82))]) {
      const attacker = all.attacker().write(slow)
      expect(await attacker.gone()).toBe(ErrorCode.EnhanceYourCalm)
    }
    await all.honest.content()
  })

  it('and goes in the middle leaves nothing behind', async () => {
    const all = await scene()
    const before = all.proxy.listener('web').cx_active
    await withstands(all, async () => {
      for (let i = 0; i < 50; i++) {
        const attacker = all.attacker().write(request(1, '/never', [], POST), data(1, 'half'))
        if (i % 2 === 0) attacker.end()
        else
          await attacker
            .until((peer) => peer.bytesIn > 0)
            .then((peer) => peer.socket.resetAndDestroy())
      }
      await until(() => all.proxy.listener('web').cx_active === before)
    })
    await until(() => all.proxy.cluster('a').rq_active === 0)
  })
})
