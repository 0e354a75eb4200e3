import type { Frame } from '../../frame.ts'
import { i32, u16 } from '../../framed.ts'
import { BinaryType, CompactType, Form } from './frame.ts'
import { place } from './place.ts'
import { lastVarint, putVarint, skipVarint, varintBytes } from './varint.ts'

/**
 * What an exception message carries, instead of what the method declares.
 *
 * ```
 *  binary    0b 00 01  len i32  text     08 00 02  type i32     00
 *  compact   18        len      text     15        type zigzag  00     lengths and numbers are varints
 *  protobuf  08 type varint     12 len varint text
 * ```
 */
export const ExceptionType = {
  Unknown: 0,
  UnknownMethod: 1,
  InvalidMessageType: 2,
  WrongMethodName: 3,
  BadSequenceId: 4,
  MissingResult: 5,
  InternalError: 6,
  ProtocolError: 7,
  InvalidTransform: 8,
  InvalidProtocol: 9,
  UnsupportedClientType: 10,
  /** Of fbthrift, which speaks THeader. */
  LoadShedding: 11,
  Timeout: 12,
} as const

/** Fields that somebody may have put before the type. */
const MAX_FIELDS = 8
const NOTHING: Buffer = Buffer.alloc(0)
const STOP: Buffer = Buffer.from([0])

/** The body of an exception message. */
export function exceptionBody(form: Form, type: number, text: string): Buffer {
  const said = Buffer.from(text)
  switch (form) {
    case Form.Compact:
      return Buffer.concat([
        Buffer.from([0x18]),
        counted(said),
        Buffer.from([0x15]),
        varint(type << 1),
        STOP,
      ])
    case Form.Protobuf:
      return Buffer.concat([Buffer.from([0x08]), varint(type), Buffer.from([0x12]), counted(said)])
    default: {
      const ending = Buffer.from([BinaryType.I32, 0, 2, 0, 0, 0, type, 0])
      return Buffer.concat([textField(1, said), ending])
    }
  }
}

/** The body of an answer that all is well: a text where the method returns one, nothing otherwise. */
export function successBody(form: Form, text: string): Buffer {
  if (form === Form.Protobuf) return NOTHING
  if (text === '') return STOP
  const said = Buffer.from(text)
  if (form === Form.Compact) return Buffer.concat([Buffer.from([0x08, 0]), counted(said), STOP])
  return Buffer.concat([textField(0, said), STOP])
}

/** The type that an exception message carries; 0 where it says none. */
export function exceptionType(frame: Frame): number {
  const { form, bodyAt } = place.of(frame)
  const { buf, end } = frame
  if (form === Form.Compact) return compactType(buf, bodyAt, end)
  return form === Form.Protobuf ? protobufType(buf, bodyAt, end) : binaryType(buf, bodyAt, end)
}

function binaryType(buf: Buffer, at: number, end: number): number {
  for (let field = 0; field < MAX_FIELDS && at + 7 <= end; field++) {
    const type = buf[at]
    const value = i32(buf, at + 3)
    if (type === BinaryType.I32) {
      if (u16(buf, at + 1) === 2) return value
      at += 7
    } else if (type === BinaryType.String && value >= 0 && value <= end - at - 7) at += 7 + value
    else return 0
  }
  return 0
}

/** Fields that are numbered one after the other, as everybody writes these two. */
function compactType(buf: Buffer, at: number, end: number): number {
  let id = 0
  for (let field = 0; field < MAX_FIELDS && at < end; field++) {
    const head = buf[at]!
    if (head >> 4 === 0) return 0
    id += head >> 4
    const behind = skipVarint(buf, at + 1, end)
    if (behind <= 0) return 0
    const value = lastVarint()
    at = behind
    if ((head & 0xf) === CompactType.I32) {
      if (id === 2) return (value >>> 1) ^ -(value & 1)
    } else if ((head & 0xf) === CompactType.Binary && value <= end - at) at += value
    else return 0
  }
  return 0
}

function protobufType(buf: Buffer, at: number, end: number): number {
  if (buf[at] !== 0x08 || at >= end) return 0
  return skipVarint(buf, at + 1, end) <= 0 ? 0 : lastVarint()
}

function textField(id: number, text: Buffer): Buffer {
  const head = Buffer.alloc(7)
  head[0] = BinaryType.String
  head[2] = id
  head.writeInt32BE(text.length, 3)
  return Buffer.concat([head, text])
}

function counted(text: Buffer): Buffer {
  return Buffer.concat([varint(text.length), text])
}

function varint(value: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(value))
  putVarint(bytes, 0, value)
  return bytes
}
