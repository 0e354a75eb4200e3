import type { Frame } from '../frame.ts'
import type { Stream } from '../stream.ts'

/** A request's place: its answer once it is there, null once it is known that none will come. */
interface Place {
  readonly stream: Stream
  answer: Frame | null | undefined
}

/**
 * Puts answers back into the order of their requests: what comes too early waits.
 *
 * ```
 *   requests    a ── b ── c ── d
 *   answers               c         waits for a and b
 *               a                   leaves
 *                    b              leaves, and c behind it
 * ```
 */
export class Line {
  readonly #places: Place[] = []
  #head = 0
  readonly #write: (answer: Frame) => void

  constructor(write: (answer: Frame) => void) {
    this.#write = write
  }

  enter(stream: Stream): void {
    this.#places.push({ stream, answer: undefined })
  }

  /** The stream's answer, or null where there is none to wait for. */
  leave(stream: Stream, answer: Frame | null): void {
    const places = this.#places
    const first = places[this.#head]
    if (first !== undefined && first.stream === stream) first.answer = answer
    else {
      const place = places.find((one, i) => i >= this.#head && one.stream === stream)
      if (place !== undefined) place.answer = answer
    }
    this.#advance()
  }

  #advance(): void {
    const places = this.#places
    while (this.#head < places.length) {
      const { answer } = places[this.#head]!
      if (answer === undefined) break
      this.#head++
      if (answer !== null) this.#write(answer)
    }
    if (this.#head === places.length || this.#head > 256) {
      places.splice(0, this.#head)
      this.#head = 0
    }
  }
}
