import type { Frame } from '../../frame.ts'
import { i32, isNamedBefore, LastPairs, put32, Refilled } from '../../framed.ts'
import { FIXED_BYTES, isMotan2, OUTER_BYTES, STREAM_AT } from './frame.ts'
import { names } from './header.ts'
import { utf } from './java-text.ts'
import { block } from './object-stream.ts'
import { type Name, pairs } from './pairs.ts'

const NEWLINE = 0x0a
const LINE = /\n/

/** The pairs of either version; null where it cannot say one. */
const written = new LastPairs(pairBytes)
const writtenMotan1 = new LastPairs(motan1PairBytes)
/** What the frame at hand gets: pairs that are added, and all names that are edited. */
const added = new Refilled<Buffer>()
const named = new Refilled<Name>()

/**
 * Applies the frame's edits: the pairs that were changed, before those that stay. (Motan2 has no way to end in an empty
 * value that Java would see.) False, and nothing is changed, when the metadata cannot be read, or a version cannot say
 * a name or a value: Motan2 none with a newline, and no empty name; Motan1 nothing above 65 535 bytes, and nothing at
 * all in responses.
 */
export function applyEdits(frame: Frame): boolean {
  const { edits } = frame
  if (edits === null) return true
  if (!pairs.of(frame).known) return false
  const motan2 = isMotan2(frame.buf, frame.start)
  added.clear()
  named.clear()
  for (let i = 0; i < edits.length; i++) {
    if (isNamedBefore(edits, i)) continue
    const { name } = edits[i]!
    named.push(names.get(name))
    const value = frame.header(name)
    if (value === undefined) continue
    const pair = (motan2 ? written : writtenMotan1).of(name, value)
    if (pair === null) return false
    added.push(pair)
  }
  if (motan2) rewrite(frame)
  else rewriteMotan1(frame)
  frame.edits = null
  return true
}

/** A new frame in one pass: runs of pairs that stay are copied as they are. */
function rewrite(frame: Frame): void {
  const { buf, start, end } = frame
  const first = start + FIXED_BYTES
  const bodyAt = first + i32(buf, first - 4)
  let bytes = end - start + 1
  for (let i = 0; i < added.length; i++) bytes += added.items[i]!.length
  const out = Buffer.allocUnsafe(bytes)
  let to = buf.copy(out, 0, start, first)
  for (let i = 0; i < added.length; i++) to += added.items[i]!.copy(out, to)
  to = copyKept(out, to, 0, true)
  // The last newline divides nothing.
  if (to > FIXED_BYTES) to--
  put32(out, FIXED_BYTES - 4, to - FIXED_BYTES)
  to += buf.copy(out, to, bodyAt, end)
  frame.buf = out
  frame.start = 0
  frame.end = to
}

/** The pairs that stay, `before` bytes earlier than their keys; a newline behind each run of them. */
function copyKept(out: Buffer, to: number, before: number, lines: boolean): number {
  const { count } = pairs
  const buf = pairs.buf!
  for (let pair = 0; pair < count; pair++) {
    if (isDropped(pair)) continue
    const from = pairs.keyAt(pair) - before
    while (pair + 1 < count && !isDropped(pair + 1)) pair++
    to += buf.copy(out, to, from, pairs.valueEnd(pair))
    if (lines) out[to++] = NEWLINE
  }
  return to
}

function isDropped(pair: number): boolean {
  for (let i = 0; i < named.length; i++) if (pairs.isNamed(pair, named.items[i]!)) return true
  return false
}

/** Another block for the attachments, and for the names where both are one. */
function rewriteMotan1(frame: Frame): void {
  const { buf, start } = frame
  const { group, groupEnd, pairsAt, namesEnd, groupFrom, argumentsAt, argumentsEnd, serviceAt } =
    pairs.stream
  const alone = argumentsAt < argumentsEnd
  const from = alone ? pairsAt : serviceAt
  let bytes = groupEnd - from + 4
  for (let i = 0; i < added.length; i++) bytes += added.items[i]!.length
  const data = Buffer.allocUnsafe(bytes)
  let to = alone ? 0 : group.copy(data, 0, serviceAt, namesEnd)
  const countAt = to
  to += 4
  for (let i = 0; i < added.length; i++) to += added.items[i]!.copy(data, to)
  to = copyKept(data, to, 2, false)
  put32(data, countAt, added.length + keptPairs())
  const out = Buffer.concat([buf.subarray(start, groupFrom), block(data.subarray(0, to))])
  put32(out, 12, out.length - OUTER_BYTES)
  put32(out, 28, out.length - STREAM_AT)
  frame.buf = out
  frame.start = 0
  frame.end = out.length
}

function keptPairs(): number {
  let count = 0
  for (let pair = 0; pair < pairs.count; pair++) if (!isDropped(pair)) count++
  return count
}

function pairBytes(name: string, value: string): Buffer | null {
  if (name === '' || LINE.test(name) || LINE.test(value)) return null
  return Buffer.from(`${name}\n${value}\n`)
}

function motan1PairBytes(name: string, value: string): Buffer | null {
  const key = utf(name)
  const text = utf(value)
  return key === null || text === null ? null : Buffer.concat([key, text])
}
