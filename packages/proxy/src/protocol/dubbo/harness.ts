import { createRequire } from 'node:module'
import type { Frame } from '../../frame.ts'
import { frameOf as read } from '../../transcode/codec-harness.ts'
import { dubboCodec } from './dubbo.ts'
import { HEADER_BYTES } from './frame.ts'

/** What tests use of the npm package `hessian.js`, which has no types. */
interface Hessian {
  encode(value: unknown, version: '2.0'): Buffer
  decode(bytes: Buffer, version: '2.0'): unknown
}
const hessian = createRequire(import.meta.url)('hessian.js') as Hessian

/** A value in Hessian 2.0, by a writer that is not ours. Bytes are taken as they are. */
export function value(it: unknown): Buffer {
  return Buffer.isBuffer(it) ? it : hessian.encode(it, '2.0')
}

/** What a reader that is not ours makes of a value. */
export function decoded(bytes: Buffer): unknown {
  return hessian.decode(bytes, '2.0')
}

/** A map of texts as Java writes attachments. */
export function map(pairs: Readonly<Record<string, unknown>>): Buffer {
  const parts = Object.entries(pairs).flatMap(([key, it]) => [value(key), value(it)])
  return Buffer.concat([Buffer.from('H'), ...parts, Buffer.from('Z')])
}

/** A request's parts; values are encoded, bytes taken as they are. */
export interface Call {
  readonly flag?: number
  readonly id?: string
  readonly service?: unknown
  readonly version?: unknown
  readonly method?: unknown
  readonly descriptor?: unknown
  readonly args?: readonly unknown[]
  readonly attachments?: unknown
}

/** The bytes of a request: `shop.Basket:1.0`, `put()`, where nothing else is said. */
export function requestBytes(call: Call = {}): Buffer {
  const { attachments = {}, args = [] } = call
  return frameBytes(
    call.flag ?? 0xc2,
    0,
    Buffer.concat([
      value('2.0.2'),
      value(call.service ?? 'shop.Basket'),
      value(call.version === undefined ? '1.0' : call.version),
      value(call.method ?? 'put'),
      value(call.descriptor ?? ''),
      ...args.map(value),
      Buffer.isBuffer(attachments) ? attachments : map(attachments as Record<string, unknown>),
    ]),
    call.id,
  )
}

export function frameBytes(
  flag: number,
  status: number,
  body: Buffer,
  id = '0000000000000001',
): Buffer {
  const header = Buffer.from(`dabb0000${id}00000000`, 'hex')
  header[2] = flag
  header[3] = status
  header.writeUInt32BE(body.length, 12)
  return Buffer.concat([header, body])
}

/** The frame that these bytes are, read as from a socket. */
export function frameOf(bytes: Buffer): Frame {
  return read(dubboCodec, bytes)
}

export function request(call?: Call): Frame {
  return frameOf(requestBytes(call))
}

/** A response of status 20. */
export function response(...body: readonly unknown[]): Frame {
  return frameOf(frameBytes(0x02, 20, Buffer.concat(body.map(value))))
}

export function bodyOf({ buf, start, end }: Frame): Buffer {
  return buf.subarray(start + HEADER_BYTES, end)
}
