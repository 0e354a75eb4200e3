import type { Frame } from '../../frame.ts'
import { i32, isNamedBefore, isSame, LastPairs, put16, put32, Refilled, u16 } from '../../framed.ts'
import { fixedBytes, hasCrc, LENGTHS_BYTES, MAX_SHORT_LENGTH, seal } from './frame.ts'
import { names } from './header.ts'

const written = new LastPairs(pairBytes)
/** What the frame at hand gets: pairs that are added, and all names that are edited. */
const added = new Refilled<Buffer>()
const named = new Refilled<Buffer>()

/**
 * Applies the frame's edits: between the same class name and the same content stands a header map of the pairs that stay
 * and, behind them, those that were changed. False, and nothing is changed, when the map is broken or would grow over
 * what peers can read.
 */
export function applyEdits(frame: Frame): boolean {
  const { edits } = frame
  if (edits === null) return true
  added.clear()
  named.clear()
  for (let i = 0; i < edits.length; i++) {
    if (isNamedBefore(edits, i)) continue
    const { name } = edits[i]!
    named.push(names.get(name))
    const value = frame.header(name)
    if (value !== undefined) added.push(written.of(name, value))
  }
  if (!rewrite(frame)) return false
  frame.edits = null
  if (hasCrc(frame.buf, frame.start)) seal(frame.buf, frame.start, frame.end)
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

/** A new frame in one pass: runs of pairs that stay are copied as they are. */
function rewrite(frame: Frame): boolean {
  const { buf, start, end } = frame
  const fixed = fixedBytes(buf, start)
  const lengths = start + fixed - LENGTHS_BYTES
  const mapStart = start + fixed + u16(buf, lengths)
  const mapEnd = mapStart + u16(buf, lengths + 2)
  let bytes = end - start
  for (let i = 0; i < added.length; i++) bytes += added.items[i]!.length
  const out = Buffer.allocUnsafe(bytes)
  let to = buf.copy(out, 0, start, mapStart)
  let kept = mapStart
  for (let at = mapStart; at < mapEnd; ) {
    const next = pairEnd(buf, at, mapEnd)
    if (next === -1) return false
    if (isDropped(buf, at)) {
      to += buf.copy(out, to, kept, at)
      kept = next
    }
    at = next
  }
  to += buf.copy(out, to, kept, mapEnd)
  for (let i = 0; i < added.length; i++) to += added.items[i]!.copy(out, to)
  const mapBytes = to - (mapStart - start)
  if (mapBytes > MAX_SHORT_LENGTH) return false
  put16(out, fixed - LENGTHS_BYTES + 2, mapBytes)
  to += buf.copy(out, to, mapEnd, end)
  frame.buf = out
  frame.start = 0
  frame.end = to
  return true
}

function isDropped(buf: Buffer, at: number): boolean {
  const nameEnd = at + 4 + i32(buf, at)
  for (let i = 0; i < named.length; i++)
    if (isSame(buf, at + 4, nameEnd, named.items[i]!)) return true
  return false
}

/** Where the pair at `at` ends; -1 when that is behind `end`. */
function pairEnd(buf: Buffer, at: number, end: number): number {
  const nameEnd = textEnd(buf, at, end)
  return nameEnd === -1 ? -1 : textEnd(buf, nameEnd, end)
}

/** Where the length and text at `at` end; -1 when that is behind `end`. */
function textEnd(buf: Buffer, at: number, end: number): number {
  if (at + 4 > end) return -1
  const length = i32(buf, at)
  if (length < -1 || length > end - at - 4) return -1
  return at + 4 + Math.max(length, 0)
}
