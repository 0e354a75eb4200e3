import type { Wheel } from '@tulle/core'
import type { Exchange } from '../convert/exchange.ts'
import { Pieces } from '../convert/pieces.ts'
import { type Frame, FrameKind } from '../frame.ts'
import { Outcome } from '../outcome.ts'
import type { Destination, Forward } from '../route.ts'
import { Stream } from '../stream.ts'
import type { Cluster } from './cluster.ts'
import type { Host } from './host.ts'
import type { Pool } from './pool.ts'

/** A stream as the far end knows it: where it goes, how long it may take, and what it takes to send it again. */
export class Call extends Stream {
  route: Forward<Cluster> | null = null
  destination: Destination<Cluster> | null = null
  cluster: Cluster | null = null
  override host: Host | null = null
  /** Hosts of tries that failed. */
  tried: Host[] | null = null
  /** The pool in whose queue it waits for a connection; null when it does not wait. */
  pool: Pool | null = null
  /** Whether the cluster counts it as under way. */
  counted = false
  /** A retry is under way, or waits for its time. */
  retrying = false
  /** Tries made because the route's policy asked for them. */
  retries = 0
  /** An answer has begun that says at its end how the call went: its host is judged then. */
  undecided = false

  /** Request data that came so far, for a connection that is not there yet or a second try; null once it is too much. */
  kept: Pieces | null = null
  /** Waits for the rest of its data, without which it cannot be said to a host. */
  gathering = false
  /** All of the request has come through the filters, which may have held some of it. */
  whole: boolean = this.request.last
  keptBytes = 0
  trailers: Frame | null = null
  /** How `outgoing` was made, and its answer is made the caller's; null where they speak alike. */
  exchange: Exchange | null = null

  /** How long it may take, milliseconds, and how it ends then; 0 is for ever. */
  timeoutMs = 0
  timeoutOutcome: Outcome = Outcome.Timeout
  /** How long the request says that its caller waits, milliseconds; 0 where it does not. */
  toldMs = 0
  /** Moments on the monotonic clock; 0 is none. */
  timeoutAt = 0
  tryTimeoutAt = 0
  retryAt = 0
  activeAt = 0
  idleTimeoutMs = 0

  /** Whether a failed connection left it as it was: nothing of the answer has come. */
  get unanswered(): boolean {
    return this.answeredAt === 0 && !this.responseBegun
  }

  /** Whether the host will answer. */
  get wantsAnswer(): boolean {
    return this.outgoing.kind !== FrameKind.Oneway
  }

  /** The earliest moment at which something must be looked at; 0 when nothing ever must. */
  nextDue(): number {
    let due = this.idleTimeoutMs > 0 ? this.activeAt + this.idleTimeoutMs : 0
    if (this.timeoutAt > 0 && (due === 0 || this.timeoutAt < due)) due = this.timeoutAt
    if (this.tryTimeoutAt > 0 && (due === 0 || this.tryTimeoutAt < due)) due = this.tryTimeoutAt
    if (this.retryAt > 0 && (due === 0 || this.retryAt < due)) due = this.retryAt
    return due
  }

  /** Has the wheel call at the earliest of its moments. A timer that fires too early is set again then. */
  arm(wheel: Wheel, now: number): void {
    const due = this.nextDue()
    if (due > 0 && (this.due === 0 || due < this.due)) wheel.set(this, due - now, now)
  }

  /** Remembers request data for another try, as long as it stays below `limit` bytes. */
  keep(chunk: Buffer, limit: number): void {
    this.keptBytes += chunk.length
    if (this.keptBytes > limit) {
      this.kept = null
      return
    }
    if (this.kept === null) this.kept = new Pieces()
    this.kept.add(chunk)
  }
}
