import type { Socket } from 'node:net'
import { Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS } from '@tulle/model'
import { Connection } from '../../packages/proxy/src/connection.ts'
import { Chain, type Far, type Layer } from '../../packages/proxy/src/filter.ts'
import type { Frame } from '../../packages/proxy/src/frame.ts'
import { clusterFamily, listenerFamily } from '../../packages/proxy/src/metrics.ts'
import { Cursor } from '../../packages/proxy/src/protocol/http1/cursor.ts'
import { HeadReader, What } from '../../packages/proxy/src/protocol/http1/decode.ts'
import { http1 } from '../../packages/proxy/src/protocol/http1/http1.ts'
import type { ClientOwner, ClientSession, Intake } from '../../packages/proxy/src/session.ts'
import { Stream } from '../../packages/proxy/src/stream.ts'

/*
 * What HTTP/1 costs in JavaScript: reading a head, and the whole way of a request and its answer through both sessions,
 * without sockets. `edits` are the four headers a sidecar adds.
 *
 *   sh bin/node bench/micro/http1-head.ts
 */

const ROUND_MS = 300
const ROUNDS = 5
const BATCH = 1000

const SHORT = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n'
const BROWSER = [
  'GET /shop/carts/4711?currency=EUR HTTP/1.1',
  'Host: shop.example.org',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en-US,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Connection: keep-alive',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: none',
  'Priority: u=0, i',
  '\r\n',
].join('\r\n')
const ANSWER = [
  'HTTP/1.1 200 OK',
  'Server: nginx/1.26.3',
  'Date: Sun, 22 Nov 2026 12:00:00 GMT',
  'Content-Type: application/octet-stream',
  'Content-Length: 130',
  'Connection: keep-alive',
  'Last-Modified: Sun, 22 Nov 2026 11:00:00 GMT',
  'ETag: "692197c0-82"',
  'Accept-Ranges: bytes',
  '\r\n',
].join('\r\n')
const BODY = 'x'.repeat(130)

// The classes below come first in time, this in reading.
setImmediate(() => {
  measure(`head of a request, ${SHORT.length} bytes`, reading(What.Request, SHORT))
  measure(`head of a request, ${BROWSER.length} bytes`, reading(What.Request, BROWSER))
  measure(`head of an answer, ${ANSWER.length} bytes`, reading(What.Response, ANSWER))
  measure('request and answer, short', passing(SHORT, false))
  measure('request and answer, browser', passing(BROWSER, false))
  measure('request and answer, browser, edits', passing(BROWSER, true))
})

function measure(name: string, once: () => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    let count = 0
    let elapsed = 0
    while (elapsed < ROUND_MS) {
      for (let i = 0; i < BATCH; i++) once()
      count += BATCH
      elapsed = performance.now() - begun
    }
    best = Math.min(best, (elapsed * 1e6) / count)
  }
  console.log(`${name}: ${best.toFixed(0)} ns`)
}

function reading(what: What, text: string): () => void {
  const reader = new HeadReader(what, { maxHeaderBytes: 65_536, maxHeaders: 100 })
  const buf = Buffer.from(text)
  const cursor = new Cursor()
  return () => {
    cursor.set(buf, 0, buf.length)
    reader.read(cursor)
  }
}

function passing(request: string, edits: boolean): () => void {
  const bench = new Bench(edits)
  const down = new Sink(bench)
  const up = new Sink(bench)
  const server = http1.server(down, bench)
  const client = http1.client(up, bench)
  bench.client = client
  client.onConnect()
  const ask = Buffer.from(request)
  const answer = Buffer.from(ANSWER + BODY)
  return () => {
    server.onData(ask)
    up.bytesOut++
    client.onData(answer)
  }
}

/** A connection that takes everything and keeps nothing. */
class Sink extends Connection {
  constructor({ turn, stats }: Bench) {
    const socket = { on: () => socket, pause: () => {}, resume: () => {} } as unknown as Socket
    super(socket, turn, stats)
  }
  override write(_buf: Buffer, _start?: number, _end?: number): boolean {
    return true
  }
}

/** The least there can be between the two sessions: counts that show if anything goes wrong. */
class Bench implements Intake, ClientOwner, Far, Layer {
  readonly onlyFor = null
  readonly hop = 'bench'
  readonly address = ''
  readonly turn: Turn = new Turn()
  readonly wheel: Wheel = new Wheel()
  readonly stats: Intake['stats'] & ClientOwner['stats']
  readonly settings: Intake['settings'] = {
    idleTimeoutMs: 3_600_000,
    streamIdleTimeoutMs: 300_000,
    requestTimeoutMs: 300_000,
    headerTimeoutMs: 0,
    drainTimeoutMs: 5000,
    maxHeaderBytes: 61_440,
    maxHeaders: 100,
    maxFrameBytes: 0,
    acceptHttp10: false,
    defaultHostForHttp10: '',
    serverName: 'tulle',
    goAway: false,
    http2: HTTP2_DEFAULTS,
  }
  readonly chain: Chain = new Chain(this, [], this)
  readonly draining = false
  readonly idleTimeoutMs = 60_000
  readonly maxFrameBytes = 0
  readonly maxHeaderBytes = 65_536
  readonly http2 = HTTP2_DEFAULTS
  client!: ClientSession
  readonly #edits: boolean

  constructor(edits: boolean) {
    const metrics = new Metrics()
    const listener = metrics.series(listenerFamily, 'bench', 'http/1.1')
    this.stats = Object.assign(metrics.series(clusterFamily, 'bench'), listener)
    this.#edits = edits
  }

  open(session: Stream['down'], request: Frame): Stream {
    return new Stream(session, this.chain, request, this.turn.now)
  }
  ended(): void {}
  closed(): void {}
  onReady(): void {}
  onRoom(): void {}
  onClosed(): void {}

  onRequest(stream: Stream, frame: Frame): void {
    if (frame.header(':path') === '' || frame.header(':authority') === '')
      throw new Error('no path')
    if (this.#edits) {
      frame.set('x-request-id', '018f2c5a-7b1e-7cc3-98c4-dc0c0c07398f')
      frame.append('x-forwarded-for', '10.1.2.3')
      frame.set('x-forwarded-proto', 'http')
      frame.remove('x-internal')
    }
    stream.up = this.client
    this.client.send(stream, frame)
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    return stream.down.respond(stream, frame)
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const taken = stream.down.respondData(stream, chunk, last)
    if (last) stream.end()
    return taken
  }
  onReset(_stream: Stream, _outcome: unknown, sentence: string): void {
    throw new Error(sentence)
  }
  onRequestData(): boolean {
    return true
  }
  onRequestTrailers(): void {}
  onResponseTrailers(): void {}
  onConnection(): void {}
  onInterim(): void {}
  onAbandon(): void {}
  onDue(): void {}
  pauseResponse(): void {}
  resumeResponse(): void {}
}
