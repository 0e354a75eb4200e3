import type { Flushable } from '@tulle/core'
import type { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type Intake, ServerSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { adoptInterim, adoptResponse, adoptTrailers } from './adopt.ts'
import { BodyReader, Part } from './body.ts'
import { BodyWriter } from './body-writer.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import { contentLength } from './edits.ts'
import { answerFraming, Framing, Own, writeAnswer, writeInterim } from './encode.ts'
import type { Fault } from './fault.ts'
import { type Http1Head, Option } from './head.ts'
import { refusal } from './reply.ts'

const NOTHING: Buffer = Buffer.alloc(0)
/** Data of a request that was answered before it ended: so much is read, to keep the connection. */
const MOST_LEFTOVER_BYTES = 64 * 1024
/** How long bytes are still read after the last answer, so that the client gets to read that. */
const LINGER_MS = 1000
/** How long a client that has just connected may take for its first request when the listener drains. */
const FIRST_REQUEST_MS = 1000
/** How long the last answer may lie without the client taking a byte of it, where no setting says. */
const STUCK_MS = 60_000

/** What the bytes that come next are. */
const In = {
  /** A request's head. */
  Head: 0,
  /** The rest of its body: for its stream, or for nobody when that has its answer. */
  Body: 1,
  /** The next request, which waits for the answer to this one; or the inside of a tunnel not yet open. */
  Wait: 2,
  Tunnel: 3,
  /** Nothing that anybody wants. */
  Over: 4,
} as const
type In = (typeof In)[keyof typeof In]

const Block = { Request: 1, Connection: 2 } as const

/**
 * HTTP/1 with a client: one request after the other, the next one read when the answer to this one is out.
 *
 * ```
 *            ┌────────────── answer out, request in ───────────────┐
 *            ▼                                                     │
 *   ──▶ Head ──▶ Body ──────────────────────────────────────▶ Wait ┤
 *        │        │ answered early: read on for nobody             ├─▶ Tunnel
 *        └────────┴─ broken, too late, no more wanted ─▶ Over ◀────┘
 * ```
 *
 * The socket is paused while bytes lie in `#input` that cannot be read on, so at most one read of them is held.
 */
export class Http1Server extends ServerSession implements Flushable {
  readonly #protocol: Protocol
  readonly #input = new Cursor()
  readonly #heads: HeadReader
  readonly #body: BodyReader
  readonly #answer: BodyWriter
  #in: In = In.Head
  #stream: Stream | null = null
  #keepAlive = true
  /** No request has come yet. */
  #fresh = true
  /** A 100 has gone to the client, which then sends its body. */
  #continued = false
  /** The client sends no more. */
  #halfClosed = false
  /** Who cannot take more of what the client sends: `Block` bits. */
  #blocked = 0
  #paused = false
  #running = false
  /** Data read for nobody. */
  #leftover = 0
  /** Since when the connection is idle, or the request under way is arriving, or the end lingers. */
  #since: number
  #unsent = 0

  constructor(protocol: Protocol, connection: Connection, intake: Intake) {
    super(connection, intake)
    this.#protocol = protocol
    this.#heads = new HeadReader(What.Request, intake.settings)
    this.#body = new BodyReader(intake.settings)
    this.#answer = new BodyWriter(connection)
    this.#since = intake.turn.now
  }

  get inFlight(): number {
    return this.#stream === null ? 0 : 1
  }

  override start(): void {
    this.#arm(this.intake.settings.idleTimeoutMs)
  }

  override passes(bytes: number): boolean {
    if (!this.#input.empty || this.#blocked !== 0) return false
    return this.#in === In.Tunnel || (this.#in === In.Body && this.#body.isData(bytes))
  }

  onData(chunk: Buffer): void {
    if (this.#in === In.Over) return
    this.#input.add(chunk)
    this.#run()
  }

  onDrain(): void {
    this.#stream?.resumeResponse()
  }

  onEnd(): void {
    this.#halfClosed = true
    if (this.#input.empty) this.#inputEnds()
  }

  onClose(error: Error | null): void {
    const stream = this.#stream
    this.#stream = null
    this.#in = In.Over
    this.#input.clear()
    this.intake.wheel.clear(this)
    if (stream !== null) {
      stream.abandon(
        `the client closed its connection${error === null ? '' : `: ${error.message}`}`,
      )
    }
    this.intake.closed(this)
  }

  /** Goes on with bytes that had to wait. */
  flush(): void {
    this.#run()
  }

  respond(stream: Stream, frame: Frame): boolean {
    if (stream !== this.#stream) return true
    if (frame.protocol === this.#protocol) return this.#respond(stream, frame)
    const adopted = adoptResponse(this.#protocol, stream.request, frame)
    if (!(adopted instanceof Frame)) return this.#respondUnfit(stream, adopted)
    stream.response = adopted
    stream.status = (adopted.view as Http1Head).status
    return this.#respond(stream, adopted)
  }

  #respond(stream: Stream, frame: Frame): boolean {
    const ask = stream.request.view as Http1Head
    const head = frame.view as Http1Head
    const framing = answerFraming(ask, frame, head)
    this.#answer.begin(framing, contentLength(frame.edits, head))
    const { settings, draining } = this.intake
    let own = 0
    if (framing === Framing.Tunnel) this.#openTunnel(stream)
    else {
      // A request for a tunnel that is refused has ended with its head.
      if (ask.asksTunnel) this.#requestDone(stream)
      if (framing === Framing.Close || draining || !this.#mayReadOn(ask)) this.#keepAlive = false
      if (!this.#keepAlive) own = Own.Close
      else if (ask.minor === 0) own = Own.KeepAlive
    }
    const taken = writeAnswer(this.connection, ask, frame, framing, own, settings.serverName)
    if (frame.last) this.#answered(stream)
    return taken
  }

  respondData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream !== this.#stream) return true
    const taken = this.#answer.data(chunk, last)
    if (last) this.#answered(stream)
    return taken
  }

  respondTrailers(stream: Stream, frame: Frame): void {
    if (stream !== this.#stream) return
    const own = frame.protocol === this.#protocol ? frame : adoptTrailers(this.#protocol, frame)
    if (!(own instanceof Frame)) {
      stream.explain(Outcome.UpstreamProtocol, this.#unsayable(stream, own))
      return this.abort(stream)
    }
    this.#answer.trailers(own)
    this.#answered(stream)
  }

  respondInterim(stream: Stream, frame: Frame): void {
    if (stream !== this.#stream || stream.responseBegun) return
    if ((stream.request.view as Http1Head).minor === 0) return
    const own = frame.protocol === this.#protocol ? frame : adoptInterim(this.#protocol, frame)
    // Nobody misses an interim answer; what is wrong with the host shows in the answer.
    if (!(own instanceof Frame)) return
    if ((own.view as Http1Head).status === 100) this.#continued = true
    writeInterim(this.connection, own)
  }

  /** The host's answer does not go into HTTP/1: the client is told so, and the host let go. */
  #respondUnfit(stream: Stream, fault: Fault): boolean {
    const said = this.#unsayable(stream, fault)
    stream.explain(Outcome.UpstreamProtocol, said)
    stream.chain.far.onAbandon(stream)
    const own = this.#protocol.reply(stream.request, Outcome.UpstreamProtocol, said, 502)
    const { frame, body } = own
    stream.response = frame
    stream.status = (frame.view as Http1Head).status
    this.#respond(stream, frame)
    if (body !== null) this.respondData(stream, body, true)
    stream.end()
    return true
  }

  #unsayable({ host }: Stream, { sentence }: Fault): string {
    const who = host === null ? 'the host' : host.address
    return `${this.intake.hop}: upstream: the answer of ${who} does not go into HTTP/1.1: ${sentence}`
  }

  abort(stream: Stream): void {
    if (stream !== this.#stream) return
    this.#stream = null
    this.#in = In.Over
    this.connection.reset()
  }

  pauseRequest(stream: Stream | null): void {
    if (stream !== null && stream !== this.#stream) return
    this.#blocked |= stream === null ? Block.Connection : Block.Request
    this.#setPaused(true)
  }

  resumeRequest(stream: Stream | null): void {
    if (stream !== null && stream !== this.#stream) return
    const block = stream === null ? Block.Connection : Block.Request
    if ((this.#blocked & block) === 0) return
    this.#blocked &= ~block
    if (this.#blocked === 0) this.#runLater()
  }

  drain(): void {
    if (this.#stream !== null || this.#in !== In.Head || this.#heads.partial) return
    if (!this.#fresh) return this.#close()
    // Its request may be on the way, and no client sends one again on a connection that it has just made.
    this.#since = this.intake.turn.now
    this.#arm(FIRST_REQUEST_MS)
  }

  override onDue(): void {
    const { settings, stats, turn } = this.intake
    turn.begin()
    if (this.#in === In.Over || this.#in === In.Tunnel) this.#lingerOn()
    else if (this.#in === In.Body) {
      if (!this.#isLate(settings.requestTimeoutMs)) return
      this.#tooLate(`the request did not arrive within ${settings.requestTimeoutMs} ms`)
    } else if (this.#in === In.Head && this.#heads.partial) {
      if (!this.#isLate(this.#headTimeoutMs)) return
      stats.rq_timeout++
      const sentence = `the head of the request did not arrive within ${this.#headTimeoutMs} ms`
      this.#refuse({ status: 408, sentence })
    } else if (this.#in === In.Head) {
      const { draining } = this.intake
      if (!this.#isLate(draining ? FIRST_REQUEST_MS : settings.idleTimeoutMs)) return
      if (!draining) stats.cx_idle_timeout++
      this.#close()
    }
  }

  /** Reads what is there, as far as it may be read now. */
  #run(): void {
    if (this.#running) return
    this.#running = true
    const input = this.#input
    while (this.#blocked === 0 && input.at < input.end && this.#step()) {}
    this.#running = false
    if (!input.empty) {
      this.#setPaused(true)
      return
    }
    input.clear()
    if (this.#paused && this.#blocked === 0) this.#setPaused(false)
    if (this.#halfClosed) this.#inputEnds()
  }

  #runLater(): void {
    if (!this.#running && (this.#paused || this.#halfClosed)) this.intake.turn.later(this)
  }

  /** Reads one thing. False: what is left waits. */
  #step(): boolean {
    switch (this.#in) {
      case In.Head:
        this.#readHead()
        return true
      case In.Body:
        return this.#readBody()
      case In.Tunnel:
        this.#body.next(this.#input)
        this.#deliver(this.#dataFound(), false)
        return true
      case In.Wait:
        return false
      default:
        this.#input.clear()
        return false
    }
  }

  #readHead(): void {
    const { intake } = this
    const heads = this.#heads
    const begun = heads.partial
    heads.limits = intake.settings
    if (!begun) this.#since = intake.turn.now
    const got = heads.read(this.#input)
    if (got === Got.Head) this.#open(heads.head)
    else if (got === Got.Bad) this.#malformed(heads.fault)
    else if (!begun) this.#arm(this.#headTimeoutMs)
  }

  #open(head: Http1Head): void {
    const { intake } = this
    const { settings } = intake
    const { buf, start, end } = head
    const bodiless = !head.chunked && head.length <= 0
    const last = bodiless && !head.asksTunnel
    const frame = new Frame(this.#protocol, FrameKind.Request, 0, buf, start, end, last, head)
    this.#fresh = false
    this.#keepAlive = wantsKeepAlive(head)
    if (bodiless) this.#in = In.Wait
    else this.#beginBody(head)
    if (head.minor === 0 && head.hostLine < 0) head.assume(settings.defaultHostForHttp10)
    const stream = intake.open(this, frame)
    this.#stream = stream
    if (head.minor === 0 && !settings.acceptHttp10) {
      this.#keepAlive = false
      stream.answer(Outcome.Version, 'this listener does not accept HTTP/1.0')
    } else stream.chain.entry.onRequest(stream, frame)
  }

  #beginBody(head: Http1Head): void {
    const input = this.#input
    this.#in = In.Body
    this.#leftover = 0
    this.#continued = false
    if (head.chunked) this.#body.beginChunked()
    else this.#body.beginLength(head.length)
    if (head.chunked || input.end - input.at < head.length) {
      this.#arm(this.intake.settings.requestTimeoutMs)
    }
  }

  #readBody(): boolean {
    const body = this.#body
    switch (body.next(this.#input)) {
      case Part.Data:
        this.#deliver(this.#dataFound(), false)
        return true
      case Part.LastData: {
        const data = this.#dataFound()
        this.#bodyEnds()
        this.#deliver(data, true)
        return true
      }
      case Part.End:
        this.#bodyEnds()
        this.#deliver(NOTHING, true)
        return true
      case Part.Trailers: {
        const { trailers } = body
        this.#bodyEnds()
        this.#deliverTrailers(trailers)
        return true
      }
      case Part.Bad:
        this.#malformed(body.fault)
        return false
      default:
        return false
    }
  }

  #dataFound(): Buffer {
    const { buf, from, to } = this.#body
    return from === 0 && to === buf.length ? buf : buf.subarray(from, to)
  }

  /** The request is in. Where it was answered before, the next one may come. */
  #bodyEnds(): void {
    if (this.#stream !== null) this.#in = In.Wait
    else this.#beIdle()
  }

  #deliver(chunk: Buffer, last: boolean): void {
    const stream = this.#stream
    if (stream === null || stream.ended) {
      this.#dismiss(chunk.length)
      return
    }
    stream.requestBytes += chunk.length
    if (last) this.#requestDone(stream)
    if (stream.chain.entry.onRequestData(stream, chunk, last) || last) return
    if (stream === this.#stream) this.pauseRequest(stream)
  }

  #deliverTrailers(head: Http1Head): void {
    const stream = this.#stream
    if (stream === null || stream.ended) return
    const { buf, start, end } = head
    this.#requestDone(stream)
    stream.chain.entry.onRequestTrailers(
      stream,
      new Frame(this.#protocol, FrameKind.Trailers, 0, buf, start, end, true, head),
    )
  }

  #requestDone(stream: Stream): void {
    stream.requestDone = true
    stream.requestDoneAt = this.intake.turn.now
  }

  /** Data that nobody waits for. */
  #dismiss(bytes: number): void {
    this.#leftover += bytes
    if (this.#in === In.Body && this.#leftover > MOST_LEFTOVER_BYTES) this.#close()
  }

  /** Whether the rest of a request that is answered now may be read, to keep the connection. */
  #mayReadOn(ask: Http1Head): boolean {
    if (this.#halfClosed && this.#input.empty) return false
    if (this.#in !== In.Body) return true
    if (ask.expectsContinue && !this.#continued) return false
    return this.#body.chunked || this.#body.left <= MOST_LEFTOVER_BYTES
  }

  /** The last byte of the answer is on its way. */
  #answered(stream: Stream): void {
    if (this.#answer.framing === Framing.Tunnel) this.#endTunnelOut(stream)
    else if (this.#answer.left > 0) this.abort(stream)
    else {
      this.#stream = null
      this.#blocked &= ~Block.Request
      if (!this.#keepAlive) this.#close()
      else if (this.#in === In.Wait) this.#beIdle()
      else this.#runLater()
    }
  }

  /** Ready for the next request, which may be there already. */
  #beIdle(): void {
    this.#in = In.Head
    this.#heads.release()
    this.#body.release()
    this.#since = this.intake.turn.now
    if (this.due === 0) this.#arm(this.intake.settings.idleTimeoutMs)
    this.#runLater()
  }

  #openTunnel(stream: Stream): void {
    stream.tunnel = true
    this.#keepAlive = false
    this.#in = In.Tunnel
    this.#body.beginRaw()
    this.#runLater()
  }

  /** The client has ended, and all that it sent is read. */
  #inputEnds(): void {
    switch (this.#in) {
      case In.Head:
        return this.#close()
      case In.Body:
        return this.#giveUp('the client ended in the middle of its request')
      case In.Tunnel:
        return this.#endTunnelIn()
      default:
    }
  }

  #endTunnelIn(): void {
    const stream = this.#stream
    this.#in = In.Over
    if (stream === null || stream.ended) return
    this.#requestDone(stream)
    stream.chain.entry.onRequestData(stream, NOTHING, true)
    if (this.#answer.framing !== Framing.Tunnel) stream.end()
  }

  /** The host sends no more: says so to the client, which may go on. */
  #endTunnelOut(stream: Stream): void {
    this.#answer.begin(Framing.None, 0)
    this.connection.end()
    if (this.#in === In.Over) stream.end()
    else this.#linger()
  }

  /** Bytes that are not HTTP: answers so where an answer can be given, and closes. */
  #malformed(fault: Fault): void {
    this.intake.stats.cx_protocol_error++
    this.#refuse(fault)
  }

  #refuse({ status, sentence }: Fault): void {
    const stream = this.#stream
    if (this.#in === In.Head) {
      const { hop, settings } = this.intake
      const said = `${hop}: ${Outcome.BadRequest.side}: ${sentence}`
      this.connection.write(refusal(status, said, settings.serverName))
      this.#close()
    } else if (stream === null || stream.ended) this.#close()
    else this.#answerAndClose(stream, Outcome.BadRequest, sentence)
  }

  /** The body of a request came too late. */
  #tooLate(sentence: string): void {
    const stream = this.#stream
    if (stream === null || stream.ended) this.#close()
    else this.#answerAndClose(stream, Outcome.RequestTimeout, sentence)
  }

  #answerAndClose(stream: Stream, outcome: Outcome, sentence: string): void {
    this.#keepAlive = false
    this.#in = In.Over
    this.#input.clear()
    stream.answer(outcome, sentence)
  }

  #giveUp(sentence: string): void {
    const stream = this.#stream
    this.#stream = null
    this.#in = In.Over
    this.connection.destroy()
    stream?.abandon(sentence)
  }

  /** Sends what is queued and ends; reads on for a moment, or the client would lose the answer with a reset. */
  #close(): void {
    this.#in = In.Over
    this.#blocked = 0
    this.#input.clear()
    this.#setPaused(false)
    this.connection.end()
    this.#linger()
  }

  #linger(): void {
    this.#since = this.intake.turn.now
    this.#unsent = this.connection.pendingBytes
    this.#arm(LINGER_MS)
  }

  /** The client had time to close; what it still reads goes on for as long as it reads. */
  #lingerOn(): void {
    const { connection, intake } = this
    const now = intake.turn.now
    const stream = this.#stream
    if (stream !== null && !stream.ended) return
    const unsent = connection.pendingBytes
    if (unsent !== this.#unsent) this.#since = now
    this.#unsent = unsent
    const ms = unsent === 0 ? LINGER_MS : intake.settings.streamIdleTimeoutMs || STUCK_MS
    if (now - this.#since >= ms) connection.destroy()
    else intake.wheel.set(this, LINGER_MS, now)
  }

  get #headTimeoutMs(): number {
    const { headerTimeoutMs, requestTimeoutMs } = this.intake.settings
    return headerTimeoutMs === 0 ? requestTimeoutMs : headerTimeoutMs
  }

  /** Sees to it that `onDue` is called in `ms` or before; it looks again what is due. */
  #arm(ms: number): void {
    if (ms === 0) return
    const { turn, wheel } = this.intake
    if (this.due === 0 || this.due > turn.now + ms) wheel.set(this, ms, turn.now)
  }

  /** Whether what began at `#since` has lasted so long; if not, the timer is set for the rest. */
  #isLate(ms: number): boolean {
    if (ms === 0) return false
    const { turn, wheel } = this.intake
    const left = this.#since + ms - turn.now
    if (left <= 0) return true
    wheel.set(this, left, turn.now)
    return false
  }

  #setPaused(paused: boolean): void {
    if (this.#paused === paused) return
    this.#paused = paused
    if (paused) this.connection.pause()
    else this.connection.resume()
  }
}

function wantsKeepAlive(head: Http1Head): boolean {
  if ((head.options & Option.Close) !== 0) return false
  return head.minor === 1 || (head.options & Option.KeepAlive) !== 0
}
