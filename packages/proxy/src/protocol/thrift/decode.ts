import { Frame, FrameKind } from '../../frame.ts'
import { i32, u16 } from '../../framed.ts'
import { Match, type Protocol } from '../../protocol.ts'
import { COMPACT, COMPACT_VERSION, Magic, MessageType, Transport } from './frame.ts'
import { place } from './place.ts'

/** A length and a magic number. */
const MAGIC_END = 6

/**
 * Whether a frame begins at `start`. A magic number tells it in six bytes; the old binary form has none, and so is
 * recognised by a whole head that fits.
 */
export function opening(buf: Buffer, start: number, end: number): Match {
  // A TLS handshake could pass for the length of a large frame.
  if (end > start + 1 && u16(buf, start) === 0x1603) return Match.No
  if (end >= start + MAGIC_END && hasMagic(buf, start + 4))
    return place.find(buf, start, start + MAGIC_END) < 0 ? Match.No : Match.Yes
  const length = place.find(buf, start, end)
  return length === 0 ? Match.NeedMore : length < 0 ? Match.No : Match.Yes
}

function hasMagic(buf: Buffer, at: number): boolean {
  switch (u16(buf, at)) {
    case Magic.Strict:
    case Magic.Protobuf:
    case Magic.THeader:
    case Magic.TTHeader:
      return true
    default:
      return buf[at] === COMPACT && (buf[at + 1]! & 0x1f) === COMPACT_VERSION
  }
}

/** The length of the frame that begins at `start`, 0 or -1 as `Measure` says. */
export function measure(buf: Buffer, start: number, end: number): number {
  return place.find(buf, start, end)
}

/** The frame that `measure` found to be whole in [start, end). */
export function read(protocol: Protocol, buf: Buffer, start: number, end: number): Frame | null {
  if (place.find(buf, start, end) !== end - start) return null
  return frameAt(protocol, buf, start, end)
}

/** The request whose bytes have come as far as its arguments: its name and its id are enough to answer it. */
export function readHead(
  protocol: Protocol,
  buf: Buffer,
  start: number,
  end: number,
): Frame | null {
  if (place.find(buf, start, end) <= 0 || place.type !== MessageType.Call) return null
  return frameAt(protocol, buf, start, end)
}

/** The id is the message's; that of a header transport may be another, and stands in `view`. */
function frameAt(protocol: Protocol, buf: Buffer, start: number, end: number): Frame {
  const view = place.transport === Transport.Framed ? null : i32(buf, place.headAt + 8)
  return new Frame(protocol, kindOf(place.type), place.seqId, buf, start, end, true, view)
}

function kindOf(type: number): FrameKind {
  if (type === MessageType.Call) return FrameKind.Request
  return type === MessageType.Oneway ? FrameKind.Oneway : FrameKind.Response
}

/** The id in the bytes now: after `readdress` no longer `frame.id`. */
export function idOf(frame: Frame): number {
  return place.of(frame).seqId
}

/** Servers stay with the transport and the form that a connection began with. */
export function poolKey(frame: Frame): number {
  place.of(frame)
  return (place.transport << 2) | place.form
}
