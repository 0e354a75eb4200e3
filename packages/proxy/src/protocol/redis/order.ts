import type { Frame } from '../../frame.ts'
import { Stream } from '../../stream.ts'

/**
 * What a client is owed, in the order of its commands: answers to come, and answers of our own that wait for their turn.
 *
 * ```
 *   head                    tail
 *    ▼                       ▼
 *  ┌───┬───┬───┬─────┬───┬───┬───          a stream whose answer came early keeps it in `stream.near`
 *  │ a │ b │ c │ +OK │ d │ e │
 *  └───┴───┴───┴─────┴───┴───┴───
 * ```
 */
export class Order {
  #ring: (Stream | Buffer | null)[] = new Array<Stream | Buffer | null>(16).fill(null)
  #mask = 15
  #head = 0
  #tail = 0
  /** Where the answers go whose turn it is. */
  readonly #write: (buf: Buffer, start: number, end: number) => void

  constructor(write: (buf: Buffer, start: number, end: number) => void) {
    this.#write = write
  }

  get size(): number {
    return this.#tail - this.#head
  }

  /** Commands without an answer, and bytes that wait behind them. */
  enter(entry: Stream | Buffer): void {
    if (this.size === 0 && !(entry instanceof Stream)) {
      this.#write(entry, 0, entry.length)
      return
    }
    if (this.size > this.#mask) this.#grow()
    this.#ring[this.#tail++ & this.#mask] = entry
  }

  /** The stream has its answer. It leaves if nothing is owed before it, with all that waits behind it. */
  answer(stream: Stream, { buf, start, end }: Frame): void {
    if (this.#ring[this.#head & this.#mask] !== stream) {
      // It may wait for long: its own bytes are worth keeping, not the whole read they came in.
      stream.near = Buffer.from(buf.subarray(start, end))
      return
    }
    this.#ring[this.#head++ & this.#mask] = null
    this.#write(buf, start, end)
    this.#advance()
  }

  /** Forgets everything; gives the streams that still wait. */
  clear(): Stream[] {
    const waiting: Stream[] = []
    for (; this.#head < this.#tail; this.#head++) {
      const entry = this.#ring[this.#head & this.#mask]!
      this.#ring[this.#head & this.#mask] = null
      if (entry instanceof Stream && entry.near === null) waiting.push(entry)
    }
    return waiting
  }

  #advance(): void {
    for (; this.#head < this.#tail; this.#head++) {
      const place = this.#head & this.#mask
      const entry = this.#ring[place]!
      const bytes = entry instanceof Stream ? (entry.near as Buffer | null) : entry
      if (bytes === null) return
      this.#ring[place] = null
      this.#write(bytes, 0, bytes.length)
    }
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2
    const larger = new Array<Stream | Buffer | null>(size).fill(null)
    for (let i = this.#head; i < this.#tail; i++)
      larger[i & (size - 1)] = this.#ring[i & this.#mask]!
    this.#ring = larger
    this.#mask = size - 1
  }
}
