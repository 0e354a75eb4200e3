import type { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { isBodiless } from '../../http/status.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type ClientOwner, ClientSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { adoptRequest, adoptTrailers } from './adopt.ts'
import { BodyReader, Part } from './body.ts'
import { BodyWriter } from './body-writer.ts'
import { Cursor } from './cursor.ts'
import { Got, type HeadLimits, HeadReader, What } from './decode.ts'
import { contentLength } from './edits.ts'
import { asksTunnel, Framing, requestFraming, sentMethod, writeRequest } from './encode.ts'
import type { Fault } from './fault.ts'
import { type Http1Head, Option } from './head.ts'

const NOTHING: Buffer = Buffer.alloc(0)
/** Lines of one head; hosts send more than clients do. */
const MOST_LINES = 256
/** Interim answers to one request; a host that sends more floods. */
const MOST_INTERIM = 64

/** What the bytes that come next are. */
const In = {
  /** No request is out: nothing may come. */
  Idle: 0,
  /** The head of an answer. */
  Head: 1,
  Body: 2,
  /** Data up to the end of the connection: a body without a length, or a tunnel. */
  Raw: 3,
  /** Nothing that anybody wants. */
  Over: 4,
} as const
type In = (typeof In)[keyof typeof In]

/** HTTP/1 with a host: one request at a time. */
export class Http1Client extends ClientSession {
  readonly #protocol: Protocol
  readonly #input = new Cursor()
  readonly #heads: HeadReader
  readonly #body: BodyReader
  readonly #request: BodyWriter
  #in: In = In.Idle
  #stream: Stream | null = null
  /** All of the request is written. */
  #sent = true
  /** The request has no answer with a body, or asks for a tunnel. */
  #headOnly = false
  #connect = false
  #upgrade = false
  #tunnel = false
  #keepAlive = true
  #paused = false
  #interims = 0
  /** What had left on the connection when the request was written: nothing of it has while that stays. */
  #bytesBefore = 0
  #idleSince = 0

  constructor(protocol: Protocol, connection: Connection, owner: ClientOwner) {
    super(connection, owner)
    const limits: HeadLimits = { maxHeaderBytes: owner.maxHeaderBytes, maxHeaders: MOST_LINES }
    this.#protocol = protocol
    this.#heads = new HeadReader(What.Response, limits)
    this.#body = new BodyReader(limits)
    this.#request = new BodyWriter(connection)
  }

  onConnect(): void {
    this.ready = true
    this.#beIdle()
    this.owner.onReady(this)
  }

  override passes(bytes: number): boolean {
    const within = this.#in === In.Body || this.#in === In.Raw
    return within && this.#input.empty && !this.#paused && this.#body.isData(bytes)
  }

  onData(chunk: Buffer): void {
    if (this.#in === In.Over) return
    if (this.#in === In.Idle || this.connection.bytesOut === this.#bytesBefore) {
      return this.#broke('sent bytes that nobody had asked for')
    }
    const stream = this.#stream
    if (stream !== null && stream.answeredAt === 0) stream.answeredAt = this.owner.turn.now
    const input = this.#input
    input.add(chunk)
    while (input.at < input.end && this.#step()) {}
    if (input.empty) input.clear()
  }

  onDrain(): void {
    this.#stream?.resumeRequest()
  }

  onEnd(): void {
    const stream = this.#stream
    if (this.#in === In.Raw && stream !== null) this.#rawEnds(stream)
    else if (stream === null) this.#retire()
    else this.#fail(Outcome.UpstreamReset, `closed the connection ${this.#progress()}`)
  }

  onClose(error: Error | null): void {
    const stream = this.#stream
    if (stream !== null) {
      const why = error === null ? '' : ` (${error.message})`
      this.#fail(Outcome.UpstreamReset, `broke the connection${why} ${this.#progress()}`)
    }
    this.ready = false
    this.#in = In.Over
    this.owner.wheel.clear(this)
    this.owner.onClosed(this, error)
  }

  send(stream: Stream, frame: Frame): boolean {
    if (frame.protocol === this.#protocol) return this.#send(stream, frame)
    const adopted = adoptRequest(this.#protocol, frame)
    if (adopted instanceof Frame) return this.#send(stream, adopted)
    stream.chain.far.onReset(stream, Outcome.BadRequest, unsayable(adopted), false)
    this.owner.onRoom(this)
    return true
  }

  #send(stream: Stream, frame: Frame): boolean {
    const head = frame.view as Http1Head
    const { connection } = this
    const before = this.#in
    this.#stream = stream
    this.inFlight = 1
    this.served++
    this.#bytesBefore = connection.bytesOut
    if (connection.closed || before !== In.Idle) {
      this.#fail(Outcome.UpstreamReset, 'had closed the connection before the request was sent')
      return true
    }
    this.#in = In.Head
    this.#interims = 0
    const method = frame.edits === null ? head.method : sentMethod(frame, head)
    this.#headOnly = method === 'HEAD'
    this.#connect = method === 'CONNECT'
    const tunnel = asksTunnel(frame, head)
    this.#upgrade = tunnel && !this.#connect
    const framing = requestFraming(frame, head)
    this.#sent = frame.last || tunnel
    this.#request.begin(framing, contentLength(frame.edits, head))
    stream.answeredAt = 0
    return writeRequest(connection, frame, framing)
  }

  sendData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream !== this.#stream) return true
    const request = this.#request
    // A tunnel carries nothing before the host has opened it.
    if (request.framing === Framing.Tunnel && !this.#tunnel) return true
    const taken = request.data(chunk, last)
    if (last) this.#requestEnds(stream)
    return taken
  }

  sendTrailers(stream: Stream, frame: Frame): void {
    if (stream !== this.#stream) return
    const own = frame.protocol === this.#protocol ? frame : adoptTrailers(this.#protocol, frame)
    if (own instanceof Frame) {
      this.#request.trailers(own)
      this.#requestEnds(stream)
    } else this.#cutShort(stream, `${unsayable(own)}, in its trailers`)
  }

  cancel(stream: Stream): void {
    if (stream !== this.#stream) return
    this.#let()
    this.#retire()
  }

  pauseResponse(stream: Stream): void {
    if (stream === this.#stream) this.#setPaused(true)
  }

  resumeResponse(stream: Stream): void {
    if (stream === this.#stream) this.#setPaused(false)
  }

  /** HTTP/1 has no question of its own for this: a connection that stands counts. */
  ping(_timeoutMs: number, done: (alive: boolean) => void): void {
    done(this.ready)
  }

  drain(): void {
    this.draining = true
    if (this.#stream === null) this.#retire()
  }

  override onDue(now: number): void {
    const { idleTimeoutMs, stats, turn, wheel } = this.owner
    turn.begin()
    if (this.inFlight !== 0) return
    const left = this.#idleSince + idleTimeoutMs - now
    if (left > 0) wheel.set(this, left, now)
    else {
      stats.cx_idle_timeout++
      this.#retire()
    }
  }

  /** Reads one thing. False: wait for more bytes. */
  #step(): boolean {
    const stream = this.#stream
    if (stream === null) {
      // Behind the answer there is something that no request asked for: nothing here can be trusted any more.
      this.#broke('sent bytes that nobody had asked for')
      return false
    }
    if (this.#in === In.Head) return this.#readHead(stream)
    if (this.#in === In.Body || this.#in === In.Raw) return this.#readBody(stream)
    return false
  }

  #readHead(stream: Stream): boolean {
    const heads = this.#heads
    const got = heads.read(this.#input)
    if (got === Got.Bad) this.#broke(`broke HTTP: ${heads.fault.sentence}`)
    else if (got === Got.Head) this.#take(stream, heads.head)
    return got === Got.Head
  }

  #take(stream: Stream, head: Http1Head): void {
    const { status, buf, start, end } = head
    if (status < 200 && status !== 101) return this.#takeInterim(stream, head)
    if (status === 101 && !this.#upgrade) {
      return this.#broke('changed the protocol without being asked')
    }
    this.#keepAlive = keepsAlive(head)
    const last = this.#beginBody(stream, head)
    const frame = new Frame(this.#protocol, FrameKind.Response, 0, buf, start, end, last, head)
    const { far } = stream.chain
    if (last) this.#finish()
    if (!far.onResponse(stream, frame) && !last) this.pauseResponse(stream)
    if (last) this.#room()
  }

  #takeInterim(stream: Stream, head: Http1Head): void {
    if (++this.#interims > MOST_INTERIM) {
      return this.#broke(`sent more than ${MOST_INTERIM} interim answers`)
    }
    const { buf, start, end } = head
    stream.chain.far.onInterim(
      stream,
      new Frame(this.#protocol, FrameKind.Interim, 0, buf, start, end, true, head),
    )
  }

  /** How the answer's body comes (RFC 9112 §6.3). Returns whether there is none. */
  #beginBody(stream: Stream, head: Http1Head): boolean {
    const { status } = head
    const body = this.#body
    if (status === 101 || (this.#connect && status >= 200 && status < 300)) {
      stream.tunnel = true
      this.#tunnel = true
      this.ready = false
      this.#in = In.Raw
      this.#sent = false
      this.#keepAlive = false
      body.beginRaw()
      return false
    }
    if (this.#headOnly || isBodiless(status)) return true
    if (head.chunked) body.beginChunked()
    else if (head.length > 0) body.beginLength(head.length)
    else if (head.length === 0) return true
    else {
      this.#in = In.Raw
      this.#keepAlive = false
      body.beginRaw()
      return false
    }
    this.#in = In.Body
    return false
  }

  #readBody(stream: Stream): boolean {
    const body = this.#body
    const { far } = stream.chain
    switch (body.next(this.#input)) {
      case Part.Data:
        if (!far.onResponseData(stream, this.#dataFound(), false)) this.pauseResponse(stream)
        return true
      case Part.LastData:
        this.#finish()
        far.onResponseData(stream, this.#dataFound(), true)
        this.#room()
        return true
      case Part.End:
        this.#finish()
        far.onResponseData(stream, NOTHING, true)
        this.#room()
        return true
      case Part.Trailers: {
        const { buf, start, end } = body.trailers
        this.#finish()
        far.onResponseTrailers(
          stream,
          new Frame(this.#protocol, FrameKind.Trailers, 0, buf, start, end, true, body.trailers),
        )
        this.#room()
        return true
      }
      case Part.Bad:
        this.#broke(`broke HTTP: ${body.fault.sentence}`)
        return false
      default:
        return false
    }
  }

  #dataFound(): Buffer {
    const { buf, from, to } = this.#body
    return from === 0 && to === buf.length ? buf : buf.subarray(from, to)
  }

  /** The end of the connection ends the body, or this direction of the tunnel. */
  #rawEnds(stream: Stream): void {
    if (!this.#tunnel) {
      this.#finish()
      this.#retire()
    } else {
      this.#in = In.Over
      if (this.#sent) {
        this.#let()
        this.connection.close()
      }
    }
    stream.chain.far.onResponseData(stream, NOTHING, true)
  }

  /** All of the request is written. In a tunnel: the client sends no more. */
  #requestEnds(stream: Stream): void {
    this.#sent = true
    if (this.#tunnel) {
      this.connection.end()
      if (this.#in === In.Over) this.#let()
    } else if (this.#request.left > 0) {
      this.#cutShort(stream, 'the body of the request is shorter than its Content-Length')
    }
  }

  /** The client did not send the whole request that it promised: the host must not take it for whole. */
  #cutShort(stream: Stream, sentence: string): void {
    this.#let()
    this.#retire()
    stream.chain.far.onReset(stream, Outcome.BadRequest, sentence, false)
  }

  /** The answer is read: lets go of its stream before that is told, so that nothing is taken for its own later. */
  #finish(): void {
    if (this.#paused) this.#setPaused(false)
    this.#stream = null
    this.#in = In.Idle
  }

  /** Ready for the next request, unless this one or the host left the connection where none can follow. */
  #room(): void {
    this.inFlight = 0
    if (!this.#input.empty) this.#broke('sent bytes that nobody had asked for')
    else if (!this.#sent || !this.#keepAlive || this.draining) this.#retire()
    else {
      this.#beIdle()
      this.owner.onRoom(this)
    }
  }

  #beIdle(): void {
    const { idleTimeoutMs, turn, wheel } = this.owner
    this.#idleSince = turn.now
    this.#heads.release()
    this.#body.release()
    if (this.due === 0 && idleTimeoutMs > 0) wheel.set(this, idleTimeoutMs, turn.now)
  }

  #let(): void {
    this.#stream = null
    this.inFlight = 0
  }

  /** Closes a connection that carries nothing. */
  #retire(): void {
    this.ready = false
    this.#in = In.Over
    this.#input.clear()
    this.inFlight = 0
    this.connection.destroy()
  }

  /** What the host sends is not HTTP, or not an answer. */
  #broke(what: string): void {
    this.owner.stats.cx_protocol_error++
    this.#fail(Outcome.UpstreamProtocol, what)
  }

  /** No answer will come, or not all of it. */
  #fail(outcome: Outcome, what: string): void {
    const stream = this.#stream
    const untouched = this.connection.bytesOut === this.#bytesBefore
    this.#stream = null
    this.#retire()
    stream?.chain.far.onReset(stream, outcome, `${this.owner.address} ${what}`, untouched)
  }

  #progress(): string {
    if (this.#in === In.Head && !this.#heads.partial) return 'before it answered'
    return 'in the middle of its answer'
  }

  #setPaused(paused: boolean): void {
    if (this.#paused === paused) return
    this.#paused = paused
    if (paused) this.connection.pause()
    else this.connection.resume()
  }
}

function unsayable({ sentence }: Fault): string {
  return `the request does not go into HTTP/1.1: ${sentence}`
}

function keepsAlive(head: Http1Head): boolean {
  if ((head.options & Option.Close) !== 0) return false
  return head.minor === 1 || (head.options & Option.KeepAlive) !== 0
}
