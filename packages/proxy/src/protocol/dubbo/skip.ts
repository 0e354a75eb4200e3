import { i32, put32, u16 } from '../../framed.ts'
import { isStringTag, skipString } from './text.ts'

/**
 * A walk over Hessian 2.0 values that builds nothing: it only finds where each one ends. Hessian tells no lengths of
 * objects, lists and maps, so whoever wants the attachments has to walk over all arguments before them.
 *
 * ```
 *  91                         int 1                        bytes known by the tag: a table
 *  05 hello                   string of 5                  lengths: read, not entered
 *  48  04 name 03 bob  5a     map, to its `5a`             containers: what they still want lies on a stack
 *  43 … 92 …  60 91 92        class of 2 fields, object    classes: how many fields each has, by order of appearance
 * ```
 *
 * Bytes that are no values, promise more than there is or nest too deep end the walk with -1. Every step takes at
 * least a byte, so a walk is as long as the body at most.
 */

/** What a map still wants, beside the counts of those who know theirs. */
const UNTIL_END = -1
const KEY = -2
const VALUE = -3

/** The stack is our own, so that depth costs nothing; Java's, which recurses, ends at some thousands. */
const MAX_DEPTH = 1024
/** More classes than any program puts into one call. */
const MAX_CLASSES = 4096

const END = 0x5a
const CLASS = 0x43

/** Bytes of values whose tag tells it, tag included; 0 for all others. */
const FIXED = new Uint8Array(256)
for (const [first, last, bytes] of [
  [0x38, 0x3f, 3], // long
  [0x44, 0x44, 9], // double
  [0x46, 0x46, 1], // false
  [0x49, 0x49, 5], // int
  [0x4a, 0x4a, 9], // date, milliseconds
  [0x4b, 0x4b, 5], // date, minutes
  [0x4c, 0x4c, 9], // long
  [0x4e, 0x4e, 1], // null
  [0x54, 0x54, 1], // true
  [0x59, 0x59, 5], // long
  [0x5b, 0x5c, 1], // double 0, 1
  [0x5d, 0x5d, 2], // double of a byte
  [0x5e, 0x5e, 3], // of two
  [0x5f, 0x5f, 5], // of thousandths
  [0x80, 0xbf, 1], // int
  [0xc0, 0xcf, 2],
  [0xd0, 0xd7, 3],
  [0xd8, 0xef, 1], // long
  [0xf0, 0xff, 2],
] as const)
  FIXED.fill(bytes, first, last + 1)

const wants = new Int32Array(MAX_DEPTH)
let depth = 0

/** How many fields the classes have that this body defined so far. */
const fields = new Int32Array(MAX_CLASSES)
let classes = 0

/** The number that was read last. */
let count = 0

/** Forgets the classes of the body before. */
export function beginBody(): void {
  classes = 0
}

/** Where the values that begin at `at` end; -1 when they do not do so before `end`. */
export function skipValues(buf: Buffer, at: number, end: number, values: number): number {
  depth = 0
  wants[0] = values
  while (true) {
    const want = wants[depth]!
    if (want === 0) {
      if (depth === 0) return at
      depth--
      continue
    }
    if (at >= end) return -1
    const tag = buf[at]!
    if (tag === CLASS) {
      at = defineClass(buf, at + 1, end)
      if (at === -1 || at >= end || !mayFollowClass(buf[at]!)) return -1
      continue
    }
    if (want > 0) wants[depth] = want - 1
    else if (tag === END) {
      if (want === VALUE) return -1
      depth--
      at++
      continue
    } else if (want !== UNTIL_END) wants[depth] = want === KEY ? VALUE : KEY
    const bytes = FIXED[tag]!
    if (bytes > 0) at += bytes
    else if (isStringTag(tag)) at = skipString(buf, at, end)
    else at = enter(buf, at, end, tag)
    if (at === -1 || at > end) return -1
  }
}

/** Skips binary data, or takes in what a container wants. Returns where its content begins. */
function enter(buf: Buffer, at: number, end: number, tag: number): number {
  if (tag < 0x38 || tag === 0x41 || tag === 0x42) return skipBinary(buf, at, end)
  if (tag >= 0x60 && tag <= 0x6f) return enterObject(at + 1, tag - 0x60)
  if (tag >= 0x70 && tag <= 0x77) return push(skipType(buf, at + 1, end), tag - 0x70)
  if (tag >= 0x78 && tag <= 0x7f) return push(at + 1, tag - 0x78)
  switch (tag) {
    case 0x48: // H: map
      return push(at + 1, KEY)
    case 0x4d: // M: map of a type
      return push(skipType(buf, at + 1, end), KEY)
    case 0x4f: // O: object
      at = countAt(buf, at + 1, end)
      return at === -1 ? -1 : enterObject(at, count)
    case 0x51: // Q: reference
      return countAt(buf, at + 1, end)
    case 0x55: // U: list of a type, to its end
      return push(skipType(buf, at + 1, end), UNTIL_END)
    case 0x56: // V: list of a type and a length
      at = skipType(buf, at + 1, end)
      if (at !== -1) at = countAt(buf, at, end)
      return push(at, count)
    case 0x57: // W: list, to its end
      return push(at + 1, UNTIL_END)
    case 0x58: // X: list of a length
      return push(countAt(buf, at + 1, end), count)
    default: // 40, 45, 47, 50, and an end without a beginning
      return -1
  }
}

/** Nobody can hold more values than there may be bytes: a count that lies fails when the bytes end. */
function push(at: number, want: number): number {
  if (at === -1 || depth + 1 === MAX_DEPTH) return -1
  wants[++depth] = want
  return at
}

function enterObject(at: number, index: number): number {
  return index < classes ? push(at, fields[index]!) : -1
}

/**
 * Java also reads a text behind a class, which nobody writes. Whoever did could mean to hide it: a reader that takes the
 * class for the beginning of an object would not see the text.
 */
function mayFollowClass(tag: number): boolean {
  return tag === CLASS || tag === 0x4f || (tag >= 0x60 && tag <= 0x6f)
}

/** A class stands before the first object of it: its name, and the names of its fields. */
function defineClass(buf: Buffer, at: number, end: number): number {
  at = skipString(buf, at, end)
  if (at === -1 || classes === MAX_CLASSES) return -1
  at = countAt(buf, at, end)
  if (at === -1) return -1
  fields[classes++] = count
  for (let left = count; left > 0; left--) {
    at = skipString(buf, at, end)
    if (at === -1) return -1
  }
  return at
}

/** A type is a name, or the number of one that stood earlier. */
function skipType(buf: Buffer, at: number, end: number): number {
  if (at < end && isStringTag(buf[at]!)) return skipString(buf, at, end)
  return countAt(buf, at, end)
}

/** Leaves an int that is not negative in `count`. */
function countAt(buf: Buffer, at: number, end: number): number {
  const after = skipInt(buf, at, end)
  return after !== -1 && count < 0 ? -1 : after
}

/** The int that `skipInt` stepped over. */
export function lastInt(): number {
  return count
}

/** Where the int at `at` ends; -1 when there is none. */
export function skipInt(buf: Buffer, at: number, end: number): number {
  if (at >= end) return -1
  const tag = buf[at]!
  if (tag >= 0x80 && tag <= 0xbf) {
    count = tag - 0x90
    return at + 1
  }
  if (tag >= 0xc0 && tag <= 0xcf && at + 1 < end) {
    count = ((tag - 0xc8) << 8) + buf[at + 1]!
    return at + 2
  }
  if (tag >= 0xd0 && tag <= 0xd7 && at + 2 < end) {
    count = ((tag - 0xd4) << 16) + u16(buf, at + 1)
    return at + 3
  }
  if (tag === 0x49 && at + 4 < end) {
    count = i32(buf, at + 1)
    return at + 5
  }
  return -1
}

/** Writes a smaller number that is not negative over an int that `skipInt` has read, in as many bytes. */
export function putInt(buf: Buffer, at: number, value: number): void {
  const tag = buf[at]!
  if (tag === 0x49) put32(buf, at + 1, value)
  else if (tag <= 0xbf) buf[at] = 0x90 + value
  else if (tag <= 0xcf) {
    buf[at] = 0xc8 + (value >> 8)
    buf[at + 1] = value
  } else {
    buf[at] = 0xd4 + (value >> 16)
    buf[at + 1] = value >> 8
    buf[at + 2] = value
  }
}

/** Chunks, each with its length, up to the one that says it is the last. */
function skipBinary(buf: Buffer, at: number, end: number): number {
  while (at < end) {
    const tag = buf[at]!
    if (tag >= 0x20 && tag <= 0x2f) return at + 1 + tag - 0x20
    if (tag >= 0x34 && tag <= 0x37)
      return at + 1 < end ? at + 2 + ((tag - 0x34) << 8) + buf[at + 1]! : -1
    if ((tag !== 0x41 && tag !== 0x42) || at + 3 > end) return -1
    at += 3 + u16(buf, at + 1)
    if (tag === 0x42) return at
  }
  return -1
}
