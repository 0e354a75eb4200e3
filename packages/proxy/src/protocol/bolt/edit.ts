import type { Edit, Frame } from '../../frame.ts'
import {
  fixedBytes,
  hasCrc,
  i32,
  LENGTHS_BYTES,
  MAX_SHORT_LENGTH,
  put16,
  put32,
  seal,
  u16,
} from './frame.ts'

/** One pair of the map; its bytes stay as they came unless an edit names it. A null name or value is kept as it is. */
interface Pair {
  readonly name: string | null
  readonly value: string | null
  readonly bytes: Buffer
}

/**
 * Applies the frame's edits: a new header map between the same class name and the same content. False, and nothing is
 * changed, when the map is broken or would grow over what peers can read.
 */
export function applyEdits(frame: Frame): boolean {
  if (frame.edits === null) return true
  const { buf, start, end } = frame
  const fixed = fixedBytes(buf, start)
  const lengths = start + fixed - LENGTHS_BYTES
  const mapStart = start + fixed + u16(buf, lengths)
  const mapEnd = mapStart + u16(buf, lengths + 2)
  const pairs = readPairs(buf, mapStart, mapEnd)
  if (pairs === null) return false
  for (const edit of frame.edits) apply(pairs, edit)
  let mapBytes = 0
  for (const { bytes } of pairs) mapBytes += bytes.length
  if (mapBytes > MAX_SHORT_LENGTH) return false
  const out = Buffer.allocUnsafe(end - start - (mapEnd - mapStart) + mapBytes)
  let at = buf.copy(out, 0, start, mapStart)
  for (const { bytes } of pairs) at += bytes.copy(out, at)
  buf.copy(out, at, mapEnd, end)
  put16(out, fixed - LENGTHS_BYTES + 2, mapBytes)
  if (hasCrc(out, 0)) seal(out, 0, out.length)
  frame.buf = out
  frame.start = 0
  frame.end = out.length
  frame.edits = null
  return true
}

/** A header pair's bytes. */
export function pairBytes(name: string, value: string): Buffer {
  const nameBytes = Buffer.byteLength(name)
  const valueBytes = Buffer.byteLength(value)
  const out = Buffer.allocUnsafe(8 + nameBytes + valueBytes)
  put32(out, 0, nameBytes)
  out.write(name, 4)
  put32(out, 4 + nameBytes, valueBytes)
  out.write(value, 8 + nameBytes)
  return out
}

/** All pairs in [at, end), or null when a length passes the end. */
function readPairs(buf: Buffer, at: number, end: number): Pair[] | null {
  const pairs: Pair[] = []
  while (at < end) {
    const nameEnd = textEnd(buf, at, end)
    if (nameEnd === -1) return null
    const valueEnd = textEnd(buf, nameEnd, end)
    if (valueEnd === -1) return null
    pairs.push({
      name: textOf(buf, at, nameEnd),
      value: textOf(buf, nameEnd, valueEnd),
      bytes: buf.subarray(at, valueEnd),
    })
    at = valueEnd
  }
  return pairs
}

/** Where the length and text at `at` end; -1 when that is behind `end`. */
function textEnd(buf: Buffer, at: number, end: number): number {
  if (at + 4 > end) return -1
  const length = i32(buf, at)
  if (length < -1 || length > end - at - 4) return -1
  return at + 4 + Math.max(length, 0)
}

function textOf(buf: Buffer, at: number, end: number): string | null {
  return i32(buf, at) === -1 ? null : buf.toString('utf8', at + 4, end)
}

/** The new value takes the place of the first of its name; others of that name go. The last is the one that counted. */
function apply(pairs: Pair[], { name, value, append }: Edit): void {
  const place = pairs.findIndex((pair) => pair.name === name)
  if (place === -1) {
    if (value !== null) pairs.push({ name, value, bytes: pairBytes(name, value) })
    return
  }
  const old = pairs.findLast((pair) => pair.name === name && pair.value !== null)
  for (let i = pairs.length - 1; i >= place; i--) if (pairs[i]!.name === name) pairs.splice(i, 1)
  if (value === null) return
  const now = append && old !== undefined ? `${old.value}, ${value}` : value
  pairs.splice(place, 0, { name, value: now, bytes: pairBytes(name, now) })
}
