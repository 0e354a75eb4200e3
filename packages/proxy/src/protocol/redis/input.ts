const EMPTY: Buffer = Buffer.alloc(0)
const SMALLEST = 256

/**
 * The bytes of a connection that are not read yet, in one piece.
 *
 * ```
 *  buf   ░░░░░░░░░░░██████████████·········        ░ read, and perhaps held by frames   █ to read   · room
 *                   start         end
 * ```
 *
 * As a rule that is the chunk as it came. What is cut goes on in a buffer of our own that doubles, so a long message costs
 * two copies of its bytes at most; nothing that a frame holds is ever written over.
 */
export class Input {
  buf: Buffer = EMPTY
  start = 0
  end = 0
  /** The buffer is ours: there may be room behind its end. */
  #own = false

  get length(): number {
    return this.end - this.start
  }

  /** `need` is how long the message that has begun is at least. */
  add(chunk: Buffer, need: number): void {
    const { length } = this
    if (length === 0) {
      this.buf = chunk
      this.start = 0
      this.end = chunk.length
      this.#own = false
      return
    }
    if (!this.#own || this.end + chunk.length > this.buf.length) this.#grow(chunk.length, need)
    this.end += chunk.copy(this.buf, this.end)
  }

  /** The bytes that are left, which are read by that. */
  rest(): Buffer {
    const rest = this.buf.subarray(this.start, this.end)
    this.clear()
    return rest
  }

  clear(): void {
    this.buf = EMPTY
    this.start = 0
    this.end = 0
    this.#own = false
  }

  #grow(more: number, need: number): void {
    const { buf, start, end, length } = this
    const known = need > length + more ? need : (length + more) * 2
    const larger = Buffer.allocUnsafe(Math.max(known, SMALLEST))
    buf.copy(larger, 0, start, end)
    this.buf = larger
    this.start = 0
    this.end = length
    this.#own = true
  }
}
