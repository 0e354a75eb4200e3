import { shortest } from '../../transcode/number.ts'
import { Untranslatable } from '../../transcoder.ts'
import { SimpleTag as Tag } from './simple.ts'

/** Deeper than this nothing honest is nested. */
const MAX_DEPTH = 64

/** The values of a body, as they come. Throws `Untranslatable`. */
export function readSimple(body: Buffer, field: string): unknown[] {
  const reader = new SimpleReader(body, field)
  const values: unknown[] = []
  while (!reader.done) values.push(reader.value(body.length, 0))
  return values
}

class SimpleReader {
  readonly #buf: Buffer
  readonly #field: string
  #at = 0

  constructor(buf: Buffer, field: string) {
    this.#buf = buf
    this.#field = field
  }

  get done(): boolean {
    return this.#at >= this.#buf.length
  }

  value(end: number, depth: number): unknown {
    if (depth > MAX_DEPTH) this.#broken(`nested deeper than ${MAX_DEPTH}`)
    const tag = this.#buf[this.#take(1, end)]!
    switch (tag) {
      case Tag.Null:
        return null
      case Tag.Text:
        return this.#text(end)
      case Tag.Bytes:
        return Buffer.from(this.#window(end))
      case Tag.Bool:
        return this.#buf[this.#take(1, end)] === 1
      case Tag.Byte:
        return this.#buf.readInt8(this.#take(1, end))
      case Tag.Short:
        return this.#buf.readInt16BE(this.#take(2, end))
      case Tag.Int:
        return Number(BigInt.asIntN(32, this.#zigzag(end)))
      case Tag.Long:
        return shortest(BigInt.asIntN(64, this.#zigzag(end)))
      case Tag.Float:
        return this.#buf.readFloatBE(this.#take(4, end))
      case Tag.Double:
        return this.#buf.readDoubleBE(this.#take(8, end))
      case Tag.Texts:
        return this.#all(end, (to) => this.#text(to))
      case Tag.Array:
        return this.#all(end, (to) => this.value(to, depth + 1))
      case Tag.TextMap:
        return new Map(this.#all(end, (to) => [this.#text(to), this.#text(to)]))
      case Tag.Map:
        return new Map(
          this.#all(end, (to) => [this.value(to, depth + 1), this.value(to, depth + 1)]),
        )
      default:
        return this.#broken(`the simple serialisation of Motan has no type ${tag}`)
    }
  }

  #all<T>(end: number, one: (end: number) => T): T[] {
    const length = this.#length(end)
    const to = this.#at + length
    const all: T[] = []
    while (this.#at < to) all.push(one(to))
    return all
  }

  #text(end: number): string {
    return this.#window(end).toString('utf8')
  }

  #window(end: number): Buffer {
    const length = this.#length(end)
    const at = this.#take(length, end)
    return this.#buf.subarray(at, at + length)
  }

  #length(end: number): number {
    const length = this.#buf.readUInt32BE(this.#take(4, end))
    if (length > end - this.#at) this.#broken('a length in it passes its end')
    return length
  }

  #zigzag(end: number): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#buf[this.#take(1, end)]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n)
    }
    return this.#broken('a number in it has no end')
  }

  #take(bytes: number, end: number): number {
    const at = this.#at
    if (bytes > end - at) this.#broken('it ends too early')
    this.#at = at + bytes
    return at
  }

  #broken(why: string): never {
    throw new Untranslatable(this.#field, why)
  }
}
