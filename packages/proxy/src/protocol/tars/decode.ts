import { Frame, FrameKind } from '../../frame.ts'
import { i32, Measure } from '../../framed.ts'
import { Match, type Protocol } from '../../protocol.ts'
import { fields } from './field.ts'
import {
  AnswerTag,
  fifthOffset,
  idOffset,
  intAt,
  intBytes,
  isAnswerStruct,
  isTup,
  MAX_BYTES,
  MIN_BYTES,
  PACKET_TYPE_OFFSET,
  PacketType,
  RECONNECT,
  RequestTag,
  Type,
  VERSION_OFFSET,
  Version,
  viewOf,
} from './frame.ts'

/** What `head` answers instead of a view. */
const CUT = -1
const BROKEN = -2

const RECONNECT_BYTES = Buffer.from(RECONNECT)

/** Whether a packet begins at `start`, from its first six bytes. */
export function opening(buf: Buffer, start: number, end: number): Match {
  const seen = end - start
  if (seen <= 0) return Match.NeedMore
  if (buf[start]! > MAX_BYTES >> 24) return Match.No
  if (seen < 4) return Match.NeedMore
  if (i32(buf, start) < MIN_BYTES) return Match.No
  if (seen < 5) return Match.NeedMore
  if (buf[start + 4] !== RequestTag.Version << 4) return Match.No
  if (seen < 6) return Match.NeedMore
  const version = buf[start + VERSION_OFFSET]!
  return version === Version.Tars || version === Version.Json || isTup(version)
    ? Match.Yes
    : Match.No
}

/**
 * The length of the packet that begins at `start`, or what `Measure` says instead. Of one that has come in part, it is known
 * when the id has come too: what is refused for its length is answered under that.
 */
export function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match !== Match.Yes) return match === Match.No ? Measure.Invalid : Measure.NeedMore
  const length = i32(buf, start)
  if (end - start >= length) return length
  const view = head(buf, start, end)
  if (view >= 0) return length
  return view === CUT ? Measure.NeedMore : Measure.Invalid
}

/** The packet that `measure` found to be whole in [start, end). Null when its first five fields are not as they must be. */
export function read(protocol: Protocol, buf: Buffer, start: number, end: number): Frame | null {
  const view = head(buf, start, end)
  if (view < 0) return null
  const id = intAfter(buf, start + idOffset(view))
  return new Frame(protocol, kindOf(buf, start, end, id, view), id, buf, start, end, true, view)
}

/** The request of which the id has come, however long the rest is. */
export function readHead(
  protocol: Protocol,
  buf: Buffer,
  start: number,
  end: number,
): Frame | null {
  if (opening(buf, start, end) !== Match.Yes) return null
  const view = head(buf, start, end)
  if (view < 0 || isAnswerStruct(view) || isOneway(buf, start)) return null
  const id = intAfter(buf, start + idOffset(view))
  return new Frame(protocol, FrameKind.Request, id, buf, start, end, true, view)
}

/** What a host says in the form of a request is an answer where it is TUP. */
export function asAnswer(frame: Frame): Frame | null {
  const { protocol, id, buf, start, end, view } = frame
  if (isAnswerStruct(view) || !isTup(versionOf(frame))) return null
  return new Frame(protocol, FrameKind.Response, id, buf, start, end, true, view)
}

/**
 * The first five fields: their view, or why there is none. Hosts refuse a packet that lacks one of them; where they
 * would skip what stands between, it is refused here, so that all who read it see the same.
 */
export function head(buf: Buffer, start: number, end: number): number {
  const secondAt = start + PACKET_TYPE_OFFSET
  if (secondAt >= end) return CUT
  const second = buf[secondAt]!
  if (second !== ((2 << 4) | Type.Zero) && second !== 2 << 4) return BROKEN
  const thirdAt = behind(buf, secondAt, end, 2)
  if (thirdAt < 0) return thirdAt
  const fourthAt = behind(buf, thirdAt, end, 3)
  if (fourthAt < 0) return fourthAt
  const fifthAt = behind(buf, fourthAt, end, 4)
  if (fifthAt < 0) return fifthAt
  if (fifthAt >= end) return CUT
  const fifth = buf[fifthAt]!
  if (fifth >> 4 !== RequestTag.Servant) return BROKEN
  const type = fifth & 15
  if (type === Type.String1 || type === Type.String4)
    return viewOf(fourthAt - start, fifthAt - start, false)
  const bytes = intBytes(type)
  if (bytes === -1) return BROKEN
  if (fifthAt + 1 + bytes > end) return CUT
  return viewOf(thirdAt - start, fifthAt - start, true)
}

/** Where the int field of this tag at `at` ends. */
function behind(buf: Buffer, at: number, end: number, tag: number): number {
  if (at >= end) return CUT
  if (buf[at]! >> 4 !== tag) return BROKEN
  const bytes = intBytes(buf[at]! & 15)
  if (bytes === -1) return BROKEN
  const next = at + 1 + bytes
  return next > end ? CUT : next
}

/** The int whose first byte stands at `at`. */
function intAfter(buf: Buffer, at: number): number {
  return intAt(buf, buf[at]! & 15, at + 1)
}

function isOneway(buf: Buffer, start: number): boolean {
  const at = start + PACKET_TYPE_OFFSET
  return (buf[at]! & 15) === Type.Int8 && buf[at + 1] === PacketType.Oneway
}

/** What a host says to nobody tells nothing, but that it wants its clients on other connections. */
function kindOf(buf: Buffer, start: number, end: number, id: number, view: number): FrameKind {
  if (!isAnswerStruct(view)) return isOneway(buf, start) ? FrameKind.Oneway : FrameKind.Request
  if (id !== 0) return FrameKind.Response
  const found = fields.seek(buf, start + fifthOffset(view), end, AnswerTag.Description)
  return found && fields.isText(RECONNECT_BYTES) ? FrameKind.GoAway : FrameKind.Response
}

/** The id in the bytes now: after `readdress` no longer `frame.id`. */
export function idOf({ buf, start, view }: Frame): number {
  return intAfter(buf, start + idOffset(view))
}

/** The version that a packet is written in. */
export function versionOf({ buf, start }: Frame): number {
  return buf[start + VERSION_OFFSET]!
}

/** Hosts answer each packet in its own version: all share a connection. */
export function poolKey(): number {
  return 0
}
