import type { Frame } from '../../frame.ts'
import { frameOf as read } from '../../transcode/codec-harness.ts'
import { motan2 } from './encode.ts'
import { putId, Serialization } from './frame.ts'
import { motanCodec } from './motan.ts'

/** A request's parts: `shop.Basket`, `put`, where nothing else is said. */
export interface Call {
  readonly type?: number
  readonly serialization?: number
  readonly id?: string
  /** In place of `M_p` and `M_m`; text is taken as it is. */
  readonly metadata?: Readonly<Record<string, string>> | string
  /** Beside `M_p` and `M_m`. */
  readonly more?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** The bytes of a Motan2 request. */
export function requestBytes(call: Call = {}): Buffer {
  const { metadata = { M_p: 'shop.Basket', M_m: 'put' }, more = {} } = call
  const pairs = typeof metadata === 'string' ? metadata : lines({ ...metadata, ...more })
  return frameBytes(call.type ?? 0, 0, pairs, call.body ?? null, call.id, call.serialization)
}

/** The bytes of any Motan2 frame; the id in hexadecimal. */
export function frameBytes(
  type: number,
  status: number,
  metadata: string,
  body: Buffer | null = null,
  id = '0000000000000001',
  serialization: number = Serialization.Simple,
): Buffer {
  const bytes = motan2(type, status, serialization, Buffer.from(metadata), body)
  const high = Number.parseInt(id.slice(0, 8), 16)
  putId(bytes, 0, high, Number.parseInt(id.slice(8), 16))
  return bytes
}

/** Metadata as a client writes it. */
export function lines(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs).flat().join('\n')
}

/** The frame that these bytes are, read as from a socket. */
export function frameOf(bytes: Buffer): Frame {
  return read(motanCodec, bytes)
}

export function request(call?: Call): Frame {
  return frameOf(requestBytes(call))
}

/** A response of status 0, or 1 where there is an exception. */
export function response(metadata: Readonly<Record<string, string>>, body?: Buffer): Frame {
  const status = metadata.M_e === undefined ? 0 : 1
  return frameOf(frameBytes(1, status, lines(metadata), body ?? null))
}

/** The metadata of a Motan2 frame. */
export function metadataOf({ buf, start }: Frame): string {
  return buf.toString('utf8', start + 17, start + 17 + buf.readUInt32BE(start + 13))
}

/** The body of a Motan2 frame. */
export function bodyOf({ buf, start, end }: Frame): Buffer {
  return buf.subarray(start + 21 + buf.readUInt32BE(start + 13), end)
}
