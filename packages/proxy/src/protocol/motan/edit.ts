import type { Edit, Frame } from '../../frame.ts'
import { FIXED_BYTES, i32, isMotan2, OUTER_BYTES, put32, STREAM_AT } from './frame.ts'
import { header, nameOf } from './header.ts'
import { utf } from './java-text.ts'
import { block } from './object-stream.ts'
import { type Name, pairs } from './pairs.ts'

/** Names that are changed come from configuration: there are few. */
const REMEMBERED = 256
const NEWLINE = 0x0a
const LINE = /\n/

/** A name, and the pair it made last in either version: most edits set the same value again and again. */
interface Written {
  readonly name: Name
  value: string
  /** Null where a version cannot say it. */
  motan1: Buffer | null
  motan2: Buffer | null
}

const written = new Map<string, Written>()
/** What the frame at hand gets: pairs that are added, and all names that are edited. */
const added: Buffer[] = []
const named: Name[] = []

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
  added.length = 0
  named.length = 0
  for (let i = 0; i < edits.length; i++) {
    const { name } = edits[i]!
    if (isNamedBefore(edits, i)) continue
    const value = finalValue(frame, edits, name)
    const known = writtenOf(name)
    named.push(known.name)
    if (value === undefined) continue
    const pair = pairOf(known, value, motan2)
    if (pair === null) return false
    added.push(pair)
  }
  if (motan2) rewrite(frame)
  else rewriteMotan1(frame)
  frame.edits = null
  return true
}

function isNamedBefore(edits: readonly Edit[], place: number): boolean {
  for (let i = 0; i < place; i++) if (edits[i]!.name === edits[place]!.name) return true
  return false
}

/** What `Frame.header` says, but the bytes are only asked when the first edit adds to them. */
function finalValue(frame: Frame, edits: readonly Edit[], name: string): string | undefined {
  let from = edits.length
  let value: string | undefined
  while (from-- > 0) {
    const edit = edits[from]!
    if (edit.name !== name || (edit.append && edit.value !== null)) continue
    value = edit.value ?? undefined
    break
  }
  if (from < 0) value = header(frame, name)
  for (let i = from + 1; i < edits.length; i++) {
    const edit = edits[i]!
    if (edit.name === name) value = value === undefined ? edit.value! : `${value}, ${edit.value}`
  }
  return value
}

/** A new frame in one pass: runs of pairs that stay are copied as they are. */
function rewrite(frame: Frame): void {
  const { buf, start, end } = frame
  const first = start + FIXED_BYTES
  const bodyAt = first + i32(buf, first - 4)
  let bytes = end - start + 1
  for (const pair of added) bytes += pair.length
  const out = Buffer.allocUnsafe(bytes)
  let to = buf.copy(out, 0, start, first)
  for (const pair of added) to += pair.copy(out, to)
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
  for (const name of named) if (pairs.isNamed(pair, name)) return true
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
  for (const pair of added) bytes += pair.length
  const data = Buffer.allocUnsafe(bytes)
  let to = alone ? 0 : group.copy(data, 0, serviceAt, namesEnd)
  const countAt = to
  to += 4
  for (const pair of added) to += pair.copy(data, to)
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

function writtenOf(name: string): Written {
  const known = written.get(name)
  if (known !== undefined) return known
  if (written.size >= REMEMBERED) written.clear()
  const fresh: Written = { name: nameOf(name), value: '', motan1: null, motan2: null }
  compose(fresh)
  written.set(name, fresh)
  return fresh
}

function pairOf(known: Written, value: string, motan2: boolean): Buffer | null {
  if (known.value !== value) {
    known.value = value
    compose(known)
  }
  return motan2 ? known.motan2 : known.motan1
}

function compose(known: Written): void {
  const { name, value } = known
  const key = utf(name.text)
  const text = utf(value)
  known.motan1 = key === null || text === null ? null : Buffer.concat([key, text])
  known.motan2 =
    name.text === '' || LINE.test(name.text) || LINE.test(value)
      ? null
      : Buffer.from(`${name.text}\n${value}\n`)
}
