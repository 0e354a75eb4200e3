import net, { type AddressInfo, type Socket } from 'node:net'
import { Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS, type Http2Settings } from '@tulle/model'
import { Connection } from '../../connection.ts'
import { Chain, type Far, Filter, type Layer } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import { clusterFamily, type ListenerSeries, listenerFamily } from '../../metrics.ts'
import { Outcome } from '../../outcome.ts'
import { adopt, onread } from '../../reading.ts'
import type {
  ClientOwner,
  ClientSession,
  Intake,
  IntakeSettings,
  ServerSession,
} from '../../session.ts'
import { Stream } from '../../stream.ts'
import { http1 } from './http1.ts'

/** For tests: a proxy that is nothing but the two sessions, on real sockets. */
export class MiniProxy implements Intake, ClientOwner, Far {
  readonly hop = 'mini'
  readonly turn: Turn = new Turn()
  readonly wheel: Wheel = new Wheel()
  readonly metrics: Metrics = new Metrics()
  readonly stats: ListenerSeries & ClientOwner['stats']
  settings: IntakeSettings = SETTINGS
  chain: Chain
  draining = false
  address = ''
  idleTimeoutMs = 0
  readonly maxFrameBytes = 0
  readonly onlyFor = null
  maxHeaderBytes: number = 64 * 1024
  readonly http2: Http2Settings = HTTP2_DEFAULTS
  readonly streams: Stream[] = []
  readonly resets: string[] = []
  /** Connections made to the host. */
  dials = 0
  /** What a filter would do with a request before it is sent; true: it was answered. */
  onEach: (stream: Stream, frame: Frame) => boolean = () => false
  onAnswer: (frame: Frame) => void = () => {}
  /** What becomes of each frame between the two sessions: another version of HTTP may carry it. */
  between: (frame: Frame) => Frame = (frame) => frame
  readonly sessions: Set<ServerSession> = new Set()
  readonly #clients = new Set<ClientSession>()
  readonly #idle: ClientSession[] = []
  readonly #waiting = new Map<ClientSession, Stream>()
  readonly #held = new Map<Stream, Held[]>()
  readonly #server: net.Server
  #upstreamPort = 0

  constructor() {
    const listener = this.metrics.series(listenerFamily, 'test', 'http/1.1')
    const cluster = this.metrics.series(clusterFamily, 'test')
    this.stats = Object.assign(cluster, listener)
    this.chain = new Chain(new Near(), [new Pass()], this)
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
    this.#server = net.createServer(options, (socket) => {
      const connection = new Connection(adopt(socket), this.turn, this.stats)
      const session = http1.server(connection, this)
      connection.owner = session
      this.sessions.add(session)
      session.start()
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Listens, in front of a host on this port. */
  async start(upstreamPort: number, settings: Partial<IntakeSettings> = {}): Promise<this> {
    this.#upstreamPort = upstreamPort
    this.address = `127.0.0.1:${upstreamPort}`
    this.settings = { ...SETTINGS, ...settings }
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  stop(): void {
    this.#server.close()
    this.wheel.stop()
    for (const { connection } of [...this.sessions, ...this.#clients]) connection.destroy()
  }

  open(session: ServerSession, request: Frame): Stream {
    const stream = new Stream(session, this.chain, request, this.turn.now)
    this.streams.push(stream)
    return stream
  }
  ended(): void {}
  closed(session: ServerSession): void {
    this.sessions.delete(session)
  }

  onRequest(stream: Stream, frame: Frame): void {
    if (this.onEach(stream, frame)) return
    const idle = this.#idle.pop()
    if (idle !== undefined) return this.onConnection(stream, idle)
    this.dials++
    const port = this.#upstreamPort
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread })
    const connection = new Connection(socket, this.turn, this.stats)
    const session = http1.client(connection, this)
    connection.owner = session
    this.#clients.add(session)
    this.#waiting.set(session, stream)
    this.#held.set(stream, [])
    socket.once('connect', () => {
      this.turn.begin()
      session.onConnect()
    })
  }
  onConnection(stream: Stream, session: ClientSession): void {
    stream.up = session
    const held = this.#held.get(stream) ?? []
    this.#held.delete(stream)
    session.send(stream, this.between(stream.request))
    for (const one of held) {
      if (one.trailers !== null) session.sendTrailers(stream, this.between(one.trailers))
      else session.sendData(stream, one.chunk!, one.last)
    }
    stream.resumeRequest()
  }
  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream.up === null) {
      this.#held.get(stream)?.push({ chunk, last, trailers: null })
      return false
    }
    const flowing = stream.up.sendData(stream, chunk, last)
    if (last) stream.settle()
    return flowing
  }
  onRequestTrailers(stream: Stream, frame: Frame): void {
    if (stream.up === null)
      this.#held.get(stream)?.push({ chunk: null, last: true, trailers: frame })
    else stream.up.sendTrailers(stream, this.between(frame))
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    this.onAnswer(frame)
    return stream.chain.exit.onResponse(stream, this.between(frame))
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    return stream.chain.exit.onResponseData(stream, chunk, last)
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.chain.exit.onResponseTrailers(stream, this.between(frame))
  }
  onInterim(stream: Stream, frame: Frame): void {
    stream.down.respondInterim(stream, this.between(frame))
  }
  onReset(stream: Stream, outcome: Outcome, sentence: string, untouched: boolean): void {
    this.resets.push(`${outcome.name}${untouched ? ' untouched' : ''}: ${sentence}`)
    stream.up = null
    stream.answer(outcome, sentence)
  }
  onAbandon(stream: Stream): void {
    const { up } = stream
    stream.up = null
    up?.cancel(stream)
  }
  onDue(): void {}
  pauseResponse(stream: Stream): void {
    stream.up?.pauseResponse(stream)
  }
  resumeResponse(stream: Stream): void {
    stream.up?.resumeResponse(stream)
  }

  onReady(session: ClientSession): void {
    const stream = this.#waiting.get(session)
    this.#waiting.delete(session)
    if (stream !== undefined && !stream.ended) this.onConnection(stream, session)
    else this.#idle.push(session)
  }
  onRoom(session: ClientSession): void {
    this.#idle.push(session)
  }
  onClosed(session: ClientSession, error: Error | null): void {
    this.#clients.delete(session)
    const at = this.#idle.indexOf(session)
    if (at >= 0) this.#idle.splice(at, 1)
    const stream = this.#waiting.get(session)
    if (stream !== undefined) {
      this.onReset(stream, Outcome.ConnectFailed, `${error?.message}`, true)
    }
  }
}

interface Held {
  readonly chunk: Buffer | null
  readonly last: boolean
  readonly trailers: Frame | null
}

class Pass extends Filter {}

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

/** A host that does with each connection what the test says. */
export class Host {
  readonly server: net.Server
  readonly sockets: Socket[] = []
  /** Everything that came, over all connections. */
  got = ''

  constructor(onData: (socket: Socket, text: string, host: Host) => void) {
    this.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1')
        this.got += text
        onData(socket, text, this)
      })
      socket.on('end', () => {
        this.got += '<end>'
        if (this.ends) socket.end()
      })
    })
  }

  /** Whether it ends its side when the other has ended. */
  ends = true

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return this
  }

  stop(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

/** A client that sends bytes as it likes and keeps what comes back. */
export class RawClient {
  readonly socket: Socket
  got = ''
  ended = false
  closed = false
  error: Error | null = null
  #wake: () => void = () => {}

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    this.socket.on('data', (chunk) => {
      this.got += chunk.toString('latin1')
      this.#wake()
    })
    this.socket.on('end', () => {
      this.ended = true
      this.#wake()
    })
    this.socket.on('error', (error) => {
      this.error = error
    })
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  write(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  end(): this {
    this.socket.end()
    return this
  }

  /** What came by the time `done` holds, or by the end of the connection. */
  async until(done: (got: string) => boolean): Promise<string> {
    while (!done(this.got) && !this.ended && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.got
  }

  /** Everything, to the end of the connection. */
  async all(): Promise<string> {
    await this.until(() => false)
    this.socket.destroy()
    return this.got
  }

  /** What came by the time it ends with `tail`. */
  async tail(tail: string): Promise<string> {
    return this.until((got) => got.endsWith(tail))
  }
}

/** Waits until something holds. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2))
}
