import { type Frame, FrameKind } from './frame.ts'
import { grpcCode, grpcTimeoutText } from './http/grpc.ts'
import { CALL_STATUS_LATER } from './protocol.ts'

/** Takes one header field: name in lower case; `sensitive` ones are never remembered by a table (RFC 7541 §7.1.3). */
export type FieldVisitor = (name: string, value: string, sensitive: boolean) => void

/**
 * The head of an HTTP message, or its trailers, whichever version brought it: what routes, filters and policies ask for,
 * and what another version needs to write it in its own form. Each version keeps its heads in the form that costs it
 * least; only a message that changes versions is taken apart into fields.
 */
export abstract class HttpHead {
  /** Of a request; '' for others. */
  method = ''
  /** Of an answer; 0 for others. */
  status = 0
  /** The number in Content-Length; -1 without one. */
  length = -1
  /** `Expect: 100-continue`. */
  expectsContinue = false
  /**
   * A call of gRPC-Web that a filter has made one of gRPC: it goes on with `te: trailers`, and its `grpc-timeout` counts.
   */
  grpcWeb = false

  /** The host and port that a request is for. */
  abstract get authority(): string
  /** The path with its query; undefined for CONNECT, which has none. */
  abstract get path(): string | undefined
  abstract get scheme(): string
  /**
   * The protocol a request asks to change to, in lower case: `websocket`; `connect` for CONNECT. An upgrade of HTTP/1.1
   * and an extended CONNECT (RFC 8441) are the same here. Null: it does not.
   */
  abstract get upgrade(): string | null
  /** TE names trailers: gRPC insists. */
  abstract get takesTrailers(): boolean
  /** A call of gRPC, or the answer to one, by its content-type. */
  abstract get grpc(): boolean
  /** A header by its lower-case name; fields of one name joined by `, ` (cookies by `; `). No pseudo headers. */
  abstract header(name: string): string | undefined
  /**
   * Every field that goes from end to end, in order: no pseudo headers and no Host, nothing of one hop only (Connection
   * and what it names, Transfer-Encoding, Upgrade, TE, …).
   */
  abstract each(visit: FieldVisitor): void
}

/** `Protocol.header` of both versions: pseudo headers too. */
export function httpHeader(frame: Frame, name: string): string | undefined {
  const head = frame.view as HttpHead
  if (name.charCodeAt(0) !== 58) return head.header(name)
  if (head.status !== 0) return name === ':status' ? String(head.status) : undefined
  switch (name) {
    case ':path':
      return head.path
    case ':method':
      return head.method
    case ':authority':
      return head.authority
    case ':scheme':
      return head.scheme
    default:
      return undefined
  }
}

/** `Protocol.callStatus` of HTTP: gRPC's status ends an answer, in its trailers or in a head that is all of it. */
export function grpcStatusIn(frame: Frame): number {
  const head = frame.view as HttpHead
  if (frame.kind === FrameKind.Trailers) return grpcCode(head.header('grpc-status'))
  if (!head.grpc) return -1
  const code = grpcCode(head.header('grpc-status'))
  return code < 0 && !frame.last && head.status === 200 ? CALL_STATUS_LATER : code
}

/** `Protocol.shorten` of HTTP. */
export function shortenGrpcTimeout(request: Frame, leftMs: number): void {
  request.set('grpc-timeout', grpcTimeoutText(leftMs))
}

/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
])

/** `Protocol.idempotent` of both versions. */
export function isIdempotent(request: Frame): boolean {
  return IDEMPOTENT.has((request.view as HttpHead).method)
}
