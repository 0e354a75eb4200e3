import { Frame, FrameKind } from '../../frame.ts'
import { put16, put32 } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { poolKey } from './decode.ts'
import { pairBytes } from './edit.ts'
import {
  CHECKED_VER1,
  CodecId,
  Command,
  CRC_BIT,
  CRC_BYTES,
  Generation,
  hasCrc,
  idOffset,
  LENGTHS_BYTES,
  seal,
  shiftOf,
  Type,
} from './frame.ts'

/** Where an answer of our own carries its sentence: Bolt's own error fields hold a number and a serialised object. */
export const ERROR_HEADER = 'tulle_error'
const MAX_SENTENCE = 1024

/** As SOFA's own clients write it into heartbeats; the sender's timer decides, not this number. */
const HEARTBEAT_TIMEOUT_MS = 3000
const NO_BYTES = Buffer.alloc(0)

/** How a peer speaks: what an answer to its frame has to repeat. */
export interface Voice {
  /** Generation and `ver1`. */
  readonly key: number
  readonly checked: boolean
  readonly codec: number
}

/** Writes another id over the one in the bytes. */
export function readdress(frame: Frame, id: number): void {
  const { buf, start, end } = frame
  put32(buf, idOffset(buf, start), id)
  if (hasCrc(buf, start)) seal(buf, start, end)
}

/** An answer of our own to a request: a status, and the sentence in the header map. */
export function reply(request: Frame, status: number, sentence: string): Frame {
  const map = sentence === '' ? NO_BYTES : pairBytes(ERROR_HEADER, sentence.slice(0, MAX_SENTENCE))
  return compose(request.protocol, FrameKind.Response, request.id, voiceOf(request), status, map)
}

/** A heartbeat that opens or keeps a connection of this pool key in the key's own version. */
export function heartbeat(protocol: Protocol, id: number, key: number): Frame {
  const v2 = key >> 8 === Generation.V2
  const voice = {
    key: v2 ? key : Generation.V1 << 8,
    checked: v2 && (key & 0xff) === CHECKED_VER1,
    codec: CodecId.Hessian,
  }
  return compose(protocol, FrameKind.Heartbeat, id, voice, HEARTBEAT_TIMEOUT_MS, NO_BYTES)
}

/** The answer to a heartbeat, in its sender's words. */
export function heartbeatAck(ask: Frame): Frame {
  return compose(ask.protocol, FrameKind.HeartbeatAck, ask.id, voiceOf(ask), 0, NO_BYTES)
}

/** Tells a client, in the version of its latest frame, to open no more requests here. Nobody answers it. */
export function goAway(protocol: Protocol, last: Frame | null): Frame {
  const voice =
    last === null
      ? { key: Generation.V1 << 8, checked: false, codec: CodecId.Hessian }
      : { ...voiceOf(last), codec: CodecId.Hessian }
  return compose(protocol, FrameKind.GoAway, 1, voice, 0, NO_BYTES)
}

/** The switch bit only where it means a CRC by every peer's rule, so that all agree on the length. */
export function voiceOf(frame: Frame): Voice {
  const { buf, start } = frame
  return {
    key: poolKey(frame),
    checked: hasCrc(buf, start),
    codec: buf[start + 9 + shiftOf(buf, start)]!,
  }
}

/** A frame of these parts. `timeoutOrStatus` is what its kind has at that place. */
export function compose(
  protocol: Protocol,
  kind: FrameKind,
  id: number,
  voice: Voice,
  timeoutOrStatus: number,
  map: Buffer,
  className: Buffer = NO_BYTES,
  content: Buffer = NO_BYTES,
): Frame {
  const v2 = voice.key >> 8 === Generation.V2
  const answers = kind === FrameKind.Response || kind === FrameKind.HeartbeatAck
  const fixed = (answers ? 20 : 22) + (v2 ? 2 : 0)
  const behind = className.length + map.length + content.length
  const buf = Buffer.alloc(fixed + behind + (voice.checked ? CRC_BYTES : 0))
  let at = 0
  buf[at++] = voice.key >> 8
  if (v2) buf[at++] = voice.key & 0xff
  buf[at++] = typeOf(kind)
  put16(buf, at, commandOf(kind))
  buf[at + 2] = 1
  put32(buf, at + 3, id)
  buf[at + 7] = voice.codec
  at += 8
  if (v2) buf[at++] = voice.checked ? CRC_BIT : 0
  if (answers) put16(buf, at, timeoutOrStatus)
  else put32(buf, at, timeoutOrStatus)
  put16(buf, fixed - LENGTHS_BYTES, className.length)
  put16(buf, fixed - LENGTHS_BYTES + 2, map.length)
  put32(buf, fixed - LENGTHS_BYTES + 4, content.length)
  className.copy(buf, fixed)
  map.copy(buf, fixed + className.length)
  content.copy(buf, fixed + className.length + map.length)
  if (voice.checked) seal(buf, 0, buf.length)
  return new Frame(protocol, kind, id, buf, 0, buf.length, true, null)
}

function typeOf(kind: FrameKind): number {
  if (kind === FrameKind.Response || kind === FrameKind.HeartbeatAck) return Type.Response
  return kind === FrameKind.Oneway ? Type.Oneway : Type.Request
}

function commandOf(kind: FrameKind): number {
  switch (kind) {
    case FrameKind.Heartbeat:
    case FrameKind.HeartbeatAck:
      return Command.Heartbeat
    case FrameKind.GoAway:
      return Command.GoAway
    case FrameKind.Response:
      return Command.Response
    default:
      return Command.Request
  }
}
