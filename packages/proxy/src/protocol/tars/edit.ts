import type { Frame } from '../../frame.ts'
import { isNamedBefore, LastPairs, put32, Refilled } from '../../framed.ts'
import { fields } from './field.ts'
import { isAnswerStruct, MAX_BYTES, Type } from './frame.ts'
import { contextTag, fifthAt, names, statusTag } from './header.ts'
import { putInt, putText } from './packet.ts'

/** A map's first byte and the number of its pairs. */
const MAP_HEAD_BYTES = 6

const written = new LastPairs(pairBytes)
/** What the frame at hand gets: pairs that are added, names that have one, names that shall have none. */
const added = new Refilled<Buffer>()
const set = new Refilled<Buffer>()
const removed = new Refilled<Buffer>()

/** Where a map's field stands; of one that is not there, where it would. */
class Span {
  start = 0
  end = 0
  firstPair = 0

  /** False when the bytes cannot be walked. */
  find(frame: Frame, tag: number): boolean {
    const { buf, end } = frame
    const found = fields.seek(buf, fifthAt(frame), end, tag)
    this.start = fields.at
    this.end = fields.at
    if (!found) return !fields.broken
    let left = fields.pairs()
    if (left === -1) return false
    let at = fields.value
    this.firstPair = at
    for (; left > 0; left--) {
      at = fields.pair(buf, at, end)
      if (at === -1) return false
    }
    this.end = at
    return true
  }
}

const context = new Span()
const status = new Span()

/**
 * Applies the frame's edits: a new context map of the pairs that stay and, behind them, those that were changed. What is
 * removed is taken out of the status map too. False, and nothing is changed, when the maps cannot be walked.
 */
export function applyEdits(frame: Frame): boolean {
  const { edits } = frame
  if (edits === null) return true
  if (!context.find(frame, contextTag(frame)) || !status.find(frame, statusTag(frame))) return false
  added.clear()
  set.clear()
  removed.clear()
  for (let i = 0; i < edits.length; i++) {
    if (isNamedBefore(edits, i)) continue
    const { name } = edits[i]!
    const value = frame.header(name)
    if (value === undefined) removed.push(names.get(name))
    else {
      set.push(names.get(name))
      added.push(written.of(name, value))
    }
  }
  if (!rewrite(frame)) return false
  frame.edits = null
  return true
}

/** A new frame in one pass, the maps in the order in which its struct has them. */
function rewrite(frame: Frame): boolean {
  const { buf, start, end } = frame
  let bytes = end - start + 2 * MAP_HEAD_BYTES
  for (let i = 0; i < added.length; i++) bytes += added.items[i]!.length
  if (bytes > MAX_BYTES) return false
  const out = Buffer.allocUnsafe(bytes)
  const statusFirst = isAnswerStruct(frame.view)
  const first = statusFirst ? status : context
  const second = statusFirst ? context : status
  let to = buf.copy(out, 0, start, first.start)
  to = statusFirst ? putStatus(frame, out, to) : putContext(frame, out, to)
  to += buf.copy(out, to, first.end, second.start)
  to = statusFirst ? putContext(frame, out, to) : putStatus(frame, out, to)
  to += buf.copy(out, to, second.end, end)
  put32(out, 0, to)
  frame.buf = out
  frame.start = 0
  frame.end = to
  return true
}

function putContext(frame: Frame, out: Buffer, to: number): number {
  if (context.start === context.end && added.length === 0) return to
  out[to++] = (contextTag(frame) << 4) | Type.Map
  const kept = count(frame.buf, context, true)
  to = putInt(out, to, 0, kept + added.length)
  to = putKept(frame.buf, context, out, to, true)
  for (let i = 0; i < added.length; i++) to += added.items[i]!.copy(out, to)
  return to
}

function putStatus(frame: Frame, out: Buffer, to: number): number {
  if (status.start === status.end) return to
  out[to++] = (statusTag(frame) << 4) | Type.Map
  to = putInt(out, to, 0, count(frame.buf, status, false))
  return putKept(frame.buf, status, out, to, false)
}

/** How many pairs stay. */
function count(buf: Buffer, span: Span, dropSet: boolean): number {
  if (span.start === span.end) return 0
  let at = span.firstPair
  let kept = 0
  while (at < span.end) {
    at = fields.pair(buf, at, span.end)
    if (!isDropped(dropSet)) kept++
  }
  return kept
}

/** Runs of pairs that stay are copied as they are. */
function putKept(buf: Buffer, span: Span, out: Buffer, to: number, dropSet: boolean): number {
  if (span.start === span.end) return to
  let from = span.firstPair
  for (let at = from; at < span.end; ) {
    const next = fields.pair(buf, at, span.end)
    if (isDropped(dropSet)) {
      to += buf.copy(out, to, from, at)
      from = next
    }
    at = next
  }
  return to + buf.copy(out, to, from, span.end)
}

/** Whether the pair looked at last has to go. */
function isDropped(dropSet: boolean): boolean {
  return isOneOf(removed) || (dropSet && isOneOf(set))
}

function isOneOf({ items, length }: Refilled<Buffer>): boolean {
  for (let i = 0; i < length; i++) if (fields.isKey(items[i]!)) return true
  return false
}

function pairBytes(name: string, value: string): Buffer {
  const nameBytes = Buffer.byteLength(name)
  const valueBytes = Buffer.byteLength(value)
  const out = Buffer.allocUnsafe(10 + nameBytes + valueBytes)
  const to = putText(out, putText(out, 0, 0, name, nameBytes), 1, value, valueBytes)
  return out.subarray(0, to)
}
