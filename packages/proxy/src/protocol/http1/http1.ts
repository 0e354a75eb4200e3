import { httpHeader, isIdempotent } from '../../http.ts'
import { Match, type Protocol } from '../../protocol.ts'
import { Http1Client } from './client.ts'
import { asksTunnel } from './encode.ts'
import type { Http1Head } from './head.ts'
import { refusal, reply } from './reply.ts'
import { Http1Server } from './server.ts'

/** HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112). */
export const http1: Protocol = {
  name: 'http/1.1',
  speech: 'http',
  room: 1,
  match,
  server: (connection, intake) => new Http1Server(http1, connection, intake),
  client: (connection, owner) => new Http1Client(http1, connection, owner),
  poolKey: () => 0,
  service: (request) => (request.view as Http1Head).authority,
  method: (request) => (request.view as Http1Head).method,
  header: httpHeader,
  status: (response) => (response.view as Http1Head).status,
  idempotent: isIdempotent,
  upgrade: (request) => {
    const head = request.view as Http1Head
    return asksTunnel(request, head) ? head.upgrade : null
  },
  timeoutMs: () => 0,
  reply: (request, outcome, sentence, status) => reply(http1, request, outcome, sentence, status),
  refusal: (sentence) => refusal(503, sentence, null),
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
