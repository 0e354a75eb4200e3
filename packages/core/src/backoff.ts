/**
 * Waits with full jitter: anything from nothing up to a step that begins at `baseMs` and doubles with every attempt as
 * far as `maxMs`, so that those who failed together do not come back together. `random` gives [0, 1).
 */
export class Backoff {
  readonly #baseMs: number
  readonly #maxMs: number
  readonly #random: () => number
  #stepMs: number

  constructor(baseMs: number, maxMs: number, random: () => number = Math.random) {
    this.#baseMs = baseMs
    this.#maxMs = maxMs
    this.#random = random
    this.#stepMs = Math.min(baseMs, maxMs)
  }

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const stepMs = this.#stepMs
    this.#stepMs = Math.min(stepMs * 2, this.#maxMs)
    return Math.round(this.#random() * stepMs)
  }

  /** It worked: the next failure waits as the first did. */
  reset(): void {
    this.#stepMs = Math.min(this.#baseMs, this.#maxMs)
  }
}
