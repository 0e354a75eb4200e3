/** What a peer may cost at once before it has done anything useful, and how it is forgiven with time. */
const BURST = 1000
const PER_MS = 0.1
/** For each frame of data a peer may open two windows, in pieces. */
const UPDATES = 4
/** What having been sent something is worth. */
const SENT = 4

/**
 * How much nonsense a peer may send: frames that are cheap for it and make work for us — PING, SETTINGS, PRIORITY, empty
 * DATA, windows opened by nothing, streams begun and reset (rapid reset, and its mirror image where the peer makes us
 * reset). Each spends some; useful work and time earn it back. An honest peer never comes near the end.
 */
export class Patience {
  #left = BURST
  /** Updates of windows that the data we sent lets the peer expect to send: however late, they are no nonsense. */
  #updates = 0
  #at: number

  constructor(now: number) {
    this.#at = now
  }

  /** False: it is used up. */
  spend(amount: number, now: number): boolean {
    this.#left = Math.min(BURST, this.#left + (now - this.#at) * PER_MS) - amount
    this.#at = now
    return this.#left >= 0
  }

  /** An update of a window: as `spend`, but for those that answer data. */
  update(now: number): boolean {
    if (this.#updates === 0) return this.spend(1, now)
    this.#updates--
    return true
  }

  /** So many frames of data have left for the peer. */
  sent(frames: number): void {
    this.#updates += UPDATES * frames
    this.earn(SENT)
  }

  earn(amount: number): void {
    this.#left = Math.min(BURST, this.#left + amount)
  }
}
