import type { Frame } from '../../frame.ts'
import { grpcCode, grpcTimeoutMs, grpcTimeoutText } from '../../http/grpc.ts'
import { httpHeader, isIdempotent } from '../../http.ts'
import { Depth, Match, type Protocol } from '../../protocol.ts'
import { Http1Client } from './client.ts'
import { asksTunnel } from './encode.ts'
import type { Http1Head } from './head.ts'
import { bit, Kind } from './names.ts'
import { refusal, reply } from './reply.ts'
import { Http1Server } from './server.ts'

/** HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112). */
export const http1: Protocol = {
  name: 'http/1.1',
  speech: 'http',
  depth: Depth.Headers,
  room: 1,
  match,
  server: (connection, intake) => new Http1Server(http1, connection, intake),
  client: (connection, owner) => new Http1Client(http1, connection, owner),
  poolKey: () => 0,
  service: (request) => (request.view as Http1Head).authority,
  method: (request) => (request.view as Http1Head).method,
  header,
  status: (response) => (response.view as Http1Head).status,
  idempotent: isIdempotent,
  upgrade: (request) => {
    const head = request.view as Http1Head
    return asksTunnel(request, head) ? head.upgrade : null
  },
  callStatus: (frame) =>
    says(frame, Kind.GrpcStatus) ? grpcCode(httpHeader(frame, 'grpc-status')) : -1,
  timeoutMs,
  shorten: (request, leftMs) => {
    if (timeoutMs(request) !== 0) request.set('grpc-timeout', grpcTimeoutText(leftMs))
  },
  reply: (request, outcome, sentence, status) => reply(http1, request, outcome, sentence, status),
  refusal: (sentence, status = 503) => refusal(status, sentence, null),
}

/** The pseudo header that tells HTTP/1.0 from what the protocol is called. */
function header(frame: Frame, name: string): string | undefined {
  if (name !== ':version') return httpHeader(frame, name)
  return (frame.view as Http1Head).minor === 0 ? 'HTTP/1.0' : undefined
}

/** Only calls of gRPC say how long they wait; what is malformed says nothing. */
function timeoutMs(request: Frame): number {
  if (!says(request, Kind.GrpcTimeout)) return 0
  const head = request.view as Http1Head
  const calls = head.grpc || head.grpcWeb
  return calls ? Math.max(0, grpcTimeoutMs(head.header('grpc-timeout')!)) : 0
}

function says(frame: Frame, kind: Kind): boolean {
  return ((frame.view as Http1Head).kinds & bit(kind)) !== 0
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

/** A known method and a space. */
function match(head: Buffer): Match {
  const text = head.toString('latin1', 0, 8)
  for (const method of METHODS) {
    if (text.startsWith(`${method} `)) return Match.Yes
    if (method.startsWith(text)) return Match.NeedMore
  }
  return Match.No
}
