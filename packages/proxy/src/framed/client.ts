import type { Connection } from '../connection.ts'
import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'
import { Outcome } from '../outcome.ts'
import { type ClientOwner, ClientSession, type ServerSession } from '../session.ts'
import type { Stream } from '../stream.ts'
import type { CallingHost } from './callbacks.ts'
import { FrameDecoder, type FrameSink } from './decoder.ts'
import { encoded } from './encoded.ts'
import { FramedServer } from './server.ts'
import { Slots } from './slots.ts'

/** SOFABolt's times: ask after so long without bytes from the host, give up after so many without an answer. */
const HEARTBEAT_AFTER_MS = 15_000
const HEARTBEATS_MISSED = 3
/** How long a host may take to close a connection that we have ended. */
const LINGER_MS = 1000
/** More requests than this on one connection wait for another. */
export const CAPACITY: number = 1 << 16

/** A connection to a host in a framed protocol, shared by all clients: requests side by side under ids of our own. */
export class FramedClient extends ClientSession implements FrameSink, CallingHost {
  readonly #codec: FramedCodec
  readonly #decoder: FrameDecoder
  readonly #slots: Slots
  /** Clients that were asked to pause because this host does not take their requests fast enough. */
  readonly #paused = new Set<ServerSession>()
  #heardAt: number
  #usedAt: number
  /** What had left on the connection when the present turn began, and when that was: what came later has not left. */
  #bytesBefore = 0
  #turnAt = 0
  #ending = false
  /** Heartbeats sent since the host was last heard. */
  #unheard = 0
  #ping: ((alive: boolean) => void) | null = null

  constructor(codec: FramedCodec, connection: Connection, owner: ClientOwner) {
    super(connection, owner)
    this.#codec = codec
    this.capacity = codec.room ?? CAPACITY
    this.#decoder = new FrameDecoder(codec, this, owner.maxFrameBytes)
    this.#slots = new Slots(codec.maxId)
    this.#heardAt = owner.turn.now
    this.#usedAt = owner.turn.now
  }

  onConnect(): void {
    this.ready = true
    this.#heardAt = this.owner.turn.now
    this.owner.wheel.set(this, HEARTBEAT_AFTER_MS, this.#heardAt)
    this.owner.onReady(this)
  }

  send(stream: Stream, frame: Frame): boolean {
    if (frame.edits !== null && !encoded(this.#codec, frame)) {
      stream.chain.far.onReset(
        stream,
        Outcome.HeadTooLarge,
        `the headers added here do not fit a ${this.#codec.name} frame`,
        false,
      )
      return true
    }
    // The bytes of the try before may still be on their way to another host: their id must stay.
    if (stream.attempts > 1) own(frame)
    this.served++
    this.#noteTurn()
    if (frame.kind === FrameKind.Oneway) {
      this.#codec.readdress(frame, this.#slots.nextId())
    } else {
      this.inFlight++
      this.#codec.readdress(frame, this.#slots.put(stream))
    }
    if (!this.connection.write(frame.buf, frame.start, frame.end)) this.#pause(stream.down)
    return true
  }

  sendData(): boolean {
    return true
  }
  sendTrailers(): void {}

  onData(chunk: Buffer): void {
    this.#heardAt = this.owner.turn.now
    this.#unheard = 0
    this.#decoder.push(chunk)
  }

  onFrame(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.Response: {
        const stream = this.#slots.take(this.#codec.idOf(frame))
        if (stream === null) {
          this.owner.stats.rq_unknown_answer++
          return
        }
        this.#freed()
        stream.chain.far.onResponse(stream, frame)
        return
      }
      case FrameKind.HeartbeatAck:
        this.#answerPing(true)
        return
      case FrameKind.Heartbeat: {
        const ack = this.#codec.heartbeatAck(frame)
        this.connection.write(ack.buf, ack.start, ack.end)
        return
      }
      case FrameKind.GoAway:
        this.drain()
        return
      default:
        this.#calledBack(frame)
    }
  }

  /** The client answered a call of this host. */
  answer(frame: Frame): void {
    this.#usedAt = this.owner.turn.now
    this.connection.write(frame.buf, frame.start, frame.end)
  }

  /** The client does not take this host's calls fast enough: nobody else uses the connection. */
  hold(): void {
    this.connection.pause()
  }

  release(): void {
    this.connection.resume()
  }

  /**
   * The host calls, if it does not answer in the form of a call: that is for the client that has this connection to
   * itself; of many, nobody could be meant.
   */
  #calledBack(frame: Frame): void {
    const answer = this.#codec.asAnswer?.(frame) ?? null
    if (answer !== null) return this.onFrame(answer)
    const client = this.#client
    if (client === null) {
      this.owner.stats.rq_unknown_answer++
      return
    }
    this.#usedAt = this.owner.turn.now
    client.call(this, frame)
  }

  /** Who alone uses this connection, if that is somebody who understands what comes over it; null otherwise. */
  get #client(): FramedServer | null {
    const near = this.owner.onlyFor?.owner
    return near instanceof FramedServer && near.speaks(this.#codec) ? near : null
  }

  onInvalid(what: string): void {
    this.owner.stats.cx_protocol_error++
    this.#failAll(Outcome.UpstreamProtocol, `${this.owner.address} sent ${what}`)
    this.connection.destroy()
  }

  onTooLarge(_head: Frame | null, bytes: number): void {
    this.onInvalid(`a frame of ${bytes} bytes, above the limit of ${this.owner.maxFrameBytes}`)
  }

  /** The answer, should it come, finds nobody and is dropped. */
  cancel(stream: Stream): void {
    if (this.#slots.remove(stream)) this.#freed()
  }

  /** Answers come whole: there is nothing to pause. */
  pauseResponse(): void {}
  resumeResponse(): void {}

  onDrain(): void {
    for (const down of this.#paused) down.resumeRequest(null)
    this.#paused.clear()
  }

  /** The host sends no more: nobody who waits will get an answer, and what has not left must not reach it any more. */
  onEnd(): void {
    this.#failAll(Outcome.UpstreamReset, `${this.owner.address} closed the connection`)
    this.connection.destroy()
  }

  onClose(error: Error | null): void {
    this.ready = false
    this.owner.wheel.clear(this)
    this.#decoder.stop()
    this.onDrain()
    this.#answerPing(false)
    const why = error === null ? 'closed the connection' : `broke the connection: ${error.message}`
    this.#failAll(Outcome.UpstreamReset, `${this.owner.address} ${why}`)
    this.#client?.hostGone(this)
    this.owner.onClosed(this, error)
  }

  ping(timeoutMs: number, done: (alive: boolean) => void): void {
    this.#ping = done
    // Where there is nothing to ask by, a connection that stands is all there is to know.
    if (!this.#beat()) return this.#answerPing(this.ready)
    this.owner.wheel.set(this, timeoutMs, this.owner.turn.now)
  }

  drain(): void {
    this.draining = true
    if (this.inFlight === 0) this.#end()
  }

  override onDue(now: number): void {
    this.owner.turn.begin()
    this.#answerPing(false)
    if (this.#ending) {
      this.connection.destroy()
      return
    }
    if (this.#unheard >= HEARTBEATS_MISSED) {
      this.owner.stats.heartbeat_failed++
      this.#failAll(
        Outcome.UpstreamReset,
        `${this.owner.address} left ${HEARTBEATS_MISSED} heartbeats without an answer`,
      )
      this.connection.destroy()
      return
    }
    const { idleTimeoutMs } = this.owner
    if (this.inFlight === 0 && idleTimeoutMs > 0 && now - this.#usedAt >= idleTimeoutMs) {
      this.owner.stats.cx_idle_timeout++
      this.drain()
      return
    }
    if (now - this.#heardAt >= HEARTBEAT_AFTER_MS) this.#beat()
    this.owner.wheel.set(this, HEARTBEAT_AFTER_MS, now)
  }

  /** False where the protocol has no heartbeat. */
  #beat(): boolean {
    const id = this.#slots.nextId()
    const frame = this.#codec.heartbeat(id, this.poolKey)
    if (frame === null) return false
    this.#unheard++
    this.owner.stats.heartbeat_total++
    this.connection.write(frame.buf, frame.start, frame.end)
    return true
  }

  #answerPing(alive: boolean): void {
    const done = this.#ping
    this.#ping = null
    done?.(alive)
  }

  #pause(down: ServerSession): void {
    if (this.#paused.has(down)) return
    this.#paused.add(down)
    down.pauseRequest(null)
  }

  #freed(): void {
    this.inFlight--
    if (this.draining) {
      if (this.inFlight === 0) this.#end()
    } else {
      this.owner.onRoom(this)
    }
  }

  #failAll(outcome: Outcome, sentence: string): void {
    this.draining = true
    const { connection, owner } = this
    const nothingLeft = this.#turnAt === owner.turn.now && this.#bytesBefore === connection.bytesOut
    for (const stream of this.#slots.clear()) {
      this.inFlight--
      const untouched = nothingLeft && stream.sentAt === this.#turnAt
      stream.chain.far.onReset(stream, outcome, sentence, untouched)
    }
  }

  #noteTurn(): void {
    const { now } = this.owner.turn
    this.#usedAt = now
    if (this.#turnAt === now) return
    this.#turnAt = now
    this.#bytesBefore = this.connection.bytesOut
  }

  #end(): void {
    if (this.#ending) return
    this.#ending = true
    this.connection.end()
    this.owner.wheel.set(this, LINGER_MS, this.owner.turn.now)
  }
}

/** Gives the frame bytes of its own. */
function own(frame: Frame): void {
  frame.buf = Buffer.from(frame.buf.subarray(frame.start, frame.end))
  frame.end -= frame.start
  frame.start = 0
}
