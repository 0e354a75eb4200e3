import { field, HpackEncoder } from '@tulle/proxy'

/** Connections of HTTP/2 in many shapes, each good, for tests that spoil them. */

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const END_STREAM = 1
const END_HEADERS = 4
const Type = { Data: 0, Headers: 1, Reset: 3, Settings: 4, Ping: 6, GoAway: 7, Window: 8 } as const

/** A frame of any type (RFC 9113 §4.1). */
export function http2Frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, payload])
}

/** A header block; names and values in turn. One encoder writes the blocks of one connection. */
export function http2Block(encoder: HpackEncoder, ...texts: readonly string[]): Buffer {
  const buf = Buffer.alloc(texts.reduce((sum, text) => sum + text.length + 40, 40))
  let at = encoder.begin(buf, 0)
  for (let i = 0; i < texts.length; i += 2)
    at = encoder.encode(field(texts[i]!, texts[i + 1]!), buf, at)
  return buf.subarray(0, at)
}

/** Preface and SETTINGS. */
export const http2Greeting: Buffer = Buffer.concat([PREFACE, settings(4, 200)])

/** What clients send behind their greeting. */
export const http2Requests: readonly Buffer[] = [
  connection((head) => [head(1, END_STREAM, ...get('/')), head(3, END_STREAM, ...get('/a?b'))]),
  connection((head) => [
    head(1, 0, ...post('/', 'content-length', '5')),
    data(1, 0, 'he'),
    data(1, END_STREAM, 'llo'),
    head(3, 0, ...post('/p.S/M', 'content-type', 'application/grpc', 'te', 'trailers')),
    data(3, 0, '\0\0\0\0\x01x'),
    head(3, END_STREAM, 'x-sum', '1'),
  ]),
  connection((head) => [
    head(1, 0, ':method', 'CONNECT', ':authority', 'db:5432'),
    data(1, 0, 'bytes'),
    head(3, 0, ...chat()),
    data(3, END_STREAM, ''),
    head(5, END_STREAM, ':method', 'HEAD', ...get('/').slice(2)),
    data(1, END_STREAM, 'end'),
  ]),
  connection((head) => [
    head(1, 0, ...post('/')),
    reset(1, 8),
    settings(4, 10, 1, 0),
    head(3, END_STREAM, ...get('/cookie'), 'cookie', 'a=1', 'cookie', 'b=2'),
    window(3, 5),
    window(0, 1000),
    http2Frame(Type.Ping, 0, 0, Buffer.alloc(8)),
    settings(4, 65_535, 1, 4096),
    http2Frame(Type.Headers, END_STREAM, 5, http2Block(new HpackEncoder(), ...get('/split'))),
    http2Frame(9, END_HEADERS, 5, Buffer.alloc(0)),
    http2Frame(Type.GoAway, 0, 0, Buffer.alloc(8)),
  ]),
]

/** What hosts answer to requests on streams 1, 3, 5, 7 and 9. */
export const http2Answers: readonly Buffer[] = [
  connection((head) => [
    settings(3, 100),
    head(1, 0, ':status', '200', 'content-length', '2'),
    data(1, END_STREAM, 'ok'),
    head(3, END_STREAM, ':status', '404'),
    head(5, END_STREAM, ':status', '204'),
  ]),
  connection((head) => [
    settings(4, 3, 8, 1),
    head(3, 0, ':status', '100'),
    head(3, 0, ':status', '103', 'link', '</a>'),
    head(3, 0, ':status', '200'),
    data(3, 0, 'some'),
    window(3, 100),
    head(3, END_STREAM, 'grpc-status', '0'),
    head(7, 0, ':status', '200'),
    data(7, 0, 'through'),
    data(7, END_STREAM, ''),
    reset(1, 7),
  ]),
  connection((head) => [
    settings(1, 0, 3, 2),
    http2Frame(Type.Settings, 1, 0, Buffer.alloc(0)),
    head(9, 0, ':status', '200'),
    data(9, END_STREAM, 'x'.repeat(300)),
    http2Frame(Type.GoAway, 0, 0, Buffer.from([0, 0, 0, 5, 0, 0, 0, 0])),
    head(1, END_STREAM, ':status', '200'),
  ]),
]

function get(path: string): readonly string[] {
  return [':method', 'GET', ':scheme', 'http', ':authority', 'shop', ':path', path, 'x-fuzz', 'yes']
}

function post(path: string, ...more: readonly string[]): readonly string[] {
  return [':method', 'POST', ':scheme', 'http', ':authority', 'shop', ':path', path, ...more]
}

function chat(): readonly string[] {
  const upgrade = [':method', 'CONNECT', ':protocol', 'websocket']
  return [...upgrade, ':scheme', 'http', ':authority', 'shop', ':path', '/chat']
}

type Head = (id: number, flags: number, ...texts: readonly string[]) => Buffer

function connection(frames: (head: Head) => readonly Buffer[]): Buffer {
  const encoder = new HpackEncoder()
  const head: Head = (id, flags, ...texts) =>
    http2Frame(Type.Headers, flags | END_HEADERS, id, http2Block(encoder, ...texts))
  return Buffer.concat(frames(head))
}

function data(id: number, flags: number, text: string): Buffer {
  return http2Frame(Type.Data, flags, id, Buffer.from(text, 'latin1'))
}

function reset(id: number, code: number): Buffer {
  return http2Frame(Type.Reset, 0, id, Buffer.of(0, 0, 0, code))
}

function window(id: number, more: number): Buffer {
  return http2Frame(Type.Window, 0, id, Buffer.of(0, 0, more >> 8, more & 255))
}

/** Names and values in turn. */
function settings(...list: readonly number[]): Buffer {
  const payload = Buffer.alloc(list.length * 3)
  for (let i = 0, at = 0; i < list.length; i += 2) {
    at = payload.writeUInt16BE(list[i]!, at)
    at = payload.writeUInt32BE(list[i + 1]!, at)
  }
  return http2Frame(Type.Settings, 0, 0, payload)
}
