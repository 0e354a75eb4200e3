import type { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type ClientOwner, ClientSession, type ServerSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { type Ask, Lane } from './command.ts'
import { encodeCommand } from './inline.ts'
import { ReplyReader, Resp } from './reply-reader.ts'
import { Got } from './request-reader.ts'
import { statusOf } from './status.ts'
import { Tunnel } from './tunnel.ts'
import { Own, Waiting } from './waiting.ts'

/** Ask after so long without bytes from the host, give up after so many without an answer. */
const HEARTBEAT_AFTER_MS = 15_000
const HEARTBEATS_MISSED = 3
/** How long a host may take to close a connection that we have ended. */
const LINGER_MS = 1000
/** More commands than this on one connection wait for another. */
export const CAPACITY: number = 1 << 16

const PING: Buffer = encodeCommand([Buffer.from('PING')])
const HELLO_3: Buffer = encodeCommand([Buffer.from('HELLO'), Buffer.from('3')])

/**
 * A connection to a host. Many clients' commands share it, one behind the other, and answers come in that order; or it is
 * a tunnel of one client, which the lane of its first request tells.
 *
 * A command whose client is gone is answered all the same: its place in the line stays.
 */
export class RedisClient extends ClientSession {
  readonly #protocol: Protocol
  readonly #reader: ReplyReader
  readonly #waiting = new Waiting()
  /** Clients that were asked to pause because this host does not take their commands fast enough. */
  readonly #paused = new Set<ServerSession>()
  #tunnel: Tunnel | null = null
  #heardAt: number
  #usedAt: number
  /** What had left on the connection when the present turn began, and when that was: what came later has not left. */
  #bytesBefore = 0
  #turnAt = 0
  #ending = false
  /** Heartbeats sent since the host was last heard. */
  #unheard = 0
  #ping: ((alive: boolean) => void) | null = null

  constructor(protocol: Protocol, connection: Connection, owner: ClientOwner) {
    super(connection, owner)
    this.#protocol = protocol
    this.capacity = CAPACITY
    this.#reader = new ReplyReader(owner.maxFrameBytes)
    this.#heardAt = owner.turn.now
    this.#usedAt = owner.turn.now
  }

  onConnect(): void {
    const { owner } = this
    this.ready = true
    this.#heardAt = owner.turn.now
    if (this.poolKey !== Lane.Own) {
      owner.wheel.set(this, HEARTBEAT_AFTER_MS, this.#heardAt)
      // A host that knows no RESP3 says so to everybody who asks for it here: the greeting's own answer tells nothing.
      if (this.poolKey === Lane.Resp3) this.#say(HELLO_3, Own.Greeting)
    }
    owner.onReady(this)
    if (this.poolKey !== Lane.Own || this.#tunnel !== null) return
    // Whoever it was made for has gone.
    this.draining = true
    this.connection.destroy()
  }

  send(stream: Stream, frame: Frame): boolean {
    if (frame.edits !== null) {
      const sentence = 'headers cannot be added to a command of redis'
      stream.chain.far.onReset(stream, Outcome.HeadTooLarge, sentence, false)
      return true
    }
    const ask = frame.view as Ask
    this.served++
    this.inFlight++
    if (ask.lane === Lane.Own) {
      this.draining = true
      this.#tunnel = new Tunnel(this.#protocol, this, stream, ask)
      return this.connection.write(frame.buf, frame.start, frame.end)
    }
    this.#noteTurn()
    this.#waiting.push(stream)
    if (!this.connection.write(frame.buf, frame.start, frame.end)) this.#pause(stream.down)
    return true
  }

  sendData(_stream: Stream, chunk: Buffer, last: boolean): boolean {
    return this.#tunnel === null || this.#tunnel.data(chunk, last)
  }
  sendTrailers(): void {}

  override passes(): boolean {
    return this.#tunnel?.passes === true
  }

  onData(chunk: Buffer): void {
    if (this.#tunnel !== null) return this.#tunnel.onData(chunk)
    if (this.#ending && this.inFlight === 0) return
    this.#heardAt = this.owner.turn.now
    this.#unheard = 0
    const reader = this.#reader
    reader.add(chunk)
    for (;;) {
      const got = reader.next()
      if (got === Got.Message) {
        if (!this.#answer(reader.buf, reader.start, reader.end)) return
      } else if (got === Got.More) return
      else if (got === Got.Bad) return this.#broke(`sent ${reader.fault}`)
      else {
        const { maxFrameBytes } = this.owner
        return this.#broke(
          `sent an answer of ${reader.bytes} bytes, above the limit of ${maxFrameBytes}`,
        )
      }
    }
  }

  /** The answer, should it come, is for nobody. A tunnel ends with its client. */
  cancel(stream: Stream): void {
    if (this.#tunnel === null) this.#waiting.leave(stream)
    else this.connection.destroy()
  }

  /** Shared answers come whole: there is nothing to pause. */
  pauseResponse(): void {
    if (this.#tunnel !== null) this.connection.pause()
  }
  resumeResponse(): void {
    if (this.#tunnel !== null) this.connection.resume()
  }

  onDrain(): void {
    this.#tunnel?.onDrain()
    for (const down of this.#paused) down.resumeRequest(null)
    this.#paused.clear()
  }

  /** The host sends no more: nobody who waits will get an answer, and what has not left must not reach it any more. */
  onEnd(): void {
    if (this.#tunnel !== null) return this.#tunnel.onEnd()
    this.#failAll(Outcome.UpstreamReset, `${this.owner.address} closed the connection`)
    this.connection.destroy()
  }

  onClose(error: Error | null): void {
    this.ready = false
    this.owner.wheel.clear(this)
    this.#reader.input.clear()
    if (this.#tunnel === null) {
      this.onDrain()
      this.#answerPing(false)
      const why =
        error === null ? 'closed the connection' : `broke the connection: ${error.message}`
      this.#failAll(Outcome.UpstreamReset, `${this.owner.address} ${why}`)
    } else this.#tunnel.onClose(error)
    this.owner.onClosed(this, error)
  }

  /** A host that is loading, or has lost its master, is no host to send commands to. */
  ping(timeoutMs: number, done: (alive: boolean) => void): void {
    this.#ping = done
    this.#beat()
    this.owner.wheel.set(this, timeoutMs, this.owner.turn.now)
  }

  drain(): void {
    this.draining = true
    if (this.inFlight === 0) this.#end()
  }

  override onDue(now: number): void {
    const { idleTimeoutMs, stats, turn, wheel, address } = this.owner
    turn.begin()
    this.#answerPing(false)
    if (this.#ending) {
      this.connection.destroy()
    } else if (this.#unheard >= HEARTBEATS_MISSED) {
      stats.heartbeat_failed++
      const sentence = `${address} left ${HEARTBEATS_MISSED} heartbeats without an answer`
      this.#failAll(Outcome.UpstreamReset, sentence)
      this.connection.destroy()
    } else if (this.inFlight === 0 && idleTimeoutMs > 0 && now - this.#usedAt >= idleTimeoutMs) {
      stats.cx_idle_timeout++
      this.drain()
    } else {
      if (now - this.#heardAt >= HEARTBEAT_AFTER_MS) this.#beat()
      wheel.set(this, HEARTBEAT_AFTER_MS, now)
    }
  }

  /** False: nothing more can be read. */
  #answer(buf: Buffer, start: number, end: number): boolean {
    const { owner } = this
    if (buf[start] === Resp.Push) {
      owner.stats.rq_unknown_answer++
      return true
    }
    const who = this.#waiting.first
    if (who === null || (typeof who === 'object' && this.#hasNotLeft(who))) {
      this.#broke('sent an answer that nobody had asked for')
      return false
    }
    this.#waiting.shift()
    const frame = new Frame(this.#protocol, FrameKind.Response, 0, buf, start, end, true, null)
    if (typeof who === 'object') {
      this.#freed()
      who.chain.far.onResponse(who, frame)
    } else if (who === Own.Ping) this.#answerPing(statusOf(frame) < 500)
    else if (who === Own.Nobody) this.#freed()
    return !this.connection.closed
  }

  /** An answer cannot be to a command that lies here still: one behind it would get the wrong one. */
  #hasNotLeft(stream: Stream): boolean {
    const { connection } = this
    return stream.sentAt === this.#turnAt && connection.bytesOut === this.#bytesBefore
  }

  #beat(): void {
    this.#unheard++
    this.owner.stats.heartbeat_total++
    this.#say(PING, Own.Ping)
  }

  #say(bytes: Buffer, who: Own): void {
    this.#waiting.push(who)
    this.connection.write(bytes)
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

  #broke(what: string): void {
    this.owner.stats.cx_protocol_error++
    this.#failAll(Outcome.UpstreamProtocol, `${this.owner.address} ${what}`)
    this.connection.destroy()
  }

  #failAll(outcome: Outcome, sentence: string): void {
    this.draining = true
    this.#ending = true
    const { connection, owner } = this
    const nothingLeft = this.#turnAt === owner.turn.now && this.#bytesBefore === connection.bytesOut
    this.inFlight = 0
    for (const stream of this.#waiting.clear()) {
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
