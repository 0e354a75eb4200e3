import { Frame, FrameKind } from '../../frame.ts'
import { put32 } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { hessianText } from '../../transcode/java-text.ts'
import { PoolKey } from './decode.ts'
import { writeTrouble } from './exception.ts'
import {
  FIXED_BYTES,
  Flag,
  Generation,
  idHigh,
  isMotan2,
  LENGTH_BYTES,
  OUTER_BYTES,
  putId,
  Serialization,
  STREAM_AT,
  serializationAt,
  Type,
} from './frame.ts'
import { ANSWER, ASK, BYTE_ARRAY, HEARTBEAT_HIGH, STREAM_MAGIC } from './heartbeat.ts'
import { utf } from './java-text.ts'
import { block } from './object-stream.ts'

const MAX_SENTENCE = 1024
const NO_BYTES = Buffer.alloc(0)
/** The serialisation that Java names in heartbeats, which have no body. */
const HEARTBEAT_SERIALIZATION = 1

const EXCEPTION = 'com.weibo.api.motan.exception.MotanServiceException'
const ERROR = 'com.weibo.api.motan.exception.MotanErrorMsg'
const PROCESSING_TIME = Buffer.alloc(8)

/** Writes an id of ours over the one in the bytes. */
export function readdress(frame: Frame, id: number): void {
  putId(frame.buf, frame.start, 0, id)
}

/** Gives an answer the id of its request, all 64 bits of it. */
export function restore(answer: Frame, request: Frame): void {
  putId(answer.buf, answer.start, highOf(request), request.id)
}

/**
 * An answer of our own. A code other than 200 is an exception; at 200 the sentence is the result, in the serialisation
 * of the request. In one that is foreign to us nothing can be called well done.
 */
export function reply(request: Frame, code: number, sentence: string): Frame {
  const { protocol, id, buf, start } = request
  const said = sentence.slice(0, MAX_SENTENCE)
  const high = highOf(request)
  if (!isMotan2(buf, start)) {
    const stream = code === 200 ? motan1Result(said) : motan1Exception(EXCEPTION, code, said)
    const flag = code === 200 ? Flag.Value : Flag.Exception
    return motan1(protocol, FrameKind.Response, flag, high, id, stream)
  }
  const serialization = serializationAt(buf, start)
  const body = code === 200 ? result(serialization, said) : null
  const metadata =
    body === null ? Buffer.from(`M_e\n${writeTrouble(code === 200 ? 500 : code, said)}`) : NO_BYTES
  const out = motan2(Type.Response, body === null ? 1 : 0, serialization, metadata, body)
  return frameOf(protocol, FrameKind.Response, out, high, id)
}

/** A heartbeat in the version of this pool key. */
export function heartbeat(protocol: Protocol, id: number, key: number): Frame {
  if (key === PoolKey.Motan1)
    return motan1(protocol, FrameKind.Heartbeat, Flag.Request, HEARTBEAT_HIGH, id, ASK)
  const out = motan2(Type.Heartbeat, 0, HEARTBEAT_SERIALIZATION, NO_BYTES, null)
  return frameOf(protocol, FrameKind.Heartbeat, out, 0, id)
}

/** The answer to a heartbeat, in its version. */
export function heartbeatAck(ask: Frame): Frame {
  const { protocol, id, buf, start } = ask
  const high = highOf(ask)
  if (!isMotan2(buf, start))
    return motan1(protocol, FrameKind.HeartbeatAck, Flag.Value, high, id, ANSWER)
  const type = Type.Heartbeat | Type.Response | (buf[start + 2]! & Type.Agent)
  const out = motan2(type, 0, serializationAt(buf, start), NO_BYTES, null)
  return frameOf(protocol, FrameKind.HeartbeatAck, out, high, id)
}

/** The bytes of a Motan2 frame but for its id. */
export function motan2(
  type: number,
  status: number,
  serialization: number,
  metadata: Buffer,
  body: Buffer | null,
): Buffer {
  const bodyBytes = body === null ? 0 : body.length
  const out = Buffer.allocUnsafe(FIXED_BYTES + metadata.length + LENGTH_BYTES + bodyBytes)
  out[0] = 0xf1
  out[1] = 0xf1
  out[2] = type
  out[3] = (Generation.Motan2 << 3) | status
  out[4] = serialization << 3
  putId(out, 0, 0, 0)
  put32(out, FIXED_BYTES - 4, metadata.length)
  metadata.copy(out, FIXED_BYTES)
  put32(out, FIXED_BYTES + metadata.length, bodyBytes)
  body?.copy(out, FIXED_BYTES + metadata.length + LENGTH_BYTES)
  return out
}

/** What `read` kept of a frame's id beside `id`. */
export function highOf(frame: Frame): number {
  return typeof frame.view === 'number' ? frame.view : 0
}

/** A frame of bytes that begin with it, under this id. */
export function frameOf(
  protocol: Protocol,
  kind: FrameKind,
  buf: Buffer,
  high: number,
  low: number,
): Frame {
  putId(buf, 0, high, low)
  return new Frame(protocol, kind, low, buf, 0, buf.length, true, idHigh(buf, 0))
}

/** A Motan1 frame around this object stream. */
export function motan1(
  protocol: Protocol,
  kind: FrameKind,
  flag: number,
  high: number,
  low: number,
  stream: Buffer,
): Frame {
  const out = Buffer.alloc(STREAM_AT + stream.length)
  out[0] = 0xf1
  out[1] = 0xf1
  out[3] = flag === Flag.Request ? 0 : 1
  put32(out, 12, out.length - OUTER_BYTES)
  out[16] = 0xf0
  out[17] = 0xf0
  out[18] = 1
  out[19] = flag
  put32(out, 28, stream.length)
  stream.copy(out, STREAM_AT)
  return frameOf(protocol, kind, out, high, low)
}

/** A text as a result; null in a serialisation that is not ours. */
function result(serialization: number, text: string): Buffer | null {
  switch (serialization) {
    case Serialization.Hessian2:
      return hessianText(text)
    case Serialization.Json:
      return Buffer.from(JSON.stringify(text))
    case Serialization.Simple: {
      const length = Buffer.byteLength(text)
      const out = Buffer.allocUnsafe(5 + length)
      out[0] = 1
      put32(out, 1, length)
      out.write(text, 5)
      return out
    }
    default:
      return null
  }
}

function motan1Result(text: string): Buffer {
  return motan1Value('java.lang.String', hessianText(text))
}

/** A value of a class, already in Hessian. */
export function motan1Value(name: string, value: Buffer): Buffer {
  const length = Buffer.alloc(4)
  put32(length, 0, value.length)
  return Buffer.concat([
    STREAM_MAGIC,
    block(Buffer.concat([PROCESSING_TIME, utf(name)!])),
    BYTE_ARRAY,
    length,
    value,
  ])
}

/** No value: nothing but the processing time. */
export const motan1Void: Buffer = Buffer.concat([STREAM_MAGIC, block(PROCESSING_TIME)])

/** An exception as an object of one of Motan's classes, with its code and message and nothing else. */
export function motan1Exception(name: string, code: number, message: string): Buffer {
  return motan1Value(
    name,
    Buffer.concat([
      hessianClass(name, ['errorMsg', 'motanErrorMsg']),
      Buffer.from([0x60]),
      hessianText(message),
      hessianClass(ERROR, ['status', 'errorcode', 'message']),
      Buffer.from([0x61]),
      hessianInt(code),
      hessianInt(code),
      hessianText(message),
    ]),
  )
}

function hessianClass(name: string, fields: readonly string[]): Buffer {
  const texts = fields.map(hessianText)
  return Buffer.concat([Buffer.from('C'), hessianText(name), hessianInt(fields.length), ...texts])
}

/** A whole number from -2048 to 2047. */
function hessianInt(value: number): Buffer {
  return value >= -16 && value < 48
    ? Buffer.from([0x90 + value])
    : Buffer.from([0xc8 + (value >> 8), value & 0xff])
}
