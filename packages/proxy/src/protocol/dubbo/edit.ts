import { type Edit, type Frame, FrameKind } from '../../frame.ts'
import { Attached, type Name, nameOf } from './attachments.ts'
import { body } from './body.ts'
import { HEADER_BYTES, MAX_BODY_LENGTH, put32, ResponseKind, WITH_ATTACHMENTS } from './frame.ts'
import { header } from './header.ts'
import { stringBytes } from './text.ts'

/** Names that are changed come from configuration: there are few. */
const REMEMBERED = 256
const MAP = 0x48
const MAP_END = 0x5a
const NULL = Buffer.from([0x4e])

/** A name's bytes, and those of the pair it made last: most edits set the same value again and again. */
interface Written {
  readonly name: Name
  readonly key: Buffer
  value: string
  pair: Buffer
}

const written = new Map<string, Written>()
/** What the frame at hand gets: pairs that are added, and all names that are edited. */
const added: Buffer[] = []
const named: Name[] = []

/**
 * Applies the frame's edits: between the same arguments and whatever follows stands a map of the pairs that stay and,
 * behind them, those that were changed. Nothing outside the map points into it by its place, so the rest is copied as
 * it is. False, and nothing is changed, when the attachments cannot be found.
 *
 * An answer of a kind that has no attachments becomes the kind that has them. Clients before Dubbo 2.6.3 do not know
 * those; who adds headers to answers has none such.
 */
export function applyEdits(frame: Frame): boolean {
  const { edits } = frame
  if (edits === null) return true
  if (body.of(frame).attached === Attached.Unknown) return false
  added.length = 0
  named.length = 0
  for (let i = 0; i < edits.length; i++) {
    const name = edits[i]!.name
    if (isNamedBefore(edits, i)) continue
    const known = writtenOf(name)
    named.push(known.name)
    const value = finalValue(frame, edits, name)
    if (value !== undefined) added.push(pairOf(known, value))
    else if (hasCounted(frame.buf, known.name)) added.push(known.key, NULL)
  }
  if (!rewrite(frame)) return false
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
function rewrite(frame: Frame): boolean {
  const { buf, start, end, kind } = frame
  const isMap = body.attached === Attached.Map
  if (!isMap && added.length === 0) return true
  let bytes = end - start + 2
  for (const pair of added) bytes += pair.length
  if (bytes > MAX_BODY_LENGTH) return false
  const out = Buffer.allocUnsafe(bytes)
  let to = buf.copy(out, 0, start, body.mapAt)
  const before = to
  let pairs = added.length
  if (isMap) {
    let from = body.mapAt
    for (let pair = 0; pair < body.pairCount; pair++) {
      if (!isDropped(buf, pair)) {
        pairs++
        continue
      }
      to += buf.copy(out, to, from, body.keyAt(pair))
      from = body.keyAt(pair + 1)
    }
    to += buf.copy(out, to, from, body.keyAt(body.pairCount))
  } else out[to++] = MAP
  for (const pair of added) to += pair.copy(out, to)
  out[to++] = MAP_END
  if (kind === FrameKind.Response) {
    const bare = bareKind(out[HEADER_BYTES]!)
    out[HEADER_BYTES] = pairs > 0 ? bare + WITH_ATTACHMENTS : bare
    if (pairs === 0) to = before
  }
  to += buf.copy(out, to, body.mapEnd, end)
  put32(out, 12, to - HEADER_BYTES)
  frame.buf = out
  frame.start = 0
  frame.end = to
  return true
}

/** The kind of a response as it is without attachments. */
function bareKind(kind: number): number {
  return kind < ResponseKind.ExceptionAttachments ? kind : kind - WITH_ATTACHMENTS
}

function isDropped(buf: Buffer, pair: number): boolean {
  if (!isScalar(buf[body.valueAt(pair)]!)) return false
  for (const name of named) if (body.isNamed(pair, name)) return true
  return false
}

/**
 * Objects, lists, maps and classes are counted: values behind them point to them by their number. So they stay, and a
 * pair behind them overrules theirs.
 */
function isScalar(tag: number): boolean {
  if (tag >= 0x55 && tag <= 0x58) return false
  if (tag >= 0x60 && tag <= 0x7f) return false
  return tag !== 0x43 && tag !== 0x48 && tag !== 0x4d && tag !== 0x4f && tag !== 0x51
}

/** Whether there is a pair of this name that has to stay. */
function hasCounted(buf: Buffer, name: Name): boolean {
  for (let pair = 0; pair < body.pairCount; pair++)
    if (body.isNamed(pair, name) && !isScalar(buf[body.valueAt(pair)]!)) return true
  return false
}

function writtenOf(name: string): Written {
  const known = written.get(name)
  if (known !== undefined) return known
  if (written.size >= REMEMBERED) written.clear()
  const key = stringBytes(name)
  const fresh: Written = { name: nameOf(name), key, value: '', pair: join(key, '') }
  written.set(name, fresh)
  return fresh
}

function pairOf(known: Written, value: string): Buffer {
  if (known.value !== value) {
    known.value = value
    known.pair = join(known.key, value)
  }
  return known.pair
}

function join(key: Buffer, value: string): Buffer {
  return Buffer.concat([key, stringBytes(value)])
}
