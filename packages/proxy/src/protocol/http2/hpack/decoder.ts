import { DynamicTable } from './dynamic-table.ts'
import { HpackFault } from './fault.ts'
import { Field, Indexing } from './field.ts'
import { type FieldName, fieldName } from './field-name.ts'
import { HuffmanReader } from './huffman.ts'
import { readLatin1 } from './latin1.ts'
import { marksOf } from './marks.ts'
import { FIRST_DYNAMIC, staticTable } from './static-table.ts'
import { LONGEST, WireCache } from './wire-cache.ts'

/** Every connection begins with a table of this size (RFC 9113 §6.5.2). */
export const INITIAL_TABLE_BYTES = 4096
const LARGEST_INTEGER = 2 ** 31
const MOST_UPDATES = 2

/** Takes the fields of a header block in their order. */
export interface FieldSink {
  /** False if no more fields of this block are wanted. The block is still read to its end: it may change the table. */
  onField(field: Field): boolean
}

/** What bounds a decoder. */
export interface HpackLimits {
  /** SETTINGS_HEADER_TABLE_SIZE as we announce it, in bytes. */
  readonly tableBytes: number
}

// Shared by all connections: what one has sent, others send too.
const names = new WireCache<FieldName>(256)
const fields = new WireCache<Field>(1024)
const huffman = new HuffmanReader()

/**
 * Reads header blocks (RFC 7541), whole ones and each once, in the order they came. A field from a table costs a look
 * into it and nothing else, so that a block's price is bounded by its bytes; what its fields add up to is the sink's to
 * bound, by their sizes.
 *
 * ```
 *  1 index+                      a field from a table
 *  01 index+ [name] value        a literal that enters the dynamic table
 *  001 size+                     a new size of the dynamic table, before any field
 *  0001 index+ [name] value      a literal that must never be indexed
 *  0000 index+ [name] value      a literal that is not indexed
 * ```
 */
export class HpackDecoder {
  readonly #table: DynamicTable<Field> = new DynamicTable(INITIAL_TABLE_BYTES)
  readonly #tableBytes: number
  #mostBytes: number
  /** Where the last integer, string or literal ended. */
  #at = 0
  #fault: HpackFault = HpackFault.None

  constructor({ tableBytes }: HpackLimits) {
    this.#tableBytes = tableBytes
    // Until our settings are acknowledged the peer may not know of a smaller table.
    this.#mostBytes = Math.max(tableBytes, INITIAL_TABLE_BYTES)
  }

  /** Our SETTINGS were acknowledged: from here on the peer must keep to them (RFC 7541 §4.2). */
  onSettingsAcknowledged(): void {
    this.#mostBytes = this.#tableBytes
  }

  /** Reads the block in [start, end). After a fault the table is out of step, and the connection cannot go on. */
  decode(buf: Buffer, start: number, end: number, into: FieldSink): HpackFault {
    let at = this.#updates(buf, start, end)
    if (at < 0) return this.#fault
    let wanted = true
    while (at < end) {
      const byte = buf[at]!
      let field: Field | null
      if (byte > 0x80 && byte < 0xff) {
        at++
        field = this.#entry(byte & 0x7f)
        if (field === null) return HpackFault.Index
      } else {
        field = this.#field(buf, at, end)
        if (field === null) return this.#fault
        at = this.#at
      }
      if (wanted) wanted = into.onField(field)
    }
    return HpackFault.None
  }

  /** The size updates before the first field: two at most, the smallest size between two blocks and the last. */
  #updates(buf: Buffer, start: number, end: number): number {
    let at = start
    let count = 0
    while (at < end && (buf[at]! & 0xe0) === 0x20) {
      if (++count > MOST_UPDATES) return this.#fail(HpackFault.ManyUpdates)
      const size = this.#integer(buf, at, end, 0x1f)
      if (size < 0) return -1
      if (size > this.#mostBytes) return this.#fail(HpackFault.LargeUpdate)
      this.#table.resize(size)
      at = this.#at
    }
    if (this.#table.maxBytes > this.#mostBytes) return this.#fail(HpackFault.MissingUpdate)
    return at
  }

  /** Everything but an index of one byte. */
  #field(buf: Buffer, at: number, end: number): Field | null {
    const byte = buf[at]!
    if (byte >= 0x80) {
      const index = this.#integer(buf, at, end, 0x7f)
      if (index < 0) return null
      return this.#entry(index) ?? this.#nothing(HpackFault.Index)
    }
    if (byte >= 0x40) {
      const field = this.#literal(buf, at, end, 0x3f, Indexing.Incremental)
      if (field !== null) this.#table.add(field)
      return field
    }
    if (byte >= 0x20) return this.#nothing(HpackFault.LateUpdate)
    return this.#literal(buf, at, end, 0x0f, byte >= 0x10 ? Indexing.Never : Indexing.Without)
  }

  /** The field of an index, null if there is none. */
  #entry(index: number): Field | null {
    if (index < FIRST_DYNAMIC) return index === 0 ? null : staticTable[index - 1]!
    const table = this.#table
    const number = table.next - 1 - (index - FIRST_DYNAMIC)
    return number < table.oldest ? null : table.get(number)
  }

  #literal(
    buf: Buffer,
    start: number,
    end: number,
    prefix: number,
    indexing: Indexing,
  ): Field | null {
    const index = this.#integer(buf, start, end, prefix)
    if (index < 0) return null
    if (index > 0) {
      const named = this.#entry(index)
      if (named === null) return this.#nothing(HpackFault.Index)
      return this.#value(buf, this.#at, end, named.label, indexing)
    }
    const label = this.#name(buf, this.#at, end)
    return label === null ? null : this.#value(buf, this.#at, end, label, indexing)
  }

  #name(buf: Buffer, start: number, end: number): FieldName | null {
    const length = this.#length(buf, start, end)
    if (length < 0) return null
    const coded = buf[start]! >> 7
    const first = this.#at
    const last = first + length
    this.#at = last
    const cached = length > 0 && length <= LONGEST
    const known = cached ? names.find(buf, first, last, coded) : null
    if (known !== null) return known
    if (coded === 1 && !huffman.read(buf, first, last)) return this.#nothing(HpackFault.Huffman)
    const label = fieldName(coded === 1 ? huffman.text() : readLatin1(buf, first, last))
    if (cached) names.offer(buf, first, last, coded, label)
    return label
  }

  #value(
    buf: Buffer,
    start: number,
    end: number,
    label: FieldName,
    indexing: Indexing,
  ): Field | null {
    const length = this.#length(buf, start, end)
    if (length < 0) return null
    const coded = buf[start]! >> 7
    const first = this.#at
    const last = first + length
    this.#at = last
    // Secrets live in their own request and nowhere else.
    const cached = length > 0 && length <= LONGEST && indexing !== Indexing.Never
    const seed = (label.id << 2) | (indexing << 1) | coded
    const known = cached ? fields.find(buf, first, last, seed) : null
    // Ids come round after 2^30 names.
    if (known !== null && known.label === label) return known
    let field: Field
    if (coded === 0) {
      const marks = marksOf(buf, first, last)
      field = new Field(label, readLatin1(buf, first, last), indexing, marks)
    } else {
      if (!huffman.read(buf, first, last)) return this.#nothing(HpackFault.Huffman)
      field = new Field(label, huffman.text(), indexing, huffman.marks)
    }
    if (cached) fields.offer(buf, first, last, seed, field)
    return field
  }

  /** The length of a string that lies whole in the block; -1 and a fault if there is none. */
  #length(buf: Buffer, at: number, end: number): number {
    const length = this.#integer(buf, at, end, 0x7f)
    return length > end - this.#at ? this.#fail(HpackFault.Truncated) : length
  }

  /** The integer whose prefix are the bits of this mask (RFC 7541 §5.1); -1 and a fault if there is none. */
  #integer(buf: Buffer, start: number, end: number, prefix: number): number {
    if (start >= end) return this.#fail(HpackFault.Truncated)
    const small = buf[start]! & prefix
    if (small < prefix) {
      this.#at = start + 1
      return small
    }
    let value = prefix
    let factor = 1
    for (let at = start + 1; at < end; at++) {
      const byte = buf[at]!
      value += (byte & 0x7f) * factor
      if (value > LARGEST_INTEGER) return this.#fail(HpackFault.Integer)
      if (byte < 0x80) {
        this.#at = at + 1
        return value
      }
      // Five bytes hold what is allowed; zeros behind them would go on for ever.
      if (factor === 2 ** 28) return this.#fail(HpackFault.Integer)
      factor *= 128
    }
    return this.#fail(HpackFault.Truncated)
  }

  #fail(fault: HpackFault): -1 {
    this.#fault = fault
    return -1
  }

  #nothing(fault: HpackFault): null {
    this.#fault = fault
    return null
  }
}
