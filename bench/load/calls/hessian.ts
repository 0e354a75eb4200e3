/*
 * Values as SOFARPC writes them, in the draft of Hessian 2:
 *
 *   object   O, length and class name, how many fields, their names, o, which class, values
 *   list     V, n, how many, values, z          map     M, keys and values, z
 *   text     length below 32, bytes             int     one or two bytes       long    a number of another head
 */

/** Objects of Java, plain objects as maps, and the rest as it is. */
export type Said =
  | JavaObject
  | Long
  | string
  | number
  | boolean
  | null
  | readonly Said[]
  | { readonly [key: string]: Said }

/** Writes a value; the classes of objects are defined where the first of each stands. */
export class DraftWriter {
  readonly #classes: string[] = []

  write(value: Said): Buffer {
    if (value === null) return Buffer.from('N')
    if (typeof value === 'boolean') return Buffer.from(value ? 'T' : 'F')
    if (typeof value === 'string') return text(value)
    if (typeof value === 'number') return Number.isInteger(value) ? int(value) : double(value)
    if (value instanceof Long) return number(value.value, 0xe0, -8, 15, 0xf8)
    if (value instanceof JavaObject) return this.#object(value)
    if (isList(value)) {
      const items = value.map((item) => this.write(item))
      return Buffer.concat([Buffer.from(`Vn`), Buffer.from([value.length]), ...items, END])
    }
    const pairs = Object.entries(value).flatMap(([key, it]) => [text(key), this.write(it)])
    return Buffer.concat([Buffer.from('M'), ...pairs, END])
  }

  #object({ className, fields }: JavaObject): Buffer {
    const parts: Buffer[] = []
    const names = Object.keys(fields)
    if (!this.#classes.includes(className)) {
      this.#classes.push(className)
      const name = [Buffer.from('O'), int(className.length), Buffer.from(className)]
      parts.push(...name, int(names.length), ...names.map(text))
    }
    const values = Object.values(fields).map((it) => this.write(it))
    const place = this.#classes.indexOf(className)
    return Buffer.concat([...parts, Buffer.from('o'), int(place), ...values])
  }
}

/** An object of a class of Java. */
export class JavaObject {
  readonly className: string
  readonly fields: Readonly<Record<string, Said>>

  constructor(className: string, fields: Readonly<Record<string, Said>>) {
    this.className = className
    this.fields = fields
  }
}

/** A whole number of 64 bits. */
export class Long {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

const END = Buffer.from('z')

function isList(value: Said): value is readonly Said[] {
  return Array.isArray(value)
}

function int(value: number): Buffer {
  return number(value, 0x90, -16, 47, 0xc8)
}

/** A number below 2048: one byte from `least` to `most`, else two. */
function number(value: number, zero: number, least: number, most: number, wide: number): Buffer {
  if (value >= least && value <= most) return Buffer.from([zero + value])
  if (value < -2048 || value > 2047) throw new Error(`${value} is too large to be written here`)
  return Buffer.from([wide + (value >> 8), value & 0xff])
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9, 'D')
  bytes.writeDoubleBE(value, 1)
  return bytes
}

/** ASCII. */
function text(value: string): Buffer {
  const { length } = value
  const head = length < 32 ? [length] : [0x53, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), Buffer.from(value)])
}
