import type { Frame } from '../../frame.ts'
import { frameOf as read } from '../../transcode/codec-harness.ts'
import { type AnswerPacket, answerBytes, type RequestPacket, requestBytes } from './packet.ts'
import { tarsCodec } from './tars.ts'

/** The frame that these bytes are, read as from a socket. */
export function frameOf(bytes: Buffer): Frame {
  return read(tarsCodec, bytes)
}

/** A packet of this version with fields in hexadecimal behind it. */
export function packetBytes(version: number, fields: string | Buffer): Buffer {
  const rest = typeof fields === 'string' ? Buffer.from(fields.replaceAll(' ', ''), 'hex') : fields
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 0x10, version]), rest])
  bytes.writeUInt32BE(bytes.length)
  return bytes
}

/** A request of `put` of `Shop.Stock.StockObj`, where nothing else is said. */
export function requestOf(packet: Partial<RequestPacket> = {}): Frame {
  return frameOf(requestPacket(packet))
}

export function requestPacket(packet: Partial<RequestPacket> = {}): Buffer {
  return requestBytes({
    version: 1,
    id: 1,
    servant: 'Shop.Stock.StockObj',
    method: 'put',
    bytes: Buffer.alloc(0),
    ...packet,
  })
}

/** An answer; `narrow` has an id of one byte, as hosts write small ones. */
export function answerOf(packet: Partial<AnswerPacket> = {}, narrow?: 'narrow'): Frame {
  const bytes = answerPacket(packet)
  if (narrow === undefined) return frameOf(bytes)
  return frameOf(
    packetBytes(
      bytes[5]!,
      Buffer.concat([bytes.subarray(6, 7), Buffer.from([0x30, bytes[11]!]), bytes.subarray(12)]),
    ),
  )
}

export function answerPacket(packet: Partial<AnswerPacket> = {}): Buffer {
  return answerBytes({
    version: 1,
    id: 1,
    result: 0,
    description: '',
    bytes: Buffer.alloc(0),
    ...packet,
  })
}
