import type { Socket } from 'node:net'
import { connect } from 'node:net'

/** Where a caller's connection leads, and how long a call may take. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

/** Hears how calls end. Moments are microseconds of `nowUs()`. */
export interface CallerOwner {
  /** The connection is up and takes calls. */
  onReady(caller: Caller): void
  onAnswer(caller: Caller, startedUs: number): void
  /** The call ended otherwise; `kind` is one of a small set of words, good for counting. */
  onFailure(caller: Caller, startedUs: number, kind: string): void
  /** The connection is gone; its calls were reported before. `kind` says why, null when we closed it. */
  onClosed(caller: Caller, kind: string | null): void
}

/**
 * One connection of a load generator. Subclasses know the protocol: how a call looks and where an answer ends. What is
 * written during one turn of the event loop leaves in one piece.
 */
export abstract class Caller {
  readonly timeoutMs: number
  /** Null until the connection is up, and again once it is gone. */
  protected socket: Socket | null = null
  protected readonly owner: CallerOwner
  readonly #pendingSocket: Socket
  #corked = false
  #gone = false

  constructor(target: Target, owner: CallerOwner) {
    this.owner = owner
    this.timeoutMs = target.timeoutMs
    const socket = connect({ host: target.host, port: target.port, noDelay: true })
    this.#pendingSocket = socket
    socket.setTimeout(target.timeoutMs, () => this.#connectTimeout())
    socket.on('connect', () => this.#connected())
    socket.on('data', (chunk: Buffer) => this.onBytes(chunk))
    socket.on('end', () => this.onEnd())
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(error.code ?? error.message))
    socket.on('close', () => this.fail('closed by peer'))
  }

  /** Calls under way. */
  abstract readonly pending: number
  /** Calls the protocol allows at once. */
  abstract readonly room: number
  /** Sends one call. Only while `ready`. */
  abstract call(startedUs: number): void
  /** Fails calls that began before the moment. */
  abstract expire(beforeUs: number): void
  protected abstract onBytes(chunk: Buffer): void
  /** Reports every call under way as failed and forgets it. */
  protected abstract abandon(kind: string): void

  get ready(): boolean {
    return this.socket !== null
  }

  /** Ends the connection without reporting it as a failure; calls under way fail as `stopped`. */
  close(): void {
    this.#end(null)
  }

  protected write(bytes: Buffer): void {
    const socket = this.socket
    if (socket === null) return
    if (!this.#corked) {
      this.#corked = true
      socket.cork()
      process.nextTick(() => {
        this.#corked = false
        socket.uncork()
      })
    }
    socket.write(bytes)
  }

  /** The peer writes no more. */
  protected onEnd(): void {
    this.fail('closed by peer')
  }

  /** The connection cannot go on. */
  protected fail(kind: string): void {
    this.#end(this.ready ? kind : `connect: ${kind}`)
  }

  #connected(): void {
    this.#pendingSocket.setTimeout(0)
    this.socket = this.#pendingSocket
    this.owner.onReady(this)
  }

  #connectTimeout(): void {
    if (!this.ready) this.fail('timeout')
  }

  #end(why: string | null): void {
    if (this.#gone) return
    this.#gone = true
    this.socket = null
    this.#pendingSocket.destroy()
    this.abandon(why ?? 'stopped')
    this.owner.onClosed(this, why)
  }
}

/** The moment now, in microseconds. */
export function nowUs(): number {
  return performance.now() * 1000
}
