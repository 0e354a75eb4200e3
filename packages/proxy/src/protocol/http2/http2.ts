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
  timeoutMs: (request) => {
    const head = request.view as HttpHead
    const timeout = head.grpc || head.grpcWeb ? request.header('grpc-timeout') : undefined
    return timeout === undefined ? 0 : Math.max(grpcTimeoutMs(timeout), 0)
  },
  shorten: shortenGrpcTimeout,
  reply: (request, outcome, sentence, status) => reply(http2, request, outcome, sentence, status),
  refusal: () => null,
}

/** The client's preface, which begins with a method that HTTP/1 does not have. */
function match(head: Buffer): Match {
  const bytes = Math.min(head.length, PREFACE.length)
  if (PREFACE.compare(head, 0, bytes, 0, bytes) !== 0) return Match.No
  return head.length < PREFACE.length ? Match.NeedMore : Match.Yes
}
