import type { Connection } from '../connection.ts'
import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'
import { Outcome } from '../outcome.ts'
import { type Intake, ServerSession } from '../session.ts'
import type { Stream } from '../stream.ts'
import { beginningOf } from './beginning.ts'
import { Callbacks, type CallingHost } from './callbacks.ts'
import { FrameDecoder, type FrameSink } from './decoder.ts'
import { encoded } from './encoded.ts'
import { Line } from './line.ts'

/** Answers that wait for earlier ones: with more of them, no more requests are read. */
const MAX_HELD_BYTES = 1024 * 1024
/** How long a client may take to close a connection that we have ended. */
const LINGER_MS = 1000
/** How long a client may read nothing of what waits for it, where no setting says. */
const STUCK_MS = 60_000

/**
 * A client's connection in a framed protocol: many requests side by side, each answered under its own id.
 *
 * ```
 *   serving ──▶ ending: no more is read, the last answers go out ──▶ closing: our end is closed, the client's awaited
 * ```
 */
export class FramedServer extends ServerSession implements FrameSink {
  readonly #codec: FramedCodec
  readonly #decoder: FrameDecoder
  /** Requests that will be answered; a stream's place is in `stream.near`. */
  readonly #open: Stream[] = []
  /** Where answers keep the order of their requests. */
  readonly #line: Line | null
  /** What hosts have called this client for; null while none has. */
  #callbacks: Callbacks | null = null
  /** How many hosts' connections are full of what this client sent. */
  #pauses = 0
  #slowReader = false
  /** Too much waits in the line. */
  #longLine = false
  /** Until when a draining connection serves on; 0 while it does not drain. */
  #drainsUntil = 0
  #ending = false
  #closing = false
  /** When the client was last heard, or, while it reads slowly or is to close, when it last took bytes of ours. */
  #activeAt: number
  #unsent = 0
  /** The beginning of a request in the version the client speaks now; a whole frame would keep its bytes alive. */
  #voice: Frame | null = null
  #voiceKey = -1

  constructor(codec: FramedCodec, connection: Connection, intake: Intake) {
    super(connection, intake)
    this.#codec = codec
    this.#decoder = new FrameDecoder(codec, this, intake.settings.maxFrameBytes)
    this.#line = codec.ordered ? new Line((answer) => this.#write(answer)) : null
    this.#activeAt = intake.turn.now
    if (intake.settings.idleTimeoutMs > 0)
      intake.wheel.set(this, intake.settings.idleTimeoutMs, intake.turn.now)
  }

  get inFlight(): number {
    return this.#open.length
  }

  onData(chunk: Buffer): void {
    if (this.#ending) return
    this.#activeAt = this.intake.turn.now
    this.#decoder.push(chunk)
  }

  onFrame(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.Request:
      case FrameKind.Oneway:
        this.#noteVoice(frame)
        this.#request(frame)
        break
      case FrameKind.Heartbeat: {
        this.intake.stats.heartbeat_total++
        const ack = this.#codec.heartbeatAck(frame)
        this.connection.write(ack.buf, ack.start, ack.end)
        break
      }
      case FrameKind.Response:
        this.#callbacks?.answered(frame)
        break
      default:
        // Acknowledgements that nobody asked this client for.
        break
    }
  }

  onInvalid(what: string): void {
    this.intake.stats.cx_protocol_error++
    this.#close(`the client sent ${what}`)
  }

  /** Trap: answered in the protocol's own words if its head can be read, then closed without buffering. */
  onTooLarge(head: Frame | null, bytes: number): void {
    this.intake.stats.rq_too_large++
    const limit = this.intake.settings.maxFrameBytes
    const sentence = `a frame of ${bytes} bytes is above max_frame_bytes (${limit})`
    if (head !== null) {
      const stream = this.intake.open(this, head)
      this.#add(stream)
      stream.answer(Outcome.TooLarge, sentence)
    }
    this.#finish()
  }

  respond(stream: Stream, frame: Frame): boolean {
    if (!this.#remove(stream)) return true
    const answer = this.#encoded(stream, frame)
    const { request } = stream
    if (this.#codec.restore === undefined) this.#codec.readdress(answer, request.id)
    else this.#codec.restore(answer, request)
    stream.responseBytes = answer.end - answer.start
    if (this.#line === null) this.#write(answer)
    else this.#leave(this.#line, stream, answer)
    this.#closeWhenDone()
    return true
  }

  #leave(line: Line, stream: Stream, answer: Frame | null): void {
    line.leave(stream, answer)
    const long = line.heldBytes > MAX_HELD_BYTES
    if (long === this.#longLine) return
    this.#longLine = long
    if (!long) this.#resume()
    else if (!this.#ending) this.connection.pause()
  }

  /** False: the client is slow. */
  #write(answer: Frame): boolean {
    const taken = this.connection.write(answer.buf, answer.start, answer.end)
    if (!taken) this.#pauseForReader()
    return taken
  }

  /** Whether hosts that speak by this codec can call this client. */
  speaks(codec: FramedCodec): boolean {
    return this.#codec === codec
  }

  /** A host calls this client, over the connection that it alone uses. */
  call(host: CallingHost, request: Frame): void {
    if (this.#closing) return
    this.#callbacks ??= new Callbacks(this.#codec)
    this.#callbacks.pass(host, request)
    if (!this.#write(request)) this.#callbacks.hold(host)
  }

  /** The connection of a host that called this client has closed. */
  hostGone(host: CallingHost): void {
    this.#callbacks?.forget(host)
  }

  respondData(): boolean {
    return true
  }
  respondTrailers(): void {}
  respondInterim(): void {}

  /** Answers of framed protocols come whole: there is nothing to cut short. */
  abort(stream: Stream): void {
    if (this.#remove(stream) && this.#line !== null) this.#leave(this.#line, stream, null)
    this.#closeWhenDone()
  }

  /** Requests come whole: only the connection can be paused, by each host that is full of what this client sends. */
  pauseRequest(stream: Stream | null): void {
    if (stream === null && this.#pauses++ === 0) this.connection.pause()
  }

  resumeRequest(stream: Stream | null): void {
    if (stream !== null || this.#pauses === 0) return
    this.#pauses--
    this.#resume()
  }

  onDrain(): void {
    this.#slowReader = false
    this.#callbacks?.release()
    this.#resume()
  }

  /** The client sends no more, but it may still wait for answers. */
  onEnd(): void {
    this.#finish()
  }

  onClose(error: Error | null): void {
    this.intake.wheel.clear(this)
    this.#decoder.stop()
    for (const stream of this.#open.splice(0))
      stream.abandon(error === null ? 'the client closed' : `the client: ${error.message}`)
    this.intake.closed(this)
  }

  /**
   * A client that is told by a go-away frame closes when its last answer is in; requests of its that are on their way
   * already are served. One that cannot be told is served on until the listener's drain time ends.
   */
  drain(): void {
    if (this.#drainsUntil > 0) return
    const { goAway, drainTimeoutMs } = this.intake.settings
    const frame = goAway ? this.#codec.goAway(this.#voice) : null
    if (frame !== null) this.connection.write(frame.buf, frame.start, frame.end)
    const { now } = this.intake.turn
    this.#drainsUntil = Math.max(now + drainTimeoutMs, 1)
    if (!this.#closing) this.intake.wheel.set(this, drainTimeoutMs, now)
  }

  override onDue(now: number): void {
    this.intake.turn.begin()
    if (this.#closing || this.#slowReader) this.#watchReader(now)
    else if (this.#drainsUntil === 0) this.#watchIdle(now)
    else if (now >= this.#drainsUntil) this.#finish()
    else this.intake.wheel.set(this, this.#drainsUntil - now, now)
  }

  #watchIdle(now: number): void {
    const { idleTimeoutMs } = this.intake.settings
    if (idleTimeoutMs === 0) return
    const left = this.#activeAt + idleTimeoutMs - now
    if (this.#open.length === 0 && left <= 0) {
      this.intake.stats.cx_idle_timeout++
      this.#finish()
    } else {
      this.intake.wheel.set(this, Math.max(left, 1000), now)
    }
  }

  /** A client that takes nothing of what waits for it, or does not close, is not waited for without end. */
  #watchReader(now: number): void {
    const unsent = this.connection.pendingBytes
    if (unsent !== this.#unsent) this.#activeAt = now
    this.#unsent = unsent
    const { streamIdleTimeoutMs } = this.intake.settings
    const ms = unsent === 0 ? LINGER_MS : streamIdleTimeoutMs || STUCK_MS
    const left = this.#activeAt + ms - now
    if (left > 0) this.intake.wheel.set(this, Math.min(left, LINGER_MS), now)
    else this.connection.destroy()
  }

  /**
   * The answer with the changes made on its way; where they do not fit, an answer that says so. An error that has no
   * room for them goes as it is: it is worth more than they are.
   */
  #encoded(stream: Stream, frame: Frame): Frame {
    if (frame.edits === null || encoded(this.#codec, frame)) return frame
    if (this.#codec.status(frame) >= 400) {
      frame.edits = null
      return frame
    }
    const sentence = `the headers added here to the answer do not fit a ${this.#codec.name} frame`
    const said = `${this.intake.hop}: proxy: ${sentence}`
    stream.explain(Outcome.UpstreamProtocol, said)
    return this.#codec.reply(stream.request, Outcome.UpstreamProtocol, said, 502)
  }

  #noteVoice(frame: Frame): void {
    const key = this.#codec.poolKey(frame)
    if (key === this.#voiceKey) return
    this.#voiceKey = key
    this.#voice = beginningOf(frame)
  }

  #request(frame: Frame): void {
    if (!this.bound && this.#codec.binds !== undefined) this.bound = this.#codec.binds(frame)
    const stream = this.intake.open(this, frame)
    stream.requestBytes = frame.end - frame.start
    // Nobody answers a one-way request: it goes on when its client has left, and nothing waits for it.
    if (!stream.oneway) this.#add(stream)
    stream.chain.entry.onRequest(stream, frame)
  }

  #add(stream: Stream): void {
    stream.near = this.#open.length
    this.#open.push(stream)
    this.#line?.enter(stream)
  }

  /** The last one takes the place of the one that leaves. False: it has left before. */
  #remove(stream: Stream): boolean {
    const place = stream.near
    if (typeof place !== 'number' || this.#open[place] !== stream) return false
    stream.near = null
    const last = this.#open.pop()!
    if (last !== stream) {
      this.#open[place] = last
      last.near = place
    }
    return true
  }

  /** Answers that are on their way come all the same; no new requests are read until they have left. */
  #pauseForReader(): void {
    if (this.#slowReader || this.#ending) return
    this.#slowReader = true
    this.connection.pause()
    this.#watch()
  }

  #resume(): void {
    if (this.#pauses === 0 && !this.#slowReader && !this.#longLine) this.connection.resume()
  }

  /** From now on what matters is whether the client takes what waits for it. */
  #watch(): void {
    const { turn } = this.intake
    this.#activeAt = turn.now
    this.#unsent = this.connection.pendingBytes
    this.#watchReader(turn.now)
  }

  #finish(): void {
    this.#ending = true
    this.#decoder.stop()
    this.#closeWhenDone()
  }

  /** What the client still sends is read for nobody, or the last answer could be lost by a reset. */
  #closeWhenDone(): void {
    if (!this.#ending || this.#closing || this.#open.length > 0) return
    this.#closing = true
    this.connection.end()
    this.connection.resume()
    this.#watch()
  }

  #close(sentence: string): void {
    for (const stream of this.#open.splice(0)) stream.abandon(sentence)
    this.#finish()
  }
}
