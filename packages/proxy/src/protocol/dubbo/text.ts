import { isAscii } from 'node:buffer'
import { put32, u16 } from '../../framed.ts'

/**
 * Hessian strings as others write them: `hessianText` draws what is usual. Their lengths count UTF-16 units, not bytes;
 * beyond the basic plane Java writes each of the two units as three bytes, others write one sequence of four bytes that
 * counts as two.
 */
const SHORT_MAX = 0x1f
const CHUNK = 0x52
const LAST = 0x53

/** From here on the native scan for bytes above 7f is worth its call. */
const SCAN_BYTES = 192

/** Whether a value that begins with this byte is a string. */
export function isStringTag(tag: number): boolean {
  return tag <= SHORT_MAX || tag === LAST || tag === CHUNK || (tag >= 0x30 && tag <= 0x33)
}

/** Where the string at `at` ends; -1 when none begins there or it does not end before `end`. */
export function skipString(buf: Buffer, at: number, end: number): number {
  while (at < end) {
    const tag = buf[at]!
    if (!isStringTag(tag)) return -1
    const start = at + headBytes(tag)
    if (start > end) return -1
    at = skipUnits(buf, start, end, unitsAt(buf, at))
    if (tag !== CHUNK || at === -1) return at
  }
  return -1
}

/**
 * Whether the string in [at, end) is one piece of ASCII, so that its bytes from `plainStart` on are its text. Any
 * other way to write a string takes more bytes for the same units.
 */
export function isPlain(buf: Buffer, at: number, end: number): boolean {
  const tag = buf[at]!
  return tag !== CHUNK && end - at === headBytes(tag) + unitsAt(buf, at)
}

/** Where the bytes of a string begin, behind its tag and length. */
export function plainStart(buf: Buffer, at: number): number {
  return at + headBytes(buf[at]!)
}

/** The text of a string that `skipString` has found whole. */
export function textAt(buf: Buffer, at: number, end: number): string {
  if (buf[at] !== CHUNK) {
    const start = plainStart(buf, at)
    if (end - start === unitsAt(buf, at)) return buf.toString('latin1', start, end)
    const text = buf.toString('utf8', start, end)
    if (text.length === unitsAt(buf, at) && !text.includes('\ufffd')) return text
  }
  const units = Buffer.allocUnsafe(2 * (end - at))
  let length = 0
  for (let left = beginUnits(buf, at, end); left; left = nextUnit())
    length = units.writeUInt16LE(unit, length)
  return units.toString('utf16le', 0, length)
}

/** Whether that string says this. Compared as it is read: nothing is built of what strangers write. */
export function isText(buf: Buffer, at: number, end: number, text: string): boolean {
  let i = 0
  for (let left = beginUnits(buf, at, end); left; left = nextUnit())
    if (text.charCodeAt(i++) !== unit) return false
  return i === text.length
}

/** The same in JSONB, behind its length, as fastjson2 bodies have it. */
export function jsonbString(text: string): Buffer {
  const bytes = Buffer.from(text)
  const ascii = bytes.length === text.length
  const short = ascii && bytes.length <= 47
  const head = Buffer.alloc(short ? 5 : 10)
  if (short) head[4] = 0x49 + bytes.length
  else {
    head[4] = ascii ? 0x79 : 0x7a
    head[5] = 0x48
    put32(head, 6, bytes.length)
  }
  put32(head, 0, head.length - 4 + bytes.length)
  return Buffer.concat([head, bytes])
}

function headBytes(tag: number): number {
  if (tag <= SHORT_MAX) return 1
  return tag <= 0x33 ? 2 : 3
}

function unitsAt(buf: Buffer, at: number): number {
  const tag = buf[at]!
  if (tag <= SHORT_MAX) return tag
  return tag <= 0x33 ? ((tag - 0x30) << 8) | buf[at + 1]! : u16(buf, at + 1)
}

function skipUnits(buf: Buffer, at: number, end: number, units: number): number {
  if (units > end - at) return -1
  const stop = at + units
  if (units >= SCAN_BYTES && isAscii(buf.subarray(at, stop))) return stop
  while (at < stop && buf[at]! < 0x80) at++
  units = stop - at
  while (units > 0) {
    if (at >= end) return -1
    const lead = buf[at]!
    if (lead < 0x80) at++
    else if (lead < 0xc0) return -1
    else if (lead < 0xe0) at += 2
    else if (lead < 0xf0) at += 3
    else if (lead < 0xf8 && units > 1) {
      at += 4
      units--
    } else return -1
    units--
  }
  return at > end ? -1 : at
}

/**
 * A string unit by unit, as Java reads it, which asks little of UTF-8: what is longer than it need be is a character
 * all the same. Where the reading stands lies here, so that none of it is allocated.
 */
let source: Buffer = Buffer.alloc(0)
let place = 0
let limit = 0
/** Units that the chunk still has. */
let chunkUnits = 0
let unit = 0
/** The second half of a character of four bytes; 0 when there is none. */
let lowHalf = 0

function beginUnits(buf: Buffer, at: number, end: number): boolean {
  source = buf
  place = at
  limit = end
  chunkUnits = 0
  lowHalf = 0
  return nextUnit()
}

function nextUnit(): boolean {
  if (lowHalf !== 0) {
    unit = lowHalf
    lowHalf = 0
    return true
  }
  while (chunkUnits === 0) {
    if (place >= limit) return false
    chunkUnits = unitsAt(source, place)
    place = plainStart(source, place)
  }
  const lead = source[place++]!
  chunkUnits--
  if (lead < 0x80) unit = lead
  else if (lead < 0xe0) unit = ((lead & 0x1f) << 6) | continued()
  else if (lead < 0xf0) unit = ((lead & 0xf) << 12) | (continued() << 6) | continued()
  else {
    const point = ((lead & 0x7) << 18) | (continued() << 12) | (continued() << 6) | continued()
    chunkUnits--
    unit = 0xd800 + (((point - 0x10000) >> 10) & 0x3ff)
    lowHalf = 0xdc00 + (point & 0x3ff)
  }
  return true
}

function continued(): number {
  return source[place++]! & 0x3f
}
