/** Longer strings are made anew: they are rarely repeated without an index. */
export const LONGEST = 96

/**
 * What was made of the same bytes the last time: names and fields that come as literals again and again are found by
 * comparing bytes on the wire, before Huffman decoding, so that a path sent with every request is read once.
 *
 * ```
 *  bytes ─ hash of a few ─▶ slot   #hash  #seed  #length  #bytes (96 each)   #items     one item a slot
 *                                                                                       newer push older out
 * ```
 *
 * An item enters when its hash is seen for the second time in a row in its slot: what never repeats costs no copy.
 */
export class WireCache<Item> {
  readonly #mask: number
  readonly #hashes: Int32Array
  readonly #seeds: Int32Array
  readonly #lengths: Int32Array
  readonly #bytes: Uint8Array
  readonly #items: (Item | null)[]
  #hash = 0

  /** `slots` is a power of two. */
  constructor(slots: number) {
    this.#mask = slots - 1
    this.#hashes = new Int32Array(slots)
    this.#seeds = new Int32Array(slots)
    this.#lengths = new Int32Array(slots)
    this.#bytes = new Uint8Array(slots * LONGEST)
    this.#items = new Array<Item | null>(slots).fill(null)
  }

  /** The item kept for this seed and the bytes of [start, end), one at least and at most `LONGEST`. */
  find(buf: Uint8Array, start: number, end: number, seed: number): Item | null {
    const hash = hashOf(buf, start, end, seed)
    this.#hash = hash
    const slot = (hash ^ (hash >>> 15)) & this.#mask
    const length = end - start
    if (this.#seeds[slot] !== seed || this.#lengths[slot] !== length) return null
    const bytes = this.#bytes
    const at = slot * LONGEST
    for (let i = 0; i < length; i++) if (bytes[at + i] !== buf[start + i]) return null
    return this.#items[slot]!
  }

  /** Offers what was made of the bytes that `find` did not find just now. */
  offer(buf: Uint8Array, start: number, end: number, seed: number, item: Item): void {
    const hash = this.#hash
    const slot = (hash ^ (hash >>> 15)) & this.#mask
    if (this.#hashes[slot] !== hash) {
      this.#hashes[slot] = hash
      return
    }
    const at = slot * LONGEST
    for (let i = start; i < end; i++) this.#bytes[at + i - start] = buf[i]!
    this.#seeds[slot] = seed
    this.#lengths[slot] = end - start
    this.#items[slot] = item
  }
}

/** Of the length and five bytes: what differs between paths or ids is mostly towards the end. */
function hashOf(buf: Uint8Array, start: number, end: number, seed: number): number {
  const length = end - start
  let hash = Math.imul(seed + length, 0x9e3779b1) ^ buf[start]!
  hash = Math.imul(hash ^ buf[end - 1]!, 0x85ebca6b)
  hash = Math.imul(hash ^ buf[start + (length >> 1)]!, 0xc2b2ae35)
  hash = Math.imul(hash ^ buf[end - 1 - (length >> 3)]!, 0x85ebca6b)
  return Math.imul(hash ^ buf[end - 1 - (length >> 2)]!, 0x9e3779b1)
}
