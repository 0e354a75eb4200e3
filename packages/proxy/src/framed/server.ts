import type { Connection } from '../connection.ts'
import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'
import { Outcome } from '../outcome.ts'
import { type Intake, ServerSession } from '../session.ts'
import type { Stream } from '../stream.ts'
import { FrameDecoder, type FrameSink } from './decoder.ts'

/** A client's connection in a framed protocol: many requests side by side, each answered under its own id. */
export class FramedServer extends ServerSession implements FrameSink {
  readonly #codec: FramedCodec
  readonly #decoder: FrameDecoder
  /** Requests without an answer; a stream's place is in `stream.near`. */
  readonly #open: Stream[] = []
  /** How many hosts' connections are full of what this client sent. */
  #pauses = 0
  #slowReader = false
  #draining = false
  #ending = false
  #activeAt: number
  #latest: Frame | null = null

  constructor(codec: FramedCodec, connection: Connection, intake: Intake) {
    super(connection, intake)
    this.#codec = codec
    this.#decoder = new FrameDecoder(codec, this, intake.settings.maxFrameBytes)
    this.#activeAt = intake.turn.now
    if (intake.settings.idleTimeoutMs > 0)
      intake.wheel.set(this, intake.settings.idleTimeoutMs, intake.turn.now)
  }

  get inFlight(): number {
    return this.#open.length
  }

  onData(chunk: Buffer): void {
    this.#activeAt = this.intake.turn.now
    this.#decoder.push(chunk)
  }

  onFrame(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.Request:
      case FrameKind.Oneway:
        this.#latest = frame
        this.#request(frame)
        break
      case FrameKind.Heartbeat: {
        this.intake.stats.heartbeat_total++
        const ack = this.#codec.heartbeatAck(frame)
        this.connection.write(ack.buf, ack.start, ack.end)
        break
      }
      default:
        // Answers and acknowledgements that nobody asked this client for.
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
    this.#remove(stream)
    if (frame.edits !== null) this.#codec.encode(frame)
    this.#codec.readdress(frame, stream.request.id)
    stream.responseBytes = frame.end - frame.start
    if (!this.connection.write(frame.buf, frame.start, frame.end)) this.#pauseForReader()
    this.#closeWhenDone()
    return true
  }

  respondData(): boolean {
    return true
  }
  respondTrailers(): void {}
  respondInterim(): void {}

  /** Answers of framed protocols come whole: there is nothing to cut short. */
  abort(stream: Stream): void {
    this.#remove(stream)
    this.#closeWhenDone()
  }

  pauseRequest(): void {
    if (this.#pauses++ === 0) this.connection.pause()
  }

  resumeRequest(): void {
    if (this.#pauses > 0) this.#pauses--
    if (this.#pauses === 0 && !this.#slowReader) this.connection.resume()
  }

  onDrain(): void {
    this.#slowReader = false
    if (this.#pauses === 0) this.connection.resume()
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
   * Without a go-away frame the client cannot be told, so the connection serves on until the listener's drain time ends;
   * with it, until the last answer is out.
   */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    const { goAway, drainTimeoutMs } = this.intake.settings
    const frame = goAway ? this.#codec.goAway(this.#latest) : null
    if (frame !== null) this.connection.write(frame.buf, frame.start, frame.end)
    if (frame !== null && this.#open.length === 0) this.#finish()
    else this.intake.wheel.set(this, drainTimeoutMs, this.intake.turn.now)
  }

  override onDue(now: number): void {
    this.intake.turn.begin()
    if (this.#draining) {
      this.#finish()
      return
    }
    const left = this.#activeAt + this.intake.settings.idleTimeoutMs - now
    if (this.#open.length === 0 && left <= 0) {
      this.intake.stats.cx_idle_timeout++
      this.#finish()
    } else {
      this.intake.wheel.set(this, Math.max(left, 1000), now)
    }
  }

  #request(frame: Frame): void {
    const stream = this.intake.open(this, frame)
    stream.requestBytes = frame.end - frame.start
    this.#add(stream)
    stream.chain.entry.onRequest(stream, frame)
    if (stream.ended) this.#remove(stream)
  }

  #add(stream: Stream): void {
    stream.near = this.#open.length
    this.#open.push(stream)
  }

  /** The last one takes the place of the one that leaves. */
  #remove(stream: Stream): void {
    const place = stream.near
    if (typeof place !== 'number' || this.#open[place] !== stream) return
    stream.near = null
    const last = this.#open.pop()!
    if (last !== stream) {
      this.#open[place] = last
      last.near = place
    }
  }

  #pauseForReader(): void {
    this.#slowReader = true
    this.connection.pause()
  }

  #finish(): void {
    this.#ending = true
    this.#decoder.stop()
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (this.#ending && this.#open.length === 0) this.connection.end()
  }

  #close(sentence: string): void {
    for (const stream of this.#open.splice(0)) stream.abandon(sentence)
    this.connection.close()
  }
}
