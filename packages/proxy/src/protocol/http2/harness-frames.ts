import { Literal, literal } from './hpack/harness.ts'
import { Flag, FrameType, HEAD_BYTES, PREFACE } from './wire.ts'
import { setFrameHead } from './write.ts'

/** For tests: frames of HTTP/2 as bytes, good ones and others. */

export type Pair = readonly [name: string, value: string]

const NOTHING: Buffer = Buffer.alloc(0)

export function frame(type: number, flags: number, id: number, payload: Buffer = NOTHING): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  setFrameHead(head, 0, payload.length, type, flags, id)
  return Buffer.concat([head, payload])
}

/** Names and values in turn. */
export function settings(...list: readonly number[]): Buffer {
  const payload = Buffer.alloc(list.length * 3)
  for (let i = 0, at = 0; i < list.length; i += 2) {
    at = payload.writeUInt16BE(list[i]!, at)
    at = payload.writeUInt32BE(list[i + 1]!, at)
  }
  return frame(FrameType.Settings, 0, 0, payload)
}

export const settingsAck: Buffer = frame(FrameType.Settings, Flag.Ack, 0)

/** What a client that wants nothing special says first. */
export function greeting(...list: readonly number[]): Buffer {
  return Buffer.concat([PREFACE, settings(...list)])
}

/** `payload` is eight characters. */
export function ping(payload = 'pingping', ack = false): Buffer {
  return frame(FrameType.Ping, ack ? Flag.Ack : 0, 0, Buffer.from(payload, 'latin1'))
}

export function reset(id: number, code: number): Buffer {
  return frame(FrameType.RstStream, 0, id, number(code))
}

export function windowUpdate(id: number, more: number): Buffer {
  return frame(FrameType.WindowUpdate, 0, id, number(more))
}

export function priority(id: number, on: number): Buffer {
  return frame(FrameType.Priority, 0, id, Buffer.concat([number(on), Buffer.of(15)]))
}

export function goAway(last: number, code: number, text = ''): Buffer {
  const payload = Buffer.concat([number(last), number(code), Buffer.from(text, 'latin1')])
  return frame(FrameType.GoAway, 0, 0, payload)
}

/** `pad` puts so many bytes of padding behind it; below 0 none, not even the flag. */
export function data(id: number, body: string | Buffer, end = false, pad = -1): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  const flags = (end ? Flag.EndStream : 0) | (pad >= 0 ? Flag.Padded : 0)
  if (pad < 0) return frame(FrameType.Data, flags, id, bytes)
  return frame(FrameType.Data, flags, id, Buffer.concat([Buffer.of(pad), bytes, Buffer.alloc(pad)]))
}

/** A header block in one frame; `fields` as literals that enter no table, or bytes as they are. */
export function headers(id: number, fields: readonly Pair[] | Buffer, end = false): Buffer {
  const flags = Flag.EndHeaders | (end ? Flag.EndStream : 0)
  return frame(FrameType.Headers, flags, id, block(fields))
}

/** The same with padding and a priority. */
export function fullHeaders(id: number, fields: readonly Pair[], end: boolean, pad = 3): Buffer {
  const flags = Flag.EndHeaders | Flag.Padded | Flag.Priority | (end ? Flag.EndStream : 0)
  const payload = [Buffer.of(pad), number(0), Buffer.of(200), block(fields), Buffer.alloc(pad)]
  return frame(FrameType.Headers, flags, id, Buffer.concat(payload))
}

/** HEADERS and so many CONTINUATIONs. */
export function cutHeaders(
  id: number,
  fields: readonly Pair[],
  end: boolean,
  pieces: number,
): Buffer {
  const bytes = block(fields)
  const size = Math.ceil(bytes.length / (pieces + 1))
  const out: Buffer[] = []
  for (let i = 0; i <= pieces; i++) {
    const piece = bytes.subarray(i * size, (i + 1) * size)
    const last = i === pieces ? Flag.EndHeaders : 0
    if (i === 0)
      out.push(frame(FrameType.Headers, last | (end ? Flag.EndStream : 0), id, Buffer.from(piece)))
    else out.push(frame(FrameType.Continuation, last, id, Buffer.from(piece)))
  }
  return Buffer.concat(out)
}

/** A request without a body, or the head of one with it. */
export function request(
  id: number,
  path = '/',
  fields: readonly Pair[] = [],
  { method = 'GET', end = true }: { readonly method?: string; readonly end?: boolean } = {},
): Buffer {
  return headers(id, requestFields(path, fields, method), end)
}

export function requestFields(
  path = '/',
  fields: readonly Pair[] = [],
  method = 'GET',
): readonly Pair[] {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':authority', 'shop'],
    [':path', path],
    ...fields,
  ]
}

export function answer(id: number, status = 200, fields: readonly Pair[] = [], end = true): Buffer {
  return headers(id, [[':status', String(status)], ...fields], end)
}

export function block(fields: readonly Pair[] | Buffer): Buffer {
  if (Buffer.isBuffer(fields)) return fields
  return Buffer.concat(fields.map(([name, value]) => literal(Literal.Plain, name, value)))
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
