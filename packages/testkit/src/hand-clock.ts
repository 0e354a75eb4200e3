import type { Clock } from '@tulle/core'

/** A clock that stands still until a test turns its hands. */
export class HandClock implements Clock {
  #now: number
  readonly #epoch: number

  /** `start` is the monotonic time it shows at first; its wall time begins with the year 2020. */
  constructor(start = 1000) {
    this.#now = start
    this.#epoch = Date.UTC(2020, 0, 1) - start
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#epoch + this.#now
  }

  /** Turns the hands forward; returns what `now()` says from then on. */
  turn(ms: number): number {
    this.#now += ms
    return this.#now
  }
}
