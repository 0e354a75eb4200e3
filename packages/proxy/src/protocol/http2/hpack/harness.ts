import type { FieldSink, HpackDecoder } from './decoder.ts'
import { HpackFault } from './fault.ts'
import type { Field } from './field.ts'
import { huffmanBytes, huffmanEncode } from './huffman-encode.ts'

/** The literals of RFC 7541 §6.2, as the bits of the pattern and those of the index. */
export const Literal = {
  Entering: [0x40, 0x3f],
  Plain: [0x00, 0x0f],
  Never: [0x10, 0x0f],
} as const
export type Literal = (typeof Literal)[keyof typeof Literal]

export type Pair = readonly [name: string, value: string]

/** Keeps the fields of a block. */
export class Kept implements FieldSink {
  readonly fields: Field[] = []
  /** How many it wants. */
  readonly #most: number

  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  onField(field: Field): boolean {
    this.fields.push(field)
    return this.fields.length < this.#most
  }

  get pairs(): Pair[] {
    return this.fields.map(({ name, value }) => [name, value])
  }
}

/** The fields of a block that must be faultless. */
export function fieldsOf(decoder: HpackDecoder, block: Buffer): Field[] {
  const kept = new Kept()
  const fault = decoder.decode(block, 0, block.length, kept)
  if (fault !== HpackFault.None) throw new Error(`fault ${fault}`)
  return kept.fields
}

/** The dynamic table, newest entry first, read by its indices. */
export function tableOf(decoder: HpackDecoder): Pair[] {
  const kept = new Kept()
  for (let index = 62; ; index++) {
    const block = indexed(index)
    if (decoder.decode(block, 0, block.length, kept) !== HpackFault.None) return kept.pairs
  }
}

/** An integer behind a pattern. */
export function integer(pattern: number, prefix: number, value: number): Buffer {
  if (value < prefix) return Buffer.of(pattern | value)
  const bytes = [pattern | prefix]
  let rest = value - prefix
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** A field from a table. */
export function indexed(index: number): Buffer {
  return integer(0x80, 0x7f, index)
}

/** A new size of the dynamic table. */
export function sizeUpdate(bytes: number): Buffer {
  return integer(0x20, 0x1f, bytes)
}

/** A literal with a name, or the index of one, and its texts plain or in Huffman code. */
export function literal(
  [pattern, prefix]: Literal,
  name: string | number,
  value: string,
  coded = false,
): Buffer {
  const text = coded ? codedString : plainString
  if (typeof name === 'number') {
    return Buffer.concat([integer(pattern, prefix, name), text(value)])
  }
  return Buffer.concat([Buffer.of(pattern), text(name), text(value)])
}

/** A string as octets. */
export function plainString(text: string): Buffer {
  return Buffer.concat([integer(0, 0x7f, text.length), Buffer.from(text, 'latin1')])
}

/** A string in Huffman code. */
export function codedString(text: string): Buffer {
  const bytes = Buffer.alloc(huffmanBytes(text))
  huffmanEncode(text, bytes, 0)
  return Buffer.concat([integer(0x80, 0x7f, bytes.length), bytes])
}
