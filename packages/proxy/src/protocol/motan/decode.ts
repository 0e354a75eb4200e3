import { Frame, FrameKind } from '../../frame.ts'
import { i32, Measure } from '../../framed.ts'
import { Match, type Protocol } from '../../protocol.ts'
import {
  FIXED_BYTES,
  FLAG_MASK,
  Flag,
  Generation,
  generationAt,
  INNER_BYTES,
  idHigh,
  idLow,
  idOffset,
  isMotan2,
  LENGTH_BYTES,
  MAX_LENGTH,
  OUTER_BYTES,
  STREAM_AT,
  Type,
} from './frame.ts'
import { ASK, isAsLong, isHeartbeat, isHeartbeatAnswer } from './heartbeat.ts'

/** The id of an answer that is none of ours: ours have nothing in the high half, and are never 0. */
const NOBODY = 0
/** Up to the end of the id, in both versions. */
const HEAD_BYTES = 13

/** Whether a Motan frame begins at `start`: four bytes tell, and which version. */
export function opening(buf: Buffer, start: number, end: number): Match {
  if (start >= end) return Match.NeedMore
  if (buf[start] !== 0xf1) return Match.No
  if (start + 1 >= end) return Match.NeedMore
  if (buf[start + 1] !== 0xf1) return Match.No
  if (start + 3 >= end) return Match.NeedMore
  const generation = generationAt(buf, start)
  if (generation === Generation.Motan2) return Match.Yes
  return generation === Generation.Motan1 && buf[start + 2] === 0 && buf[start + 3]! <= 1
    ? Match.Yes
    : Match.No
}

/**
 * The length of the frame that begins at `start`, or what `Measure` says instead. A Motan2 frame whose metadata has not come
 * is at least as long as with an empty body.
 */
export function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match !== Match.Yes) return match === Match.No ? Measure.Invalid : Measure.NeedMore
  if (!isMotan2(buf, start)) {
    if (end - start < OUTER_BYTES) return Measure.NeedMore
    const rest = i32(buf, start + 12)
    return rest < INNER_BYTES ? Measure.Invalid : OUTER_BYTES + rest
  }
  if (end - start < FIXED_BYTES) return Measure.NeedMore
  const metadata = i32(buf, start + 13)
  if (metadata < 0 || metadata > MAX_LENGTH - FIXED_BYTES - LENGTH_BYTES) return Measure.Invalid
  const least = FIXED_BYTES + metadata + LENGTH_BYTES
  if (end - start < least) return least
  const body = i32(buf, start + least - LENGTH_BYTES)
  return body < 0 ? Measure.Invalid : least + body
}

/** The frame that `measure` found to be whole in [start, end). Null when the two headers of Motan1 disagree. */
export function read(protocol: Protocol, buf: Buffer, start: number, end: number): Frame | null {
  if (!isMotan2(buf, start) && !agrees(buf, start, end)) return null
  const kind = kindOf(buf, start, end)
  const high = idHigh(buf, start)
  const id = idIn(kind, high, buf, start)
  return new Frame(protocol, kind, id, buf, start, end, true, high)
}

/** The request whose id has come, and what tells that it is one, however long the rest is. */
export function readHead(
  protocol: Protocol,
  buf: Buffer,
  start: number,
  end: number,
): Frame | null {
  if (opening(buf, start, end) !== Match.Yes || end - start < HEAD_BYTES) return null
  const request = isMotan2(buf, start)
    ? (buf[start + 2]! & (Type.Response | Type.Oneway | Type.Heartbeat)) === 0
    : buf[start + 3] === 0 && isCall(buf, start, end)
  if (!request) return null
  const id = idLow(buf, start)
  return new Frame(protocol, FrameKind.Request, id, buf, start, end, true, idHigh(buf, start))
}

/** Whether a Motan1 request that has come in part is a call. */
function isCall(buf: Buffer, start: number, end: number): boolean {
  if (end - start < OUTER_BYTES) return false
  if (!isAsLong(buf, start)) return true
  return end - start === STREAM_AT + ASK.length && !isHeartbeat(buf, start, end)
}

/** Whether both headers of a Motan1 frame say the same: hosts go by one or the other. */
function agrees(buf: Buffer, start: number, end: number): boolean {
  const inner = start + OUTER_BYTES
  if (buf[inner] !== 0xf0 || buf[inner + 1] !== 0xf0) return false
  if (i32(buf, inner + 12) !== end - inner - INNER_BYTES) return false
  if (((buf[inner + 3]! & FLAG_MASK) === Flag.Request) !== (buf[start + 3] === 0)) return false
  return i32(buf, start + 4) === i32(buf, inner + 4) && i32(buf, start + 8) === i32(buf, inner + 8)
}

function kindOf(buf: Buffer, start: number, end: number): FrameKind {
  if (!isMotan2(buf, start)) {
    if (buf[start + 3] === 0)
      return isHeartbeat(buf, start, end) ? FrameKind.Heartbeat : FrameKind.Request
    return isHeartbeatAnswer(buf, start, end) ? FrameKind.HeartbeatAck : FrameKind.Response
  }
  const type = buf[start + 2]!
  const response = (type & Type.Response) !== 0
  if ((type & Type.Heartbeat) !== 0) return response ? FrameKind.HeartbeatAck : FrameKind.Heartbeat
  if (response) return FrameKind.Response
  return (type & Type.Oneway) !== 0 ? FrameKind.Oneway : FrameKind.Request
}

function idIn(kind: FrameKind, high: number, buf: Buffer, start: number): number {
  return kind === FrameKind.Response && high !== 0 ? NOBODY : idLow(buf, start)
}

/** The id in the bytes now, as far as it can be one of ours: after `readdress` no longer `frame.id`. */
export function idOf({ kind, buf, start }: Frame): number {
  return idIn(kind, i32(buf, idOffset(buf, start)), buf, start)
}

/**
 * One for each version, so that a connection is kept alive by heartbeats that its host understands: 0, which is asked
 * for where no request has been, is Motan2.
 */
export function poolKey({ buf, start }: Frame): number {
  return isMotan2(buf, start) ? PoolKey.Motan2 : PoolKey.Motan1
}

/** The pool keys there are. */
export const PoolKey = { Motan2: 0, Motan1: 1 } as const
