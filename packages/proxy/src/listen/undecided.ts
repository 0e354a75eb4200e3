import { Timed } from '@tulle/core'
import type { Connection, ConnectionOwner } from '../connection.ts'
import type { ServerSession } from '../session.ts'
import type { Site } from '../site.ts'
import type { ChainIntake } from './intake.ts'
import type { Reception } from './reception.ts'
import type { ServedChain } from './served-chain.ts'

/** Where connections go whose way is found. */
export interface Port {
  readonly name: string
  readonly site: Site
  /** As it is configured now. */
  readonly reception: Reception
  /** It takes no more connections. */
  readonly draining: boolean
  /** A connection whose chain is not known yet, with what was read of it already. */
  receive(connection: Connection, head: Buffer | null): void
  /** A connection whose chain and protocol are known. */
  attach(connection: Connection, intake: ChainIntake): ServerSession
  /** A TLS client: its chain is known, and `head` is what was read of it. */
  terminate(connection: Connection, chain: ServedChain, head: Buffer): void
  /** Tells the log of connections that came to nothing; under a flood of them not of each. */
  complain(message: string, client: string, error: string): void
}

/** How long a client that has just connected may take for its first bytes when the listener drains. */
const FIRST_BYTES_MS = 1000

/** The owner of a connection that has no session yet. */
export abstract class Undecided extends Timed implements ConnectionOwner {
  readonly connection: Connection
  readonly port: Port
  #draining = false

  constructor(connection: Connection, port: Port) {
    super()
    this.connection = connection
    this.port = port
    connection.owner = this
    if (port.draining) this.drain()
  }

  abstract onData(chunk: Buffer): void
  abstract onEnd(): void
  abstract onClose(error: Error | null): void
  /** What was to come has not come in time. */
  abstract onLate(): void

  passes(): boolean {
    return false
  }

  onDrain(): void {}

  override onDue(): void {
    this.port.site.turn.begin()
    if (this.#draining) this.connection.close()
    else this.onLate()
  }

  /** The listener takes no more: a client that goes on saying nothing is let go. */
  drain(): void {
    if (this.#draining) return
    this.wait(FIRST_BYTES_MS)
    this.#draining = true
  }

  /** Calls `onLate` after so many milliseconds; 0 is never. While the listener drains, nobody is given more time. */
  protected wait(ms: number): void {
    const { wheel, turn } = this.port.site
    if (this.#draining) return
    if (ms > 0) wheel.set(this, ms, turn.begin())
    else wheel.clear(this)
  }

  protected rest(): void {
    this.port.site.wheel.clear(this)
  }
}
