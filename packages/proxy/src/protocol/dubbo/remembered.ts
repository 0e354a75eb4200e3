const SLOTS = 256
const EMPTY = Buffer.alloc(0)
/** A place whose bytes do not come again is written anew so seldom at last. */
const MAX_PATIENCE = 1024

/**
 * What was found out about bytes, for when the very same come again: a client's requests begin and end alike. They are
 * compared whole, so that nobody's bytes are taken for others that only look like them.
 *
 * ```
 *  bytes ─ hash of the caller ─▶ slot   keys[slot]        values[slot]
 *                                 17    05 32 2e 30 …     what they mean
 * ```
 *
 * Bytes that differ every time, as those with the id of a trace, would only push out what is of use and cost a copy each:
 * a slot takes others in when its own have been missed for a while, and each time it does so in vain it waits longer.
 */
export class Remembered<T> {
  readonly #maxBytes: number
  readonly #keys: Buffer[] = new Array<Buffer>(SLOTS).fill(EMPTY)
  readonly #values: (T | null)[] = new Array<T | null>(SLOTS).fill(null)
  readonly #hashes: Int32Array = new Int32Array(SLOTS)
  readonly #misses: Uint16Array = new Uint16Array(SLOTS)
  readonly #patience: Uint16Array = new Uint16Array(SLOTS)
  /** Where the bytes that were looked for last belong, and their hash. */
  #slot = 0
  #hash = 0

  /** Longer bytes are not kept. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Null when these bytes are not known. */
  get(buf: Buffer, start: number, end: number, hash: number): T | null {
    const slot = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SLOTS - 1)
    this.#slot = slot
    this.#hash = hash
    if (this.#hashes[slot] !== hash) return null
    const key = this.#keys[slot]!
    const { length } = key
    // Native, which costs less than a loop from about sixty bytes on.
    if (length !== end - start || buf.compare(key, 0, length, start, end) !== 0) return null
    this.#misses[slot] = 0
    return this.#values[slot]!
  }

  /** Whether the bytes that `get` has just not found are worth being kept. */
  wants(bytes: number): boolean {
    const slot = this.#slot
    if (bytes > this.#maxBytes || this.#misses[slot]!++ < this.#patience[slot]!) return false
    this.#misses[slot] = 0
    this.#patience[slot] = Math.min(2 * this.#patience[slot]! + 1, MAX_PATIENCE)
    return true
  }

  /** Keeps them; own memory, as a view on the buffer would keep a whole read alive and change with it. */
  put(buf: Buffer, start: number, end: number, value: T): void {
    this.#keys[this.#slot] = Buffer.from(buf.subarray(start, end))
    this.#values[this.#slot] = value
    this.#hashes[this.#slot] = this.#hash
  }
}
