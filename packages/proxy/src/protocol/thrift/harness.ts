import type { Frame } from '../../frame.ts'
import { frameOf as read } from '../../transcode/codec-harness.ts'
import { thriftCodec } from './thrift.ts'

/** The frame that these bytes are, read as from a socket. */
export function frameOf(bytes: Buffer): Frame {
  return read(thriftCodec, bytes)
}

export function bytesOf({ buf, start, end }: Frame): Buffer {
  return buf.subarray(start, end)
}

/** Bytes behind their length. */
export function lengthened(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** What a message calls, in binary: `echo("bob")` where nothing else is said. */
export interface Call {
  readonly name?: string
  readonly seqId?: number
  readonly type?: number
  readonly body?: Buffer
}

const BOB = Buffer.from('0b000100000003626f6200', 'hex')

/** A message in strict binary, without a frame. */
export function strict({ name = 'echo', seqId = 1, type = 1, body = BOB }: Call = {}): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(0x80010000 + type)
  head.writeUInt32BE(name.length, 4)
  const id = Buffer.alloc(4)
  id.writeInt32BE(seqId | 0)
  return Buffer.concat([head, Buffer.from(name), id, body])
}

/** A framed call in strict binary. */
export function callBytes(call?: Call): Buffer {
  return lengthened(strict(call))
}

/** A frame of a header transport: info bytes as they are, padded, around a message. */
export function headed(magic: number, info: Buffer, message: Buffer, seqId = 1): Buffer {
  const padding = Buffer.alloc(-info.length & 3)
  const head = Buffer.alloc(10)
  head.writeUInt16BE(magic)
  head.writeInt32BE(seqId | 0, 4)
  head.writeUInt16BE((info.length + padding.length) / 4, 8)
  return lengthened(Buffer.concat([head, info, padding, message]))
}
