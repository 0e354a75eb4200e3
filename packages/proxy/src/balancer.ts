import type { Named, Result } from '@tulle/core'
import type { Stream } from './stream.ts'

/** Somewhere a request can be sent, as far as choosing needs to know it. */
export interface Candidate {
  /** `10.0.0.1:8080` */
  readonly address: string
  readonly weight: number
  /** Requests under way at this moment. */
  readonly active: number
}

/** Chooses a host for one request. Synchronous, constant time, never changed after it is published. */
export interface Picker<H extends Candidate = Candidate> {
  pick(stream: Stream): H | null
}

/** A kind of balancing: makes a new picker whenever the hosts or their health change. */
export interface BalancerKind<Settings> extends Named {
  configure(value: unknown, at: string): Result<Settings>
  /**
   * `hosts` are those that may be chosen now: healthy, not ejected. `previous` lets a kind carry its position over.
   * `random` gives [0, 1).
   */
  picker<H extends Candidate>(
    hosts: readonly H[],
    settings: Settings,
    previous: Picker<H> | null,
    random: () => number,
  ): Picker<H>
}
