import { stable } from '../reading.ts'

/** Pieces from so many bytes on stay as they came. */
const LARGE_BYTES = 4 * 1024
const BLOCK_BYTES = 16 * 1024

/**
 * Data that is kept until all of it is there. It may come in pieces of a byte, each of which costs a hundred: small ones
 * meet in blocks.
 *
 * ```
 *  all    first │ block: 2nd 3rd 4th … │ a large one │ block: …
 * ```
 */
export class Pieces {
  readonly all: Buffer[] = []
  bytes = 0
  /** The block that the last of `all` is the beginning of; null when that is no block. */
  #block: Buffer | null = null
  #used = 0

  add(chunk: Buffer): void {
    const { length } = chunk
    this.bytes += length
    if (this.all.length === 0 || length >= LARGE_BYTES) {
      this.all.push(stable(chunk))
      this.#block = null
      return
    }
    if (this.#block === null || BLOCK_BYTES - this.#used < length) {
      this.#block = Buffer.allocUnsafe(BLOCK_BYTES)
      this.#used = 0
      this.all.push(this.#block)
    }
    this.#used += chunk.copy(this.#block, this.#used)
    this.all[this.all.length - 1] = this.#block.subarray(0, this.#used)
  }

  /** All of it in one; null where nothing came. */
  whole(): Buffer | null {
    const { all, bytes } = this
    return all.length > 1 ? Buffer.concat(all, bytes) : (all[0] ?? null)
  }
}
