import { Timed } from '@tulle/core'
import type { Connection, ConnectionOwner } from '../connection.ts'
import { Match } from '../protocol.ts'
import type { Relay, ServerSession } from '../session.ts'
import type { ChainIntake } from './intake.ts'

/** More first bytes than this tell nothing new. */
const MAX_SNIFF_BYTES = 4096

/** Where a detected connection goes. */
export interface Detected {
  attach(connection: Connection, intake: ChainIntake): ServerSession
}

/**
 * Finds out what a connection speaks by its first bytes, asking each protocol in the listener's order. Where bytes of
 * unknown protocol are forwarded, that begins with the connection: a server that speaks first is heard at once, and
 * decides; the client's bytes, if they come first and are known, take the connection back.
 */
export class Detector extends Timed implements ConnectionOwner {
  readonly #connection: Connection
  readonly #candidates: readonly ChainIntake[]
  readonly #fallback: ChainIntake | null
  readonly #to: Detected
  /** The byte stream that goes on if nothing else is found. */
  readonly #relay: Relay | null
  #head: Buffer | null = null
  #decided = false

  constructor(
    connection: Connection,
    candidates: readonly ChainIntake[],
    fallback: ChainIntake | null,
    to: Detected,
    timeoutMs: number,
  ) {
    super()
    this.#connection = connection
    this.#candidates = candidates
    this.#fallback = fallback
    this.#to = to
    connection.owner = this
    const { wheel, turn } = (fallback ?? candidates[0]!).site
    if (timeoutMs > 0) wheel.set(this, timeoutMs, turn.begin())
    this.#relay = fallback === null ? null : this.#startRelay(fallback)
  }

  onData(chunk: Buffer): void {
    if (this.#decided) {
      this.#relay?.onData(chunk)
      return
    }
    this.#head = this.#head === null ? chunk : Buffer.concat([this.#head, chunk])
    const found = this.#find(this.#head)
    if (found === 'more') return
    const head = this.#head
    this.#decide()
    if (found === null) {
      this.#fallBack(head)
    } else {
      const begun = this.#relay?.release() ?? null
      if (begun !== null) this.#fallback!.withdraw(begun)
      this.#to.attach(this.#connection, found).onData(head)
    }
  }

  passes(): boolean {
    return false
  }

  onDrain(): void {
    this.#relay?.onDrain()
  }

  /** What has come is all there is. */
  onEnd(): void {
    const head = this.#head
    this.#decide()
    if (this.#fallback === null) this.#connection.close()
    else {
      this.#fallBack(head)
      this.#connection.owner.onEnd()
    }
  }

  onClose(error: Error | null): void {
    this.#decide()
    this.#relay?.onClose(error)
  }

  override onDue(): void {
    const { turn } = this.#fallback ?? this.#candidates[0]!
    turn.begin()
    if (this.#decided) return
    const head = this.#head
    this.#decide()
    this.#fallBack(head)
  }

  /** Null: the chain for unknown bytes reads them itself, and gets none before that is certain. */
  #startRelay(fallback: ChainIntake): Relay | null {
    const relay = fallback.protocol.relay?.(this.#connection, fallback) ?? null
    if (relay === null) return null
    relay.onFirstAnswer = (): void => {
      const head = this.#head
      this.#decide()
      this.#fallBack(head)
    }
    relay.start()
    return relay
  }

  #find(head: Buffer): ChainIntake | 'more' | null {
    let more = false
    for (const candidate of this.#candidates) {
      const match = candidate.protocol.match(head)
      if (match === Match.Yes) return candidate
      if (match === Match.NeedMore) more = true
    }
    return more && head.length < MAX_SNIFF_BYTES ? 'more' : null
  }

  #decide(): void {
    this.#decided = true
    this.#head = null
    ;(this.#fallback ?? this.#candidates[0]!).site.wheel.clear(this)
  }

  #fallBack(head: Buffer | null): void {
    const fallback = this.#fallback
    if (fallback === null) {
      this.#candidates[0]!.stats.cx_protocol_error++
      this.#connection.close()
    } else if (this.#relay === null) {
      const session = this.#to.attach(this.#connection, fallback)
      if (head !== null) session.onData(head)
    } else {
      this.#connection.owner = this.#relay
      fallback.opened(this.#relay)
      this.#relay.commit()
      if (head !== null) this.#relay.onData(head)
    }
  }
}
