import type { Frame } from '../../frame.ts'
import { Match, type Protocol } from '../../protocol.ts'
import { Http1Client } from './client.ts'
import { asksTunnel } from './encode.ts'
import type { HttpHead } from './head.ts'
import { refusal, reply } from './reply.ts'
import { Http1Server } from './server.ts'

/** HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112). */
export const http1: Protocol = {
  name: 'http/1.1',
  match,
  server: (connection, intake) => new Http1Server(http1, connection, intake),
  client: (connection, owner) => new Http1Client(http1, connection, owner),
  poolKey: () => 0,
  service: (request) => (request.view as HttpHead).authority,
  method: (request) => (request.view as HttpHead).method,
  header,
  status: (response) => (response.view as HttpHead).status,
  idempotent: (request) => IDEMPOTENT.has((request.view as HttpHead).method),
  upgrade: (request) => {
    const head = request.view as HttpHead
    return asksTunnel(request, head) ? head.upgrade : null
  },
  timeoutMs: () => 0,
  reply: (request, outcome, sentence, status) => reply(http1, request, outcome, sentence, status),
  refusal: (sentence) => refusal(503, sentence, null),
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

function header(frame: Frame, name: string): string | undefined {
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
