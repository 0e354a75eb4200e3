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

const NOTHING: Buffer = Buffer.alloc(0)
/** Names that are changed come from configuration: there are few. */
const REMEMBERED = 256

/** A name's bytes, and those of the pair it made last: most edits set the same value again and again. */
interface Written {
  readonly name: Buffer
  value: string
  pair: Buffer
}

const written = new Map<string, Written>()

/**
 * Applies the frame's edits: a new header map between the same class name and the same content, in which the changed
 * pairs stand last. False, and nothing is changed, when the map is broken or would grow over what peers can read.
 */
export function applyEdits(frame: Frame): boolean {
  const { buf, start, end, edits } = frame
  if (edits === null) return true
  for (let i = 0; i < edits.length; i++) {
    if (isOverruled(edits, i) || applyEdit(frame, edits[i]!)) continue
    frame.buf = buf
    frame.start = start
    frame.end = end
    return false
  }
  frame.edits = null
  if (hasCrc(frame.buf, frame.start)) seal(frame.buf, frame.start, frame.end)
  return true
}

/** A later edit gives the same header another value whatever it has. */
function isOverruled(edits: readonly Edit[], place: number): boolean {
  for (let i = place + 1; i < edits.length; i++)
    if (edits[i]!.name === edits[place]!.name && !edits[i]!.append) return true
  return false
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

/** One pass over the pairs: runs of those that stay are copied as they are. */
function applyEdit(frame: Frame, { name, value, append }: Edit): boolean {
  const { buf, start, end } = frame
  const fixed = fixedBytes(buf, start)
  const lengths = start + fixed - LENGTHS_BYTES
  const mapStart = start + fixed + u16(buf, lengths)
  const mapEnd = mapStart + u16(buf, lengths + 2)
  const sought = writtenOf(name)
  const before = append && value !== null ? lastValue(buf, mapStart, mapEnd, sought.name) : null
  const pair =
    value === null ? NOTHING : pairOf(sought, name, before === null ? value : `${before}, ${value}`)
  const out = Buffer.allocUnsafe(end - start + pair.length)
  let at = buf.copy(out, 0, start, mapStart)
  let kept = mapStart
  for (let from = mapStart; from < mapEnd; ) {
    const to = pairEnd(buf, from, mapEnd)
    if (to === -1) return false
    if (isNamed(buf, from, sought.name)) {
      at += buf.copy(out, at, kept, from)
      kept = to
    }
    from = to
  }
  at += buf.copy(out, at, kept, mapEnd)
  at += pair.copy(out, at)
  const mapBytes = at - (mapStart - start)
  if (mapBytes > MAX_SHORT_LENGTH) return false
  put16(out, fixed - LENGTHS_BYTES + 2, mapBytes)
  at += buf.copy(out, at, mapEnd, end)
  frame.buf = out
  frame.start = 0
  frame.end = at
  return true
}

function writtenOf(name: string): Written {
  const known = written.get(name)
  if (known !== undefined) return known
  if (written.size >= REMEMBERED) written.clear()
  const fresh: Written = { name: Buffer.from(name), value: '', pair: pairBytes(name, '') }
  written.set(name, fresh)
  return fresh
}

function pairOf(known: Written, name: string, value: string): Buffer {
  if (known.value !== value) {
    known.value = value
    known.pair = pairBytes(name, value)
  }
  return known.pair
}

/** What providers read: the last pair of that name that has a value; null when there is none. */
function lastValue(buf: Buffer, at: number, end: number, name: Buffer): string | null {
  let value: string | null = null
  while (at < end) {
    const to = pairEnd(buf, at, end)
    if (to === -1) return null
    const valueAt = at + 4 + Math.max(i32(buf, at), 0)
    if (isNamed(buf, at, name) && i32(buf, valueAt) !== -1)
      value = buf.toString('utf8', valueAt + 4, to)
    at = to
  }
  return value
}

function isNamed(buf: Buffer, at: number, name: Buffer): boolean {
  const length = i32(buf, at)
  return length === name.length && buf.compare(name, 0, length, at + 4, at + 4 + length) === 0
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
