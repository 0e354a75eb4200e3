import { Frame, FrameKind } from '../../frame.ts'
import { put32 } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { head, versionOf } from './decode.ts'
import { idOffset, intBytes, isTup, RECONNECT, shifted, Type, Version } from './frame.ts'
import { answerBytes } from './packet.ts'

const MAX_SENTENCE = 1024
/** Frames that get a wider id are moved here, one behind the other; nothing is ever moved out. */
const SLAB_BYTES = 32 * 1024
/** Larger ones would keep too much of others alive, or leave too much unused. */
const MAX_IN_SLAB = 4 * 1024

const NO_BYTES = Buffer.alloc(0)
/** A map of no attributes: TUP clients decode one whatever the result says. */
const NO_ATTRIBUTES = Buffer.from([Type.Map, Type.Zero])
const NO_MEMBERS = Buffer.from('{}')

let slab: Buffer = NO_BYTES
let slabAt = 0

/** Writes an id of four bytes: over one that has them, else into a copy that has room for it. */
export function readdress(frame: Frame, id: number): void {
  const { buf } = frame
  const at = frame.start + idOffset(frame.view)
  if ((buf[at]! & 15) === Type.Int32) put32(buf, at + 1, id)
  else widen(frame, at, id)
}

function widen(frame: Frame, at: number, id: number): void {
  const { buf, start, end } = frame
  const grown = 4 - intBytes(buf[at]! & 15)
  const length = end - start + grown
  let out = slab
  let to = slabAt
  if (length > MAX_IN_SLAB) {
    out = Buffer.allocUnsafe(length)
    to = 0
  } else {
    if (to + length > out.length) {
      slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
      out = slab
      to = 0
    }
    slabAt = to + length
  }
  put32(out, to, length)
  // A few bytes: a call to copy them would cost more.
  let next = to + 4
  for (let from = start + 4; from < at; from++) out[next++] = buf[from]!
  out[next] = (buf[at]! & 0xf0) | Type.Int32
  put32(out, next + 1, id)
  buf.copy(out, next + 5, at + 5 - grown, end)
  frame.buf = out
  frame.start = to
  frame.end = to + length
  frame.view = shifted(frame.view as number, grown)
}

/** An answer of our own: a result, and the sentence that describes it. */
export function reply(request: Frame, result: number, sentence: string): Frame {
  const version = versionOf(request)
  const bytes = answerBytes({
    version,
    id: request.id,
    result,
    description: sentence.slice(0, MAX_SENTENCE),
    bytes: isTup(version) ? NO_ATTRIBUTES : version === Version.Json ? NO_MEMBERS : NO_BYTES,
  })
  return frameOf(request.protocol, FrameKind.Response, request.id, bytes)
}

/**
 * Asks a client to make another connection, as Go hosts do; nobody answers. TUP has no such thing: its clients would
 * read an answer's struct as a request's.
 */
export function goAway(protocol: Protocol, last: Frame | null): Frame | null {
  if (last !== null && isTup(versionOf(last))) return null
  const bytes = answerBytes({
    version: Version.Tars,
    id: 0,
    result: 0,
    description: RECONNECT,
    bytes: NO_BYTES,
  })
  return frameOf(protocol, FrameKind.GoAway, 0, bytes)
}

/** A packet written here as a frame. */
export function frameOf(protocol: Protocol, kind: FrameKind, id: number, bytes: Buffer): Frame {
  const view = head(bytes, 0, bytes.length)
  return new Frame(protocol, kind, id, bytes, 0, bytes.length, true, view)
}
