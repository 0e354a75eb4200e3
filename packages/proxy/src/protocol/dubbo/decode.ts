import { Frame, FrameKind } from '../../frame.ts'
import { i32, Measure } from '../../framed.ts'
import { Match, type Protocol } from '../../protocol.ts'
import {
  Flag,
  flagAt,
  HEADER_BYTES,
  idHigh,
  idLow,
  isHessian,
  MAX_BODY_LENGTH,
  Serialization,
  serializationAt,
} from './frame.ts'

/** The id of an answer that is none of ours: ours have nothing in the high half, and are never 0. */
const NOBODY = 0

/** "R", by which hosts say that they take no more requests, in the serialisations we read. */
const READ_ONLY_HESSIAN = Buffer.from([0x01, 0x52])
const READ_ONLY_FASTJSON2 = Buffer.from([0, 0, 0, 2, 0x4a, 0x52])

/** Whether a Dubbo frame begins at `start`: two bytes tell. */
export function opening(buf: Buffer, start: number, end: number): Match {
  if (start >= end) return Match.NeedMore
  if (buf[start] !== 0xda) return Match.No
  if (start + 1 >= end) return Match.NeedMore
  return buf[start + 1] === 0xbb ? Match.Yes : Match.No
}

/** The length of the frame that begins at `start`, or what `Measure` says instead. */
export function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match !== Match.Yes) return match === Match.No ? Measure.Invalid : Measure.NeedMore
  if (end - start < HEADER_BYTES) return Measure.NeedMore
  const body = i32(buf, start + 12) >>> 0
  return body > MAX_BODY_LENGTH ? Measure.Invalid : HEADER_BYTES + body
}

/** The frame that `measure` found to be whole in [start, end). Bodies nobody can read are carried all the same. */
export function read(protocol: Protocol, buf: Buffer, start: number, end: number): Frame {
  const kind = kindOf(buf, start, end)
  return new Frame(protocol, kind, idAt(buf, start), buf, start, end, true, idHigh(buf, start))
}

/** The request whose header has come, however long the body is: its id is enough to answer it. */
export function readHead(
  protocol: Protocol,
  buf: Buffer,
  start: number,
  end: number,
): Frame | null {
  if (opening(buf, start, end) !== Match.Yes || end - start < HEADER_BYTES) return null
  if (kindOf(buf, start, end) !== FrameKind.Request) return null
  const id = idLow(buf, start)
  return new Frame(protocol, FrameKind.Request, id, buf, start, end, true, idHigh(buf, start))
}

/**
 * Of events only those that want an answer are heartbeats. A one-way one tells nothing but that its sender lives, like
 * the answer to a heartbeat; so does "W", by which a host takes back its "R".
 */
function kindOf(buf: Buffer, start: number, end: number): FrameKind {
  const flag = flagAt(buf, start)
  if ((flag & Flag.Event) !== 0) {
    if ((flag & Flag.Request) === 0) return FrameKind.HeartbeatAck
    if (isReadOnly(buf, start, end)) return FrameKind.GoAway
    return (flag & Flag.TwoWay) === 0 ? FrameKind.HeartbeatAck : FrameKind.Heartbeat
  }
  if ((flag & Flag.Request) === 0) return FrameKind.Response
  return (flag & Flag.TwoWay) === 0 ? FrameKind.Oneway : FrameKind.Request
}

function isReadOnly(buf: Buffer, start: number, end: number): boolean {
  const said = isHessian(buf, start)
    ? READ_ONLY_HESSIAN
    : serializationAt(buf, start) === Serialization.Fastjson2
      ? READ_ONLY_FASTJSON2
      : null
  return said !== null && said.compare(buf, start + HEADER_BYTES, end) === 0
}

function idAt(buf: Buffer, start: number): number {
  if ((flagAt(buf, start) & Flag.Request) !== 0 || idHigh(buf, start) === 0)
    return idLow(buf, start)
  return NOBODY
}

/** The id in the bytes now, as far as it can be one of ours: after `readdress` no longer `frame.id`. */
export function idOf(frame: Frame): number {
  return idAt(frame.buf, frame.start)
}

/** The status in a response's bytes. */
export function statusAt(response: Frame): number {
  return response.buf[response.start + 3]!
}

/** Answers come in the serialisation of their request, each in its own: all share a connection. */
export function poolKey(): number {
  return 0
}
