import type { Frame } from '../../frame.ts'
import { grpcTimeoutMs } from '../../http/grpc.ts'
import {
  grpcStatusIn,
  type HttpHead,
  httpHeader,
  isIdempotent,
  shortenGrpcTimeout,
} from '../../http.ts'
import { Depth, Match, type Protocol } from '../../protocol.ts'
import { Http2Client } from './client.ts'
import { reply } from './reply.ts'
import { Http2Server } from './server.ts'
import { PREFACE } from './wire.ts'

/** HTTP/2 (RFC 9113), by prior knowledge or by TLS's ALPN; gRPC is HTTP/2 with rules of its own. */
export const http2: Protocol = {
  name: 'h2',
  speech: 'http',
  depth: Depth.Headers,
  room: 100,
  match,
  server: (connection, intake) => new Http2Server(http2, connection, intake),
  client: (connection, owner) => new Http2Client(http2, connection, owner),
  poolKey: () => 0,
  service: (request) => (request.view as HttpHead).authority,
  method: (request) => (request.view as HttpHead).method,
  header: httpHeader,
  status: (response) => (response.view as HttpHead).status,
  callStatus: grpcStatusIn,
  idempotent: isIdempotent,
  upgrade: (request) => (request.view as HttpHead).upgrade,
  timeoutMs,
  shorten,
  reply: (request, outcome, sentence, status) => reply(http2, request, outcome, sentence, status),
  refusal: () => null,
}

/** Of Triple's calls that are not gRPC (Dubbo 3): milliseconds. */
const TRIPLE_TIMEOUT = 'tri-service-timeout'

/** Calls say how long they wait; other requests do not. */
function timeoutMs(request: Frame): number {
  const head = request.view as HttpHead
  if (head.grpc || head.grpcWeb) {
    const said = request.header('grpc-timeout')
    return said === undefined ? 0 : Math.max(grpcTimeoutMs(said), 0)
  }
  const said = head.method === 'POST' ? head.header(TRIPLE_TIMEOUT) : undefined
  return said !== undefined && /^\d{1,9}$/.test(said) ? Number(said) : 0
}

function shorten(request: Frame, leftMs: number): void {
  const head = request.view as HttpHead
  if (head.grpc || head.grpcWeb) shortenGrpcTimeout(request, leftMs)
  else request.set(TRIPLE_TIMEOUT, String(Math.max(1, Math.floor(leftMs))))
}

/** The client's preface, which begins with a method that HTTP/1 does not have. */
function match(head: Buffer): Match {
  const bytes = Math.min(head.length, PREFACE.length)
  if (PREFACE.compare(head, 0, bytes, 0, bytes) !== 0) return Match.No
  return head.length < PREFACE.length ? Match.NeedMore : Match.Yes
}
