const FIRST_SLOTS = 16

/**
 * The dynamic table (RFC 7541 §2.3.2), first in, first out, measured in bytes. Entries are numbered from 0 as they
 * come, and live in a ring that grows with use: a quiet connection pays for little.
 *
 * ```
 *  ring      │  8 │  9 │ 10 │  3 │  4 │  5 │  6 │  7 │     oldest = 3   next = 11
 *                      ▲ newest  ▲ oldest                   index 62 on the wire is entry 10, index 69 entry 3
 * ```
 */
export class DynamicTable<Entry extends { readonly size: number }> {
  #ring: (Entry | null)[] = []
  /** The number of the oldest entry, equal to `next` when there is none. */
  oldest = 0
  /** The number that the next entry will get. */
  next = 0
  /** The sizes of all entries. */
  bytes = 0
  /** What `bytes` never exceeds. */
  maxBytes: number

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** An entry that is still there: `oldest <= number < next`. */
  get(number: number): Entry {
    const ring = this.#ring
    return ring[number & (ring.length - 1)]!
  }

  /** Adds an entry and drops what it leaves no room for: everything, and itself, if it is larger than the table. */
  add(entry: Entry): void {
    this.#shrink(this.maxBytes - entry.size)
    if (entry.size > this.maxBytes) return
    if (this.next - this.oldest === this.#ring.length) this.#grow()
    this.#ring[this.next & (this.#ring.length - 1)] = entry
    this.next++
    this.bytes += entry.size
  }

  resize(maxBytes: number): void {
    this.maxBytes = maxBytes
    this.#shrink(maxBytes)
  }

  #shrink(toBytes: number): void {
    const ring = this.#ring
    while (this.bytes > toBytes && this.oldest < this.next) {
      const slot = this.oldest++ & (ring.length - 1)
      this.bytes -= ring[slot]!.size
      // What was dropped must not stay in memory until the ring comes round.
      ring[slot] = null
    }
  }

  #grow(): void {
    const ring = this.#ring
    const grown = new Array<Entry | null>(ring.length * 2 || FIRST_SLOTS).fill(null)
    for (let i = this.oldest; i < this.next; i++) {
      grown[i & (grown.length - 1)] = ring[i & (ring.length - 1)]!
    }
    this.#ring = grown
  }
}
