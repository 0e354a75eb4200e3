import { Frame, FrameKind } from '../../frame.ts'
import { Measure, put32, u16, u32 } from '../../framed.ts'
import { Match, type Protocol } from '../../protocol.ts'
import {
  Command,
  CRC_BYTES,
  crcOf,
  fixedBytes,
  Generation,
  hasCrc,
  idOffset,
  LENGTHS_BYTES,
  MAX_CONTENT_LENGTH,
  MAX_SHORT_LENGTH,
  shiftOf,
  Type,
  timeoutOrStatusOffset,
  typeAt,
} from './frame.ts'

/**
 * Whether a Bolt frame begins at `start`, from its first five or six bytes. A command the type cannot have is refused:
 * hosts do so too, and what it wants (an answer or none) could only be guessed.
 */
export function opening(buf: Buffer, start: number, end: number): Match {
  if (start >= end) return Match.NeedMore
  const generation = buf[start]
  if (generation !== Generation.V1 && generation !== Generation.V2) return Match.No
  let at = start + 1
  if (generation === Generation.V2) {
    if (at === end) return Match.NeedMore
    if (buf[at] !== 1 && buf[at] !== 2) return Match.No
    at++
  }
  const seen = end - at
  if (seen < 1) return Match.NeedMore
  const type = buf[at]!
  if (type > Type.Oneway) return Match.No
  if (seen < 2) return Match.NeedMore
  if (buf[at + 1] !== 0) return Match.No
  if (seen < 3) return Match.NeedMore
  if (!fits(type, buf[at + 2]!)) return Match.No
  if (seen < 4) return Match.NeedMore
  return buf[at + 3] === 1 ? Match.Yes : Match.No
}

function fits(type: number, command: number): boolean {
  if (command === Command.Heartbeat) return true
  if (type === Type.Response) return command === Command.Response
  return command === Command.Request || command === Command.GoAway
}

/**
 * The length of the frame that begins at `start`, or what `Measure` says instead. Lengths that hosts would read as negative
 * are refused: a host that takes the header map's bytes for the next frame could be made to run a request nobody saw.
 */
export function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match !== Match.Yes) return match === Match.No ? Measure.Invalid : Measure.NeedMore
  const fixed = fixedBytes(buf, start)
  if (end - start < fixed) return Measure.NeedMore
  if (buf[start] === Generation.V2 && buf[start + 11]! > 0x7f) return Measure.Invalid
  const lengths = start + fixed - LENGTHS_BYTES
  const name = u16(buf, lengths)
  const header = u16(buf, lengths + 2)
  const content = u32(buf, lengths + 4)
  if (name > MAX_SHORT_LENGTH || header > MAX_SHORT_LENGTH || content > MAX_CONTENT_LENGTH)
    return Measure.Invalid
  return fixed + name + header + content + (hasCrc(buf, start) ? CRC_BYTES : 0)
}

/** The frame that `measure` found to be whole in [start, end). Null when its CRC does not fit its bytes. */
export function read(protocol: Protocol, buf: Buffer, start: number, end: number): Frame | null {
  if (hasCrc(buf, start) && u32(buf, end - CRC_BYTES) !== crcOf(buf, start, end)) return null
  return new Frame(
    protocol,
    kindOf(buf, start),
    u32(buf, idOffset(buf, start)),
    buf,
    start,
    end,
    true,
    null,
  )
}

/** The request whose fixed part has come, however long the rest is: its id is enough to answer it. */
export function readHead(
  protocol: Protocol,
  buf: Buffer,
  start: number,
  end: number,
): Frame | null {
  if (opening(buf, start, end) !== Match.Yes || end - start < fixedBytes(buf, start)) return null
  if (kindOf(buf, start) !== FrameKind.Request) return null
  const id = u32(buf, idOffset(buf, start))
  return new Frame(protocol, FrameKind.Request, id, buf, start, end, true, null)
}

function kindOf(buf: Buffer, start: number): FrameKind {
  const type = typeAt(buf, start)
  // The high byte of the command is 0 in every frame that `opening` lets in.
  const command = buf[start + 3 + shiftOf(buf, start)]
  if (command === Command.Heartbeat)
    return type === Type.Response ? FrameKind.HeartbeatAck : FrameKind.Heartbeat
  if (type === Type.Response) return FrameKind.Response
  if (command === Command.GoAway) return FrameKind.GoAway
  return type === Type.Oneway ? FrameKind.Oneway : FrameKind.Request
}

/** The id in the bytes now: after `readdress` no longer `frame.id`. */
export function idOf(frame: Frame): number {
  return u32(frame.buf, idOffset(frame.buf, frame.start))
}

/** Milliseconds the caller waits; any negative number in the bytes is "for ever". */
export function timeoutMs(request: Frame): number {
  const ms = request.buf.readInt32BE(timeoutOrStatusOffset(request.buf, request.start))
  return ms < 0 ? -1 : ms
}

/**
 * Writes how long the caller still waits: whole milliseconds, and at least one, as 0 says nothing. A CRC is mended with
 * the id, which every request gets anew before it leaves. The bytes of an earlier try may still be on their way, and
 * their CRC must stay right: so those that have one are left alone, and others take their place.
 */
export function shorten(request: Frame, leftMs: number): void {
  if (hasCrc(request.buf, request.start)) {
    request.buf = Buffer.from(request.buf.subarray(request.start, request.end))
    request.end -= request.start
    request.start = 0
  }
  const { buf, start } = request
  put32(buf, timeoutOrStatusOffset(buf, start), Math.max(Math.floor(leftMs), 1))
}

/** The status in a response's bytes. */
export function statusAt(response: Frame): number {
  return u16(response.buf, timeoutOrStatusOffset(response.buf, response.start))
}

/** Generation and `ver1`: a host's channel speaks for ever as the first frame it got did. Version 1 has no `ver1`. */
export function poolKey(frame: Frame): number {
  const { buf, start } = frame
  return (buf[start]! << 8) | (buf[start] === Generation.V2 ? buf[start + 1]! : 0)
}
