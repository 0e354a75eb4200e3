import { type Frame, FrameKind } from '../../frame.ts'
import { isNamedBefore, LastPairs, put32, Refilled } from '../../framed.ts'
import { hessianText } from '../../transcode/java-text.ts'
import { Attached, type Name } from './attachments.ts'
import { HEADER_BYTES, MAX_BODY_LENGTH, ResponseKind, WITH_ATTACHMENTS } from './frame.ts'
import { names } from './header.ts'
import { place } from './place.ts'

const MAP = 0x48
const MAP_END = 0x5a
const NULL = Buffer.from([0x4e])

const written = new LastPairs((name, value) =>
  Buffer.concat([hessianText(name), hessianText(value)]),
)
/** What the frame at hand gets: pairs that are added, and all names that are edited. */
const added = new Refilled<Buffer>()
const named = new Refilled<Name>()

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
  if (place.of(frame).attached === Attached.Unknown) return false
  added.clear()
  named.clear()
  for (let i = 0; i < edits.length; i++) {
    if (isNamedBefore(edits, i)) continue
    const { name } = edits[i]!
    const known = names.get(name)
    named.push(known)
    const value = frame.header(name)
    if (value !== undefined) added.push(written.of(name, value))
    else if (hasCounted(frame.buf, known)) {
      added.push(hessianText(name))
      added.push(NULL)
    }
  }
  if (!rewrite(frame)) return false
  frame.edits = null
  return true
}

/** A new frame in one pass: runs of pairs that stay are copied as they are. */
function rewrite(frame: Frame): boolean {
  const { buf, start, end, kind } = frame
  const isMap = place.attached === Attached.Map
  if (!isMap && added.length === 0) return true
  let bytes = end - start + 2
  for (let i = 0; i < added.length; i++) bytes += added.items[i]!.length
  if (bytes > MAX_BODY_LENGTH) return false
  const out = Buffer.allocUnsafe(bytes)
  let to = buf.copy(out, 0, start, place.mapAt)
  const before = to
  let pairs = added.length
  if (isMap) {
    let from = place.mapAt
    for (let pair = 0; pair < place.pairCount; pair++) {
      if (!isDropped(buf, pair)) {
        pairs++
        continue
      }
      to += buf.copy(out, to, from, place.keyAt(pair))
      from = place.keyAt(pair + 1)
    }
    to += buf.copy(out, to, from, place.keyAt(place.pairCount))
  } else out[to++] = MAP
  for (let i = 0; i < added.length; i++) to += added.items[i]!.copy(out, to)
  out[to++] = MAP_END
  if (kind === FrameKind.Response) {
    const bare = bareKind(out[HEADER_BYTES]!)
    out[HEADER_BYTES] = pairs > 0 ? bare + WITH_ATTACHMENTS : bare
    if (pairs === 0) to = before
  }
  to += buf.copy(out, to, place.mapEnd, end)
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
  if (!isScalar(buf[place.valueAt(pair)]!)) return false
  for (let i = 0; i < named.length; i++) if (place.isNamed(pair, named.items[i]!)) return true
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
  for (let pair = 0; pair < place.pairCount; pair++)
    if (place.isNamed(pair, name) && !isScalar(buf[place.valueAt(pair)]!)) return true
  return false
}
