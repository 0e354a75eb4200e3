import net, { type AddressInfo } from 'node:net'
import { type Clock, Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS, type Http2Settings } from '@tulle/model'
import { Connection } from '../../connection.ts'
import { Chain, type Far, type Layer } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import { clusterFamily, type ListenerSeries, listenerFamily } from '../../metrics.ts'
import { Outcome } from '../../outcome.ts'
import { adopt, onread, stable } from '../../reading.ts'
import type {
  ClientOwner,
  ClientSession,
  Intake,
  IntakeSettings,
  ServerSession,
} from '../../session.ts'
import { Stream } from '../../stream.ts'
import { http2 } from './http2.ts'

const SETTINGS: IntakeSettings = {
  idleTimeoutMs: 0,
  streamIdleTimeoutMs: 0,
  requestTimeoutMs: 0,
  headerTimeoutMs: 0,
  drainTimeoutMs: 1000,
  maxHeaderBytes: 8192,
  maxHeaders: 100,
  maxFrameBytes: 0,
  acceptHttp10: true,
  defaultHostForHttp10: '',
  serverName: null,
  goAway: false,
  http2: HTTP2_DEFAULTS,
}

/** How the two sides of a `MiniProxy` are set up. */
export interface MiniSettings {
  readonly intake?: Partial<IntakeSettings>
  /** Towards clients. */
  readonly near?: Partial<Http2Settings>
  /** Towards hosts. */
  readonly far?: Partial<Http2Settings>
  readonly idleTimeoutMs?: number
  readonly clock?: Clock
}

/** For tests: a proxy that is nothing but the two sessions, on real sockets, with one connection to its host. */
export class MiniProxy implements Intake, ClientOwner, Far {
  readonly hop = 'mini'
  readonly turn: Turn
  readonly wheel: Wheel
  readonly stats: ListenerSeries & ClientOwner['stats']
  readonly settings: IntakeSettings
  readonly http2: Http2Settings
  readonly chain: Chain
  draining = false
  address = ''
  readonly idleTimeoutMs: number
  readonly maxFrameBytes = 0
  readonly onlyFor = null
  readonly maxHeaderBytes: number = 64 * 1024
  readonly streams: Stream[] = []
  readonly resets: string[] = []
  /** What a filter would do with a request before it is sent; true: it was answered. */
  onEach: (stream: Stream, frame: Frame) => boolean = () => false
  onAnswer: (frame: Frame) => void = () => {}
  readonly sessions: Set<ServerSession> = new Set()
  /** The connection to the host, and those before it. */
  readonly clients: ClientSession[] = []
  readonly #held = new Map<Stream, Held[]>()
  readonly #waiting: Stream[] = []
  readonly #server: net.Server
  #hostPort = 0

  constructor({ intake, near, far, idleTimeoutMs = 0, clock }: MiniSettings = {}) {
    this.turn = new Turn(clock)
    this.wheel = new Wheel({ now: () => this.turn.begin(), wall: () => this.turn.clock.wall() })
    this.settings = { ...SETTINGS, ...intake, http2: { ...HTTP2_DEFAULTS, ...near } }
    this.http2 = { ...HTTP2_DEFAULTS, ...far }
    this.idleTimeoutMs = idleTimeoutMs
    const metrics = new Metrics()
    const listener = metrics.series(listenerFamily, 'test', 'h2')
    this.stats = Object.assign(metrics.series(clusterFamily, 'test'), listener)
    this.chain = new Chain(new Near(), [], this)
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
    this.#server = net.createServer(options, (socket) => {
      const connection = new Connection(adopt(socket), this.turn, this.stats)
      const session = http2.server(connection, this)
      connection.owner = session
      this.sessions.add(session)
      session.start()
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  /** The connection to the host that was made last. */
  get client(): ClientSession {
    return this.clients.at(-1)!
  }
  get session(): ServerSession {
    return [...this.sessions][0]!
  }

  async start(hostPort: number): Promise<this> {
    this.#hostPort = hostPort
    this.address = `127.0.0.1:${hostPort}`
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  stop(): void {
    this.#server.close()
    this.wheel.stop()
    for (const { connection } of [...this.sessions, ...this.clients]) connection.destroy()
  }

  // ── as an intake ───────────────────────────────────────────────────────────────────────────────────────────────────

  open(session: ServerSession, request: Frame): Stream {
    const stream = new Stream(session, this.chain, request, this.turn.now)
    this.streams.push(stream)
    return stream
  }
  ended(): void {}
  closed(session: ServerSession): void {
    this.sessions.delete(session)
  }

  // ── as the far end ─────────────────────────────────────────────────────────────────────────────────────────────────

  onRequest(stream: Stream, frame: Frame): void {
    if (this.onEach(stream, frame)) return
    const free = this.clients.find((session) => session.hasRoom)
    if (free !== undefined) return this.onConnection(stream, free)
    this.#waiting.push(stream)
    this.#held.set(stream, [])
    if (!this.clients.some(isComing)) this.#dial()
  }
  onConnection(stream: Stream, session: ClientSession): void {
    stream.up = session
    const held = this.#held.get(stream) ?? []
    this.#held.delete(stream)
    let flowing = session.send(stream, stream.request)
    for (const one of held) {
      if (stream.up !== session) return
      if (one.trailers !== null) session.sendTrailers(stream, one.trailers)
      else flowing = session.sendData(stream, one.chunk!, one.last)
    }
    if (flowing) stream.resumeRequest()
  }
  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream.up === null) {
      this.#held.get(stream)?.push({ chunk: stable(chunk), last, trailers: null })
      return false
    }
    const flowing = stream.up.sendData(stream, chunk, last)
    if (last) stream.settle()
    return flowing
  }
  onRequestTrailers(stream: Stream, frame: Frame): void {
    if (stream.up === null)
      this.#held.get(stream)?.push({ chunk: null, last: true, trailers: frame })
    else stream.up.sendTrailers(stream, frame)
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    this.onAnswer(frame)
    return stream.chain.exit.onResponse(stream, frame)
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    return stream.chain.exit.onResponseData(stream, chunk, last)
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.chain.exit.onResponseTrailers(stream, frame)
  }
  onInterim(stream: Stream, frame: Frame): void {
    stream.down.respondInterim(stream, frame)
  }
  onReset(stream: Stream, outcome: Outcome, sentence: string, untouched: boolean): void {
    this.resets.push(`${outcome.name}${untouched ? ' untouched' : ''}: ${sentence}`)
    stream.up = null
    stream.answer(outcome, sentence)
  }
  onAbandon(stream: Stream): void {
    const { up } = stream
    stream.up = null
    this.#held.delete(stream)
    up?.cancel(stream)
  }
  onDue(): void {}
  pauseResponse(stream: Stream): void {
    stream.up?.pauseResponse(stream)
  }
  resumeResponse(stream: Stream): void {
    stream.up?.resumeResponse(stream)
  }

  // ── as the owner of connections to the host ────────────────────────────────────────────────────────────────────────

  onReady(session: ClientSession): void {
    this.#dispatch(session)
  }
  onRoom(session: ClientSession): void {
    this.#dispatch(session)
  }
  onClosed(_session: ClientSession, error: Error | null): void {
    for (const stream of this.#waiting.splice(0))
      if (!stream.ended) this.onReset(stream, Outcome.ConnectFailed, `${error?.message}`, true)
  }

  #dispatch(session: ClientSession): void {
    while (session.hasRoom) {
      const stream = this.#waiting.shift()
      if (stream === undefined) return
      if (!stream.ended) this.onConnection(stream, session)
    }
  }

  #dial(): void {
    const port = this.#hostPort
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread })
    const connection = new Connection(socket, this.turn, this.stats)
    const session = http2.client(connection, this)
    connection.owner = session
    this.clients.push(session)
    socket.once('connect', () => {
      this.turn.begin()
      session.onConnect()
    })
  }
}

/** It is being made, or has room only later. */
function isComing({ ready, served, draining, connection }: ClientSession): boolean {
  return !draining && !connection.closed && (ready || served === 0)
}

interface Held {
  readonly chunk: Buffer | null
  readonly last: boolean
  readonly trailers: Frame | null
}

class Near implements Layer {
  onRequest(): void {}
  onRequestData(): boolean {
    return true
  }
  onRequestTrailers(): void {}
  onResponse(stream: Stream, frame: Frame): boolean {
    stream.responseBegun = true
    stream.status = frame.protocol.status(frame)
    const flowing = stream.down.respond(stream, frame)
    if (frame.last) done(stream)
    return flowing
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream.ended) return true
    stream.responseBytes += chunk.length
    const flowing = stream.down.respondData(stream, chunk, last)
    if (last) done(stream)
    return flowing
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.down.respondTrailers(stream, frame)
    done(stream)
  }
}

function done(stream: Stream): void {
  stream.responseDone = true
  stream.settle()
}
