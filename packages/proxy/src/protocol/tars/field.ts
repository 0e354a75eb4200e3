import { i32, isSame } from '../../framed.ts'
import { intAt, intBytes, Type } from './frame.ts'

/** Deeper than this nothing is skipped; hosts nest their own types a few steps deep. */
const MAX_DEPTH = 64

/**
 * Walks over the fields of a struct, as hosts do: they look for one tag after the other and skip lower ones, whatever
 * these are. What was found last lies here, so that nothing is allocated.
 */
export class Fields {
  /** The field's first byte; of one that was not found, where it would have to stand. */
  at = 0
  tag = 0
  type = 0
  /** Where its value begins. */
  value = 0
  /** The bytes cannot be walked any further: a length passes their end, or a type does not exist. */
  broken = false
  /** The text looked at last: key and value of a pair have their own. */
  textStart = 0
  textEnd = 0
  keyStart = 0
  keyEnd = 0
  #buf: Buffer = Buffer.alloc(0)
  #end = 0

  /** Looks for a tag from the field at `at` on. */
  seek(buf: Buffer, at: number, end: number, tag: number): boolean {
    this.#buf = buf
    this.#end = end
    this.broken = false
    while (this.#open(at)) {
      if (this.type === Type.StructEnd) return false
      if (this.tag >= tag) return this.tag === tag
      at = this.#skip(this.type, this.value, 0)
      if (at === -1) {
        this.broken = true
        return false
      }
    }
    this.broken = at !== end
    return false
  }

  /** Where the field found last ends; -1 when it does not. */
  behind(): number {
    return this.#skip(this.type, this.value, 0)
  }

  /** Whether the field found last is a text; then it lies between `textStart` and `textEnd`. */
  isAnyText(): boolean {
    return this.#text(this.type, this.value) !== -1
  }

  isText(bytes: Buffer): boolean {
    return this.isAnyText() && isSame(this.#buf, this.textStart, this.textEnd, bytes)
  }

  /** The bytes of a field that is a list of them; then they lie between `textStart` and `textEnd`. */
  isBytes(): boolean {
    return this.type === Type.SimpleList && this.#bytes(this.value) !== -1
  }

  /** How many pairs the map found last has, and where the first stands in `value`; -1 when it is no map. */
  pairs(): number {
    return this.type === Type.Map ? this.#count(this.value) : -1
  }

  /**
   * The pair that begins at `at`: where it ends, -1 when it is broken. Key and value lie between their bounds; one that
   * is no text ends before it begins.
   */
  pair(buf: Buffer, at: number, end: number): number {
    const usual = this.#shortPair(buf, at, end)
    if (usual !== -1) return usual
    this.keyEnd = -1
    this.textEnd = -1
    if (!this.seek(buf, at, end, 0)) return -1
    if (this.isAnyText()) {
      this.keyStart = this.textStart
      this.keyEnd = this.textEnd
    }
    const key = this.behind()
    if (key === -1 || !this.seek(buf, key, end, 1)) return -1
    const isText = this.type === Type.String1 || this.type === Type.String4
    const value = this.behind()
    if (!isText) this.textEnd = -1
    return value
  }

  /** The same where both are texts of less than 256 bytes; -1 where they are not. */
  #shortPair(buf: Buffer, at: number, end: number): number {
    if (at + 1 >= end || buf[at] !== Type.String1) return -1
    const keyEnd = at + 2 + buf[at + 1]!
    if (keyEnd + 1 >= end || buf[keyEnd] !== ((1 << 4) | Type.String1)) return -1
    const textEnd = keyEnd + 2 + buf[keyEnd + 1]!
    if (textEnd > end) return -1
    this.#buf = buf
    this.keyStart = at + 2
    this.keyEnd = keyEnd
    this.textStart = keyEnd + 2
    this.textEnd = textEnd
    return textEnd
  }

  isKey(bytes: Buffer): boolean {
    return isSame(this.#buf, this.keyStart, this.keyEnd, bytes)
  }

  #open(at: number): boolean {
    this.at = at
    if (at >= this.#end) return false
    const first = this.#buf[at]!
    this.type = first & 15
    this.tag = first >> 4
    this.value = at + 1
    if (this.tag !== 15) return true
    if (this.value >= this.#end) return false
    this.tag = this.#buf[this.value++]!
    return true
  }

  /** Where a value of this type ends; -1 when that is behind the end. */
  #skip(type: number, at: number, depth: number): number {
    let next: number
    switch (type) {
      case Type.Zero:
      case Type.StructEnd:
        return at
      case Type.Int8:
        next = at + 1
        break
      case Type.Int16:
        next = at + 2
        break
      case Type.Int32:
      case Type.Float:
        next = at + 4
        break
      case Type.Int64:
      case Type.Double:
        next = at + 8
        break
      case Type.String1:
      case Type.String4:
        return this.#text(type, at)
      case Type.SimpleList:
        return this.#bytes(at)
      case Type.Map:
        return this.#elements(at, 2, depth)
      case Type.List:
        return this.#elements(at, 1, depth)
      case Type.StructBegin:
        return this.#struct(at, depth)
      default:
        return -1
    }
    return next > this.#end ? -1 : next
  }

  #text(type: number, at: number): number {
    if (type === Type.String1 && at < this.#end) {
      this.textStart = at + 1
      this.textEnd = this.textStart + this.#buf[at]!
    } else if (type === Type.String4 && at + 4 <= this.#end) {
      this.textStart = at + 4
      this.textEnd = this.textStart + (i32(this.#buf, at) >>> 0)
    } else return -1
    return this.textEnd > this.#end ? -1 : this.textEnd
  }

  #bytes(at: number): number {
    if (at >= this.#end || (this.#buf[at]! & 15) !== Type.Int8) return -1
    const length = this.#count(at + 1)
    if (length === -1) return -1
    this.textStart = this.value
    this.textEnd = this.value + length
    return this.textEnd > this.#end ? -1 : this.textEnd
  }

  /** A number of tag 0 that is not negative, or -1; what follows it begins at `value`. */
  #count(at: number): number {
    if (at >= this.#end) return -1
    const first = this.#buf[at]!
    const bytes = intBytes(first & 15)
    if (first >> 4 !== 0 || bytes === -1 || at + 1 + bytes > this.#end) return -1
    this.value = at + 1 + bytes
    return Math.max(intAt(this.#buf, first & 15, at + 1), -1)
  }

  /** The elements behind their number. Each has a byte at least, so a number that lies ends with the bytes. */
  #elements(at: number, each: number, depth: number): number {
    if (depth === MAX_DEPTH) return -1
    const count = this.#count(at)
    if (count === -1) return -1
    let next = this.value
    for (let left = count * each; left > 0; left--) {
      if (!this.#open(next)) return -1
      next = this.#skip(this.type, this.value, depth + 1)
      if (next === -1) return -1
    }
    return next
  }

  #struct(at: number, depth: number): number {
    if (depth === MAX_DEPTH) return -1
    while (this.#open(at)) {
      if (this.type === Type.StructEnd) return this.value
      at = this.#skip(this.type, this.value, depth + 1)
      if (at === -1) return -1
    }
    return -1
  }
}

/** The walk of everybody: it is over before anybody else walks. */
export const fields: Fields = new Fields()
