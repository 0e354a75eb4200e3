import { FrameKind } from '../../frame.ts'
import { i32, u16 } from '../../framed.ts'
import { BYTE_ARRAY, STREAM_MAGIC } from './heartbeat.ts'

/** The protocol's inner version whose stream is read; in the other one, services are known by signs alone. */
const PLAIN = 1
/** `STREAM_MAGIC` as a number. */
const MAGIC = 0xaced0005 | 0
const NULL = 0x70
const REFERENCE = 0x71
const ARRAY = 0x75
const BLOCK = 0x77
const LONG_BLOCK = 0x7a
/** An array whose class was described before: its tag, and the class's handle. */
const REFERRED_BYTES = 6

/**
 * The Java object stream of a Motan1 request: primitive values in blocks of data, and each argument, already serialised,
 * as an array of bytes.
 *
 * ```
 *  ac ed 00 05   block: interface, method, parameters' classes     arguments           block: count i32, attachments
 *                       each a length u16 and text in Java's way    bytes[] or null
 * ```
 *
 * Without arguments there is one block. Java begins another block after 1024 bytes: such neighbours are read as one.
 */
export class ObjectStream {
  /** The block with the attachments, `[groupAt, groupEnd)` of these bytes. */
  group: Buffer = STREAM_MAGIC
  groupEnd = 0
  /** Where attachments begin, with their count; -1 where nobody can say. */
  pairsAt = -1
  /** The block with the names: places in `head`; each ends where the next begins. -1 where it cannot be read. */
  head: Buffer = STREAM_MAGIC
  serviceAt = -1
  methodAt = 0
  classesAt = 0
  namesEnd = 0
  /** Where the block with the attachments begins in the frame's own bytes. */
  groupFrom = 0
  /** The arguments in the frame's own bytes. */
  argumentsAt = 0
  argumentsEnd = 0
  /** Where `#gather` stopped. */
  #end = 0
  #groupAt = 0

  read(buf: Buffer, at: number, end: number, version: number, kind: FrameKind): void {
    this.pairsAt = -1
    this.serviceAt = -1
    if (kind !== FrameKind.Request || version !== PLAIN || at + 4 > end) return
    if (i32(buf, at) !== MAGIC) return
    this.groupFrom = at + 4
    if (!this.#gather(buf, at + 4, end) || !this.#names()) return
    this.argumentsAt = this.#end
    this.argumentsEnd = this.#end
    if (this.namesEnd < this.groupEnd) {
      this.#attachments(this.namesEnd, end)
      return
    }
    at = skipArguments(buf, this.#end, end)
    if (at === -1) return
    this.argumentsEnd = at
    this.groupFrom = at
    if (this.#gather(buf, at, end)) this.#attachments(this.#groupAt, end)
  }

  /** Behind the text whose length stands at `at`; -1 when that is behind `end`. */
  textEnd(at: number, end: number): number {
    return textEnd(this.group, at, end)
  }

  #names(): boolean {
    const { group, groupEnd } = this
    const method = textEnd(group, this.#groupAt, groupEnd)
    const classes = method === -1 ? -1 : textEnd(group, method, groupEnd)
    const names = classes === -1 ? -1 : textEnd(group, classes, groupEnd)
    if (names === -1) return false
    this.head = group
    this.serviceAt = this.#groupAt
    this.methodAt = method
    this.classesAt = classes
    this.namesEnd = names
    return true
  }

  #attachments(at: number, end: number): void {
    if (this.#end === end && at + 4 <= this.groupEnd) this.pairsAt = at
  }

  /** Makes one of the blocks that stand at `at`. */
  #gather(buf: Buffer, at: number, end: number): boolean {
    let from = dataAt(buf, at, end)
    if (from === -1) return false
    this.group = buf
    this.#groupAt = from
    this.groupEnd = from + lengthAt(buf, at)
    this.#end = this.groupEnd
    let pieces: Buffer[] | null = null
    while (isBlock(buf, this.#end, end)) {
      pieces ??= [buf.subarray(this.#groupAt, this.groupEnd)]
      from = dataAt(buf, this.#end, end)
      if (from === -1) return false
      this.#end = from + lengthAt(buf, this.#end)
      pieces.push(buf.subarray(from, this.#end))
    }
    if (pieces === null) return true
    this.group = Buffer.concat(pieces)
    this.#groupAt = 0
    this.groupEnd = this.group.length
    return true
  }
}

function isBlock(buf: Buffer, at: number, end: number): boolean {
  return at < end && (buf[at] === BLOCK || buf[at] === LONG_BLOCK)
}

/** Where the data of the block at `at` begins; -1 when it is none, or not whole. */
function dataAt(buf: Buffer, at: number, end: number): number {
  if (!isBlock(buf, at, end)) return -1
  const from = at + (buf[at] === BLOCK ? 2 : 5)
  if (from > end) return -1
  const length = lengthAt(buf, at)
  return length < 0 || length > end - from ? -1 : from
}

function lengthAt(buf: Buffer, at: number): number {
  return buf[at] === BLOCK ? buf[at + 1]! : i32(buf, at + 1)
}

function textEnd(buf: Buffer, at: number, end: number): number {
  if (at + 2 > end) return -1
  const to = at + 2 + u16(buf, at)
  return to > end ? -1 : to
}

/** Steps over the arguments; the place of the block behind them, -1 when something else comes. */
function skipArguments(buf: Buffer, at: number, end: number): number {
  while (at < end) {
    if (isBlock(buf, at, end)) return at
    if (buf[at] === NULL) {
      at++
      continue
    }
    const bytes = argumentAt(buf, at, end)
    if (bytes === -1) return -1
    at = bytes + i32(buf, bytes - 4)
  }
  return -1
}

/** Where the bytes of the array at `at` begin, behind their length; -1 when it is none, or not whole. */
export function argumentAt(buf: Buffer, at: number, end: number): number {
  if (buf[at] !== ARRAY) return -1
  const from = at + (buf[at + 1] === REFERENCE ? REFERRED_BYTES : BYTE_ARRAY.length) + 4
  if (from > end) return -1
  const described =
    buf[at + 1] === REFERENCE || BYTE_ARRAY.compare(buf, at, at + BYTE_ARRAY.length) === 0
  const length = i32(buf, from - 4)
  return !described || length < 0 || length > end - from ? -1 : from
}

/** A block of data, with its tag and length. */
export function block(data: Buffer): Buffer {
  const { length } = data
  if (length <= 0xff) return Buffer.concat([Buffer.from([BLOCK, length]), data])
  const head = Buffer.from([LONG_BLOCK, 0, 0, 0, 0])
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, data])
}
