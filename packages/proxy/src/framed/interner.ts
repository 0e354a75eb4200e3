import { isSame } from './bytes.ts'

const SLOTS = 256
const MAX_BYTES = 256
const EMPTY = Buffer.alloc(0)

/**
 * Strings for bytes that come again and again, as the service's name with every request: the same bytes give the same
 * string object, so nothing is allocated and a `Map` finds the string's hash already computed.
 *
 * ```
 *  bytes ─ hash ─▶ slot   keys[slot]    values[slot]       one entry a slot; newer bytes push older ones out
 *                   17    61 2e 53 …    'a.Svc:1.0'
 * ```
 */
export class Interner {
  readonly #keys: Buffer[] = new Array<Buffer>(SLOTS).fill(EMPTY)
  readonly #values: string[] = new Array<string>(SLOTS).fill('')

  /** The text of UTF-8 bytes. */
  text(buf: Buffer, start: number, end: number): string {
    const length = end - start
    if (length > MAX_BYTES) return buf.toString('utf8', start, end)
    const slot = hash(buf, start, end)
    const key = this.#keys[slot]!
    if (isSame(buf, start, end, key)) return this.#values[slot]!
    // Own memory: a view on the buffer would keep a whole read alive, and would change with it.
    this.#keys[slot] = Buffer.from(buf.subarray(start, end))
    const text = buf.toString('utf8', start, end)
    this.#values[slot] = text
    return text
  }
}

/** About eight bytes, spread: names share their beginning and their end. */
function hash(buf: Buffer, start: number, end: number): number {
  const step = ((end - start) >> 3) + 1
  let value = end - start
  for (let i = end - 1; i >= start; i -= step) value = (Math.imul(value, 31) + buf[i]!) | 0
  return (value ^ (value >>> 8) ^ (value >>> 16)) & (SLOTS - 1)
}
