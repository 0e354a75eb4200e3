/** Full jitter between `baseMs` and the doubled step, never above `maxMs`. `random` gives [0, 1). */
export class Backoff {
  readonly #baseMs: number
  readonly #maxMs: number
  readonly #random: () => number
  #attempt = 0

  constructor(baseMs: number, maxMs: number, random: () => number = Math.random) {
    this.#baseMs = baseMs
    this.#maxMs = maxMs
    this.#random = random
  }

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const ceiling = Math.min(this.#maxMs, this.#baseMs * 2 ** this.#attempt)
    if (ceiling < this.#maxMs) this.#attempt++
    return Math.round(this.#random() * ceiling)
  }

  reset(): void {
    this.#attempt = 0
  }
}
