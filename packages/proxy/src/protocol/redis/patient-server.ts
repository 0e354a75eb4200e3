import type { Connection } from '../../connection.ts'
import { type Intake, ServerSession } from '../../session.ts'

/** How long a client may take to close a connection that we have ended. */
const LINGER_MS = 1000
/** How long a client may read nothing of what waits for it, where no setting says. */
const STUCK_MS = 60_000

/**
 * What a client's connection has to do with time and room: it pauses for hosts that are full and for its own client when
 * that reads slowly, is closed when nothing happens on it for too long, drains, and ends.
 *
 * ```
 *   serving ──▶ ending: no more is read, the last answers go out ──▶ closing: our end is closed, the client's awaited
 * ```
 */
export abstract class PatientServer extends ServerSession {
  protected ending = false
  /** The client does not take what waits for it. */
  protected slowReader = false
  /** The socket is not read. */
  protected paused = false
  /** How many hosts' connections are full of what this client sent. */
  #pauses = 0
  /** The host of the client's own connection is. */
  #full = false
  #closing = false
  /** Until when a draining connection is waited for; 0 while it does not drain. */
  #drainsUntil = 0
  /** When the client was last heard, or, while it reads slowly or is to close, when it last took bytes of ours. */
  #activeAt: number
  #unsent = 0

  constructor(connection: Connection, intake: Intake) {
    super(connection, intake)
    const { settings, turn, wheel } = intake
    this.#activeAt = turn.now
    if (settings.idleTimeoutMs > 0) wheel.set(this, settings.idleTimeoutMs, turn.now)
  }

  /** Answers are still to go out. */
  protected abstract get owes(): boolean
  /** Bytes go both ways unread. */
  protected abstract get tunnelled(): boolean
  /** More could be read: nothing that has come waits for its turn. */
  protected abstract get mayRead(): boolean
  /** What has come is read for nobody. */
  protected abstract forget(): void

  /** No word of the protocol says it: what is here is answered, then the connection closes. */
  drain(): void {
    if (this.#drainsUntil > 0 || this.#closing) return
    const { settings, turn, wheel } = this.intake
    this.#drainsUntil = Math.max(turn.now + settings.drainTimeoutMs, 1)
    if (!this.tunnelled) this.finish()
    if (!this.#closing) wheel.set(this, settings.drainTimeoutMs, turn.now)
  }

  override onDue(now: number): void {
    this.intake.turn.begin()
    if (this.#drainsUntil > 0 && now >= this.#drainsUntil) this.connection.close()
    else if (this.#closing || this.slowReader) this.#watchReader(now)
    else if (this.#drainsUntil > 0) this.intake.wheel.set(this, this.#drainsUntil - now, now)
    else if (!this.tunnelled) this.#watchIdle(now)
  }

  /** The client was heard. */
  protected noteActive(): void {
    this.#activeAt = this.intake.turn.now
  }

  protected hostFull(own: boolean): void {
    if (own) this.#full = true
    else this.#pauses++
    this.pause()
  }

  protected hostDrained(own: boolean): void {
    if (own) this.#full = false
    else if (this.#pauses > 0) this.#pauses--
    this.settlePause()
  }

  protected pause(): void {
    if (this.paused) return
    this.paused = true
    this.connection.pause()
  }

  /** Reads on if nothing speaks against it. */
  protected settlePause(): void {
    if (!this.paused || this.#pauses > 0 || this.#full || this.slowReader) return
    if (!this.tunnelled && !this.mayRead) return
    this.paused = false
    this.connection.resume()
  }

  protected write(buf: Buffer, start: number, end: number): void {
    if (!this.connection.write(buf, start, end)) this.#pauseForReader()
  }

  /** Reads no more. */
  protected finish(): void {
    this.ending = true
    this.forget()
    this.closeWhenDone()
  }

  /** What the client still sends is read for nobody, or the last answer could be lost by a reset. */
  protected closeWhenDone(): void {
    if (!this.ending || this.#closing || this.owes) return
    this.#closing = true
    this.connection.end()
    this.connection.resume()
    this.#watch()
  }

  /** Answers that are on their way come all the same; no new commands are read until they have left. */
  #pauseForReader(): void {
    if (this.slowReader || this.ending) return
    this.slowReader = true
    this.pause()
    this.#watch()
  }

  #watchIdle(now: number): void {
    const { idleTimeoutMs } = this.intake.settings
    if (idleTimeoutMs === 0) return
    const left = this.#activeAt + idleTimeoutMs - now
    if (!this.owes && left <= 0) {
      this.intake.stats.cx_idle_timeout++
      this.finish()
    } else {
      this.intake.wheel.set(this, Math.max(left, 1000), now)
    }
  }

  /** From now on what matters is whether the client takes what waits for it. */
  #watch(): void {
    const { turn } = this.intake
    this.#activeAt = turn.now
    this.#unsent = this.connection.pendingBytes
    this.#watchReader(turn.now)
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
}
