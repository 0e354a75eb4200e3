import type { Frame } from '../frame.ts'
import type { Stream } from '../stream.ts'

/** Requests that have left the line make room for others when there are so many of them. */
const TRIM = 256

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
  /** In order, from `#head` on. */
  readonly #streams: Stream[] = []
  #head = 0
  /** Answers that came too early, null where none will come. */
  readonly #early = new Map<Stream, Frame | null>()
  /** Of answers that wait. */
  #bytes = 0
  readonly #write: (answer: Frame) => void

  constructor(write: (answer: Frame) => void) {
    this.#write = write
  }

  /** How much waits for its turn. */
  get heldBytes(): number {
    return this.#bytes
  }

  enter(stream: Stream): void {
    this.#streams.push(stream)
  }

  /** The stream's answer, or null where there is none to wait for. Once for each stream that has entered. */
  leave(stream: Stream, answer: Frame | null): void {
    if (this.#streams[this.#head] !== stream) {
      this.#early.set(stream, answer)
      this.#bytes += lengthOf(answer)
      return
    }
    this.#pass(answer)
    this.#advance()
  }

  #advance(): void {
    while (this.#early.size > 0) {
      const stream = this.#streams[this.#head]!
      const answer = this.#early.get(stream)
      if (answer === undefined) break
      this.#early.delete(stream)
      this.#bytes -= lengthOf(answer)
      this.#pass(answer)
    }
    if (this.#head !== this.#streams.length && this.#head < TRIM) return
    this.#streams.splice(0, this.#head)
    this.#head = 0
  }

  #pass(answer: Frame | null): void {
    this.#head++
    if (answer !== null) this.#write(answer)
  }
}

function lengthOf(answer: Frame | null): number {
  return answer === null ? 0 : answer.end - answer.start
}
