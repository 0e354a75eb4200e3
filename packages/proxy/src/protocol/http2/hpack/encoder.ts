import { DynamicTable } from './dynamic-table.ts'
import { type Field, Indexing } from './field.ts'
import { type FieldName, fieldName } from './field-name.ts'
import { FieldNumbers } from './field-numbers.ts'
import { writeLatin1 } from './latin1.ts'
import { SeenTexts } from './seen-texts.ts'
import { FIRST_DYNAMIC } from './static-table.ts'

/** We use no larger table, whatever a peer offers: memory per connection. It is also where every connection begins. */
const MOST_TABLE_BYTES = 4096
/** Names with a live entry are far fewer; beyond this those without one are swept out. */
const MOST_NAMES = 256
/** No integer that we write has more bytes. */
const INTEGER_BYTES = 6

/** A pair in our table, which is the peer's: `older` is the number of an older entry with its name, or of none. */
class Entry {
  readonly value: string
  readonly size: number
  readonly older: number

  constructor(value: string, size: number, older: number) {
    this.value = value
    this.size = size
    this.older = older
  }
}

/**
 * Writes header blocks (RFC 7541). What repeats is indexed, and what does not is not: a value enters the table when it
 * is sent for the second time, a name that the static table has not likewise, with whatever value it has then. Request
 * ids and paths that are new each time so leave the table to those that return.
 *
 * ```
 *  field ─▶ never to be indexed? ─▶ static pair? ─▶ this very object sent before? ─▶ name and value in the table?
 *               literal               one byte           its index                       their index
 *                                                                                        │ no
 *                                          literal, indexed ◀─ yes ─ value seen before? ◀┘─ no ─▶ literal, not indexed
 * ```
 *
 * Strings are plain octets: Huffman coding costs many times the copy (bench/micro/hpack.ts). The caller sees to it that
 * the buffer has room.
 */
export class HpackEncoder {
  readonly #table: DynamicTable<Entry> = new DynamicTable(MOST_TABLE_BYTES)
  /** The number of the newest entry of a name, live or not. */
  readonly #newest = new Map<string, number>()
  readonly #numbers = new FieldNumbers()
  readonly #values = new SeenTexts()
  readonly #names = new SeenTexts()
  /** The least size since the last block, -1 if there is no update to send. */
  #leastBytes = -1
  /** The number of the entry that `#pair` wrote last, -1 if it wrote none. */
  #found = -1

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. What we use is told at the beginning of the next block. */
  setTableLimit(bytes: number): void {
    const size = Math.min(bytes, MOST_TABLE_BYTES)
    if (size === this.#table.maxBytes) return
    this.#table.resize(size)
    this.#leastBytes = this.#leastBytes < 0 ? size : Math.min(this.#leastBytes, size)
  }

  /** Begins a block with the size updates that are due, in 12 bytes at most; returns where they end. */
  begin(buf: Buffer, at: number): number {
    const least = this.#leastBytes
    if (least < 0) return at
    this.#leastBytes = -1
    const now = this.#table.maxBytes
    const next = least < now ? writeInteger(buf, at, 0x20, 0x1f, least) : at
    return writeInteger(buf, next, 0x20, 0x1f, now)
  }

  /** How many bytes `encode` may need for a field. */
  most(field: Field): number {
    return field.size + 3 * INTEGER_BYTES - 32
  }

  /** Writes a field; returns where it ends. */
  encode(field: Field, buf: Buffer, at: number): number {
    if (field.index === Indexing.Never) return this.#secret(field.label, field.value, buf, at)
    if (field.staticIndex !== 0) {
      buf[at] = 0x80 | field.staticIndex
      return at + 1
    }
    const number = this.#numbers.get(field)
    if (number >= this.#table.oldest) return this.#index(number, buf, at)
    const next = this.#pair(field.label, field.value, buf, at)
    if (this.#found >= 0) this.#numbers.set(field, this.#found, this.#table.oldest)
    return next
  }

  /** Writes a name in small letters and a value of characters that stand for bytes; returns where they end. */
  encodePair(name: string, value: string, sensitive: boolean, buf: Buffer, at: number): number {
    const label = fieldName(name)
    if (sensitive) return this.#secret(label, value, buf, at)
    const pair = label.pair(value)
    if (pair === 0) return this.#pair(label, value, buf, at)
    buf[at] = 0x80 | pair
    return at + 1
  }

  #pair(label: FieldName, value: string, buf: Buffer, at: number): number {
    const table = this.#table
    const newest = this.#newest.get(label.text) ?? -1
    for (let number = newest; number >= table.oldest; ) {
      const entry = table.get(number)
      if (entry.value === value) {
        this.#found = number
        return this.#index(number, buf, at)
      }
      number = entry.older
    }
    const named = this.#nameIndex(label, newest)
    const size = label.text.length + value.length + 32
    // Half the table for one field would drive out too many others.
    if (size > table.maxBytes >> 1 || !this.#returns(label, value, named === 0)) {
      this.#found = -1
      return literal(label, value, 0x00, 0x0f, named, buf, at)
    }
    const next = literal(label, value, 0x40, 0x3f, named, buf, at)
    table.add(new Entry(value, size, newest))
    this.#found = table.next - 1
    this.#newest.set(label.text, this.#found)
    if (this.#newest.size > MOST_NAMES) this.#sweep()
    return next
  }

  #secret(label: FieldName, value: string, buf: Buffer, at: number): number {
    const named = this.#nameIndex(label, this.#newest.get(label.text) ?? -1)
    return literal(label, value, 0x10, 0x0f, named, buf, at)
  }

  #index(number: number, buf: Buffer, at: number): number {
    const index = FIRST_DYNAMIC + this.#table.next - 1 - number
    if (index >= 0x7f) return writeInteger(buf, at, 0x80, 0x7f, index)
    buf[at] = 0x80 | index
    return at + 1
  }

  /** The index of an entry with this name, given its newest: 0 if there is none. */
  #nameIndex(label: FieldName, newest: number): number {
    if (label.staticIndex !== 0) return label.staticIndex
    return newest >= this.#table.oldest ? FIRST_DYNAMIC + this.#table.next - 1 - newest : 0
  }

  /** Whether the value, or a name that is in no table, was here before. */
  #returns(label: FieldName, value: string, nameless: boolean): boolean {
    if (this.#values.again(value, label.id)) return true
    return nameless && this.#names.again(label.text, label.id)
  }

  #sweep(): void {
    for (const [name, newest] of this.#newest) {
      if (newest < this.#table.oldest) this.#newest.delete(name)
    }
  }
}

function literal(
  label: FieldName,
  value: string,
  pattern: number,
  prefix: number,
  named: number,
  buf: Buffer,
  at: number,
): number {
  const next = writeInteger(buf, at, pattern, prefix, named)
  return writeText(value, buf, named === 0 ? writeText(label.text, buf, next) : next)
}

function writeText(text: string, buf: Buffer, at: number): number {
  return writeLatin1(text, buf, writeInteger(buf, at, 0, 0x7f, text.length))
}

/** An integer behind the bits of a pattern, in the bits of `prefix` and as many bytes as it takes (RFC 7541 §5.1). */
function writeInteger(
  buf: Buffer,
  at: number,
  pattern: number,
  prefix: number,
  value: number,
): number {
  if (value < prefix) {
    buf[at] = pattern | value
    return at + 1
  }
  buf[at++] = pattern | prefix
  let rest = value - prefix
  while (rest >= 0x80) {
    buf[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buf[at] = rest
  return at + 1
}
