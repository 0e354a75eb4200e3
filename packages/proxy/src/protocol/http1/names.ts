/** Headers that a proxy must understand. What only passes is `Other`. Up to 16 have room in `Http1Head.lines`. */
export const Kind = {
  Other: 0,
  Host: 1,
  Connection: 2,
  ContentLength: 3,
  TransferEncoding: 4,
  /** Of one hop only, and of no meaning to us: keep-alive, proxy-connection, http2-settings. */
  Hop: 5,
  Te: 6,
  Upgrade: 7,
  Expect: 8,
  Server: 9,
  GrpcTimeout: 10,
  GrpcStatus: 11,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]

/** The bit of a kind in a set of kinds. */
export function bit(kind: Kind): number {
  return 1 << kind
}

const TE = bytes('te')
const HOST = bytes('host')
const EXPECT = bytes('expect')
const SERVER = bytes('server')
const UPGRADE = bytes('upgrade')
const CONNECTION = bytes('connection')
const KEEP_ALIVE = bytes('keep-alive')
const GRPC_STATUS = bytes('grpc-status')
const GRPC_TIMEOUT = bytes('grpc-timeout')
const CONTENT_LENGTH = bytes('content-length')
const HTTP2_SETTINGS = bytes('http2-settings')
const PROXY_CONNECTION = bytes('proxy-connection')
const TRANSFER_ENCODING = bytes('transfer-encoding')

/** What a header name of token characters at [start, start + length) means to a proxy. */
export function kindOf(buf: Uint8Array, start: number, length: number): Kind {
  switch (length) {
    case 2:
      return same(buf, start, TE) ? Kind.Te : Kind.Other
    case 4:
      return same(buf, start, HOST) ? Kind.Host : Kind.Other
    case 6:
      if (same(buf, start, SERVER)) return Kind.Server
      return same(buf, start, EXPECT) ? Kind.Expect : Kind.Other
    case 7:
      return same(buf, start, UPGRADE) ? Kind.Upgrade : Kind.Other
    case 10:
      if (same(buf, start, CONNECTION)) return Kind.Connection
      return same(buf, start, KEEP_ALIVE) ? Kind.Hop : Kind.Other
    case 11:
      return same(buf, start, GRPC_STATUS) ? Kind.GrpcStatus : Kind.Other
    case 12:
      return same(buf, start, GRPC_TIMEOUT) ? Kind.GrpcTimeout : Kind.Other
    case 14:
      if (same(buf, start, CONTENT_LENGTH)) return Kind.ContentLength
      return same(buf, start, HTTP2_SETTINGS) ? Kind.Hop : Kind.Other
    case 16:
      return same(buf, start, PROXY_CONNECTION) ? Kind.Hop : Kind.Other
    case 17:
      return same(buf, start, TRANSFER_ENCODING) ? Kind.TransferEncoding : Kind.Other
    default:
      return Kind.Other
  }
}

/** Whether the bytes at `start` are this lower-case name in any case. Both are of one length. */
export function nameIs(buf: Uint8Array, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (lower(buf[start + i]!) !== name.charCodeAt(i)) return false
  }
  return true
}

/** An ASCII letter as a small one; any other byte as it is. */
export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}

/** Among token characters `| 0x20` makes a letter of letters only. */
function same(buf: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((buf[start + i]! | 0x20) !== name[i]) return false
  }
  return true
}

function bytes(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(name))
}
