import { Frame, FrameKind } from '../../frame.ts'
import { put32 } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { hessianText } from '../../transcode/java-text.ts'
import {
  Flag,
  HEADER_BYTES,
  isHessian,
  putId,
  ResponseKind,
  Serialization,
  serializationAt,
} from './frame.ts'
import { DubboStatus } from './status.ts'
import { jsonbString } from './text.ts'

const MAX_SENTENCE = 1024
/** Java takes no event with more than 15 bytes. */
const MAX_EVENT_BYTES = 15
const NO_BYTES = Buffer.alloc(0)
const NULL = Buffer.from([0x4e])
const READ_ONLY = hessianText('R')
const READ_ONLY_JSONB = jsonbString('R')
/** A result of null: an int alone, in both ways. */
const NULL_RESULT = Buffer.from([ResponseKind.Null])
const NULL_RESULT_JSONB = Buffer.from([0, 0, 0, 1, 2])
/** A result with a value behind it. */
const RESULT = Buffer.from([ResponseKind.Value])
const RESULT_JSONB = Buffer.from([0, 0, 0, 1, 1])

/** Writes an id of ours over the one in the bytes. */
export function readdress(frame: Frame, id: number): void {
  putId(frame.buf, frame.start, 0, id)
}

/** Gives an answer the id of its request, all 64 bits of it. */
export function restore(answer: Frame, request: Frame): void {
  putId(answer.buf, answer.start, highOf(request), request.id)
}

/**
 * An answer of our own: a status and a message. Consumers insist on the serialisation of their request; one that is
 * foreign to us gets a message of no bytes, which they cannot read either and so fail the call at once.
 */
export function reply(request: Frame, status: number, sentence: string): Frame {
  const said = sentence.slice(0, MAX_SENTENCE)
  const id = serializationAt(request.buf, request.start)
  let body: Buffer = NO_BYTES
  if (isHessian(request.buf, request.start))
    body = status === DubboStatus.Ok ? hessianResult(said) : hessianText(said)
  else if (id === Serialization.Fastjson2)
    body = status === DubboStatus.Ok ? jsonbResult(said) : jsonbString(said)
  // Without a body nothing can be called well done.
  else if (status === DubboStatus.Ok) status = DubboStatus.ServerError
  const { protocol } = request
  return compose(protocol, FrameKind.Response, id, status, highOf(request), request.id, body)
}

/** A heartbeat that every Dubbo understands. */
export function heartbeat(protocol: Protocol, id: number): Frame {
  const flag = Flag.Request | Flag.TwoWay | Flag.Event | Serialization.Hessian2
  return compose(protocol, FrameKind.Heartbeat, flag, 0, 0, id, NULL)
}

/** The answer to a heartbeat says what the heartbeat said: null in the words of its serialisation. */
export function heartbeatAck(ask: Frame): Frame {
  const { buf, start, end, protocol } = ask
  const flag = Flag.Event | serializationAt(buf, start)
  let said: Buffer = NULL
  if (!isHessian(buf, start))
    said =
      end - start - HEADER_BYTES > MAX_EVENT_BYTES
        ? NO_BYTES
        : buf.subarray(start + HEADER_BYTES, end)
  return compose(protocol, FrameKind.HeartbeatAck, flag, DubboStatus.Ok, highOf(ask), ask.id, said)
}

/** The read-only event: the client finishes its calls and opens no more here. Nobody answers it. */
export function goAway(protocol: Protocol, last: Frame | null): Frame {
  const jsonb = last !== null && serializationAt(last.buf, last.start) === Serialization.Fastjson2
  const id = jsonb ? Serialization.Fastjson2 : Serialization.Hessian2
  const flag = Flag.Request | Flag.Event | id
  return compose(protocol, FrameKind.GoAway, flag, 0, 0, 1, jsonb ? READ_ONLY_JSONB : READ_ONLY)
}

function hessianResult(text: string): Buffer {
  return text === '' ? NULL_RESULT : Buffer.concat([RESULT, hessianText(text)])
}

function jsonbResult(text: string): Buffer {
  return text === '' ? NULL_RESULT_JSONB : Buffer.concat([RESULT_JSONB, jsonbString(text)])
}

/** What `read` kept of a frame's id beside `id`. */
export function highOf(frame: Frame): number {
  return typeof frame.view === 'number' ? frame.view : 0
}

/** A frame of these parts. */
export function compose(
  protocol: Protocol,
  kind: FrameKind,
  flag: number,
  status: number,
  high: number,
  low: number,
  body: Buffer,
): Frame {
  const buf = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  buf[0] = 0xda
  buf[1] = 0xbb
  buf[2] = flag
  buf[3] = status
  putId(buf, 0, high, low)
  put32(buf, 12, body.length)
  body.copy(buf, HEADER_BYTES)
  return new Frame(protocol, kind, low, buf, 0, buf.length, true, high)
}
