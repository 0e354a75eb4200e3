import { hostname } from 'node:os'
import type { Connection } from '../connection.ts'
import type { Frame } from '../frame.ts'
import { Outcome } from '../outcome.ts'
import { Depth } from '../protocol.ts'
import type { Stream } from '../stream.ts'
import { grpcOperators } from './grpc-operators.ts'
import { filled, type Operator, plain, type Read, type Say } from './operator.ts'
import { compileTime, isoTime } from './time.ts'
import { tlsOperators } from './tls-operators.ts'

/** Every operator, in the order of the documentation. */
export const operators: Readonly<Record<string, Operator>> = {
  START_TIME: {
    help:
      'when the request began, in UTC: `2026-11-22T10:00:00.000Z`, or as the strftime ' +
      'format in the brackets says, where `%3f` is milliseconds and `%s` seconds since 1970',
    argument: 'format',
    required: false,
    compile: startTime,
  },
  REQ: {
    help:
      'a header of the request, or if there is none the other; `:10` behind the brackets ' +
      'keeps 10 characters. Also `:METHOD`, `:PATH`, `:AUTHORITY`; `X-ENVOY-ORIGINAL-PATH` ' +
      'is the path as it came, when it was rewritten',
    argument: 'name?other',
    required: true,
    reads: Depth.Headers,
    compile: (argument, say) => headers(argument, requestHeader, say),
  },
  RESP: {
    help:
      'a header of the answer, in the same way; `X-ENVOY-UPSTREAM-SERVICE-TIME` is the ' +
      'milliseconds from the request sent to the first byte of its answer',
    argument: 'name?other',
    required: true,
    reads: Depth.Headers,
    compile: (argument, say) => headers(argument, responseHeader, say),
  },
  TRAILER: {
    help: 'a trailer of the answer, in the same way',
    argument: 'name?other',
    required: true,
    reads: Depth.Headers,
    compile: (argument, say) => headers(argument, responseTrailer, say),
  },
  PROTOCOL: plain('the protocol the client speaks: `HTTP/1.1`, `HTTP/2`, `bolt`', protocol),
  SERVICE: plain(
    'the service called; for HTTP the authority',
    ({ request }) => filled(request.protocol.service(request)),
    Depth.Names,
  ),
  METHOD: plain(
    'the method called; for HTTP the method of the request',
    ({ request }) => filled(request.protocol.method(request)),
    Depth.Names,
  ),
  TRACE_ID: plain('the trace it belongs to, where requests are traced', ({ traceId }) =>
    filled(traceId),
  ),
  RESPONSE_CODE: plain('the status of the answer in the words of HTTP; 0 without one', status),
  RESPONSE_CODE_DETAILS: plain(
    'why there is this answer: `via_upstream`, or the sentence that explains what the proxy did',
    details,
  ),
  RESPONSE_FLAGS: plain(
    "Envoy's short flag for how the request ended: `UH`, `UF`",
    ({ outcome }) => (outcome === Outcome.Ok ? null : outcome.flag),
  ),
  RESPONSE_FLAGS_LONG: plain('the same in a word: `no_healthy_host`', ({ outcome }) =>
    outcome === Outcome.Ok ? null : outcome.name,
  ),
  ...grpcOperators,
  BYTES_RECEIVED: plain('bytes of the request, heads not counted', (stream) => stream.requestBytes),
  BYTES_SENT: plain('bytes of the answer, heads not counted', (stream) => stream.responseBytes),
  DURATION: plain('milliseconds from the first byte of the request to the end', (stream) =>
    stream.ended ? Math.floor(stream.down.intake.turn.now - stream.startedAt) : null,
  ),
  REQUEST_DURATION: plain(
    'milliseconds from the first byte of the request to its last',
    ({ requestDoneAt, startedAt }) => between(startedAt, requestDoneAt),
  ),
  RESPONSE_DURATION: plain(
    'milliseconds from the first byte of the request to the first byte of the answer',
    ({ answeredAt, startedAt }) => between(startedAt, answeredAt),
  ),
  UPSTREAM_HOST: plain('the address of the host that was chosen', hostAddress),
  UPSTREAM_CLUSTER: plain('the cluster that was chosen', (stream) => filled(stream.clusterName)),
  UPSTREAM_LOCAL_ADDRESS: plain('our address on the connection to the host', ({ up }) =>
    up === null ? null : localAddress(up.connection),
  ),
  UPSTREAM_REMOTE_ADDRESS: plain('the address of the host that was chosen', hostAddress),
  UPSTREAM_PROTOCOL: plain('the protocol spoken with the host', ({ up }) =>
    up === null ? null : filled(spelled(up.speaks)),
  ),
  UPSTREAM_REQUEST_ATTEMPT_COUNT: plain(
    'how often the request was sent',
    ({ attempts }) => attempts,
  ),
  UPSTREAM_TRANSPORT_FAILURE_REASON: plain('why no connection to the host came about', (stream) =>
    stream.outcome === Outcome.ConnectFailed || stream.outcome === Outcome.ConnectTimeout
      ? filled(stream.detail)
      : null,
  ),
  DOWNSTREAM_REMOTE_ADDRESS: plain(
    "the client's address and port, or as far as they are believed the address that proxies " +
      'before us tell, with port 0',
    (stream) => address(stream.clientAddress, remotePort(stream)),
  ),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: plain('the same without the port', (stream) =>
    filled(stream.clientAddress),
  ),
  DOWNSTREAM_REMOTE_PORT: plain("the client's port; 0 where proxies told its address", remotePort),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: plain(
    'the address and port of who connected, whatever proxies tell',
    ({ down }) => {
      const { remoteAddress = '', remotePort = 0 } = down.connection.socket
      return address(remoteAddress, remotePort)
    },
  ),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: plain('the same without the port', ({ down }) =>
    filled(down.connection.socket.remoteAddress),
  ),
  DOWNSTREAM_DIRECT_REMOTE_PORT: plain(
    'the port of who connected',
    ({ down }) => down.connection.socket.remotePort ?? 0,
  ),
  DOWNSTREAM_LOCAL_ADDRESS: plain('the address and port the client connected to', ({ down }) =>
    localAddress(down.connection),
  ),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: plain('the address the client connected to', ({ down }) =>
    filled(down.connection.localAddress),
  ),
  DOWNSTREAM_LOCAL_PORT: plain(
    'the port the client connected to',
    ({ down }) => down.connection.localPort,
  ),
  ROUTE_NAME: plain('the name of the route', ({ routeName }) => filled(routeName)),
  HOSTNAME: {
    help: 'the name of this machine',
    argument: '',
    required: false,
    compile: () => constant(hostname()),
  },
  ...tlsOperators,
  CONNECTION_TERMINATION_DETAILS: plain('none; known so that formats keep working', () => null),
}

function constant(value: string): Read {
  return () => value
}

function startTime(format: string, say: Say): Read {
  const write = format === '' ? isoTime : compileTime(format, say)
  return ({ down, startedAt }) => {
    const { clock, now } = down.intake.turn
    return write(clock.wall() - (now - startedAt))
  }
}

type HeaderRead = (stream: Stream, name: string) => string | undefined

/** Headers of HTTP are asked for in lower case, those of RPC as they are written. */
function headers(argument: string, read: HeaderRead, say: Say): Read {
  const names = argument.split('?').map((name) => name.trim())
  if (names.length > 2) say(`"${argument}" names more than one other header`)
  if (names.includes('')) say(`"${argument}" must be a header's name, or two with "?" between`)
  const spellings = names.flatMap((name) => [...new Set([name.toLowerCase(), name])])
  return (stream) => {
    for (const spelling of spellings) {
      const value = read(stream, spelling)
      if (value !== undefined && value !== '') return value
    }
    return null
  }
}

function requestHeader({ request }: Stream, name: string): string | undefined {
  return (
    request.header(name) ?? (name === 'x-envoy-original-path' ? pathAsItCame(request) : undefined)
  )
}

function pathAsItCame(request: Frame): string | undefined {
  if (request.edits === null) return undefined
  const path = request.protocol.header(request, ':path')
  return path === request.header(':path') ? undefined : path
}

function responseHeader(stream: Stream, name: string): string | undefined {
  const value = stream.response?.header(name)
  if (value !== undefined || name !== 'x-envoy-upstream-service-time') return value
  const { sentAt, answeredAt } = stream
  return sentAt === 0 || answeredAt === 0 ? undefined : String(Math.floor(answeredAt - sentAt))
}

function responseTrailer({ responseTrailers }: Stream, name: string): string | undefined {
  return responseTrailers?.header(name)
}

/** Lists of addresses tell none. */
function remotePort(stream: Stream): number {
  const { origin } = stream
  const told = origin === null ? null : origin.addressOf(stream)
  return told === null ? stream.down.connection.remotePort : 0
}

/** HTTP/1 has two versions under one name. */
function protocol({ request }: Stream): string {
  const { speech, name } = request.protocol
  const version = speech === 'http' ? request.protocol.header(request, ':version') : undefined
  return version ?? spelled(name)
}

/** A protocol as logs write it. */
function spelled(name: string): string {
  if (name === 'h2') return 'HTTP/2'
  return name.startsWith('http/') ? name.toUpperCase() : name
}

function status(stream: Stream): number {
  if (stream.status !== 0 || stream.response === null) return stream.status
  return stream.response.protocol.status(stream.response)
}

function details({ outcome, detail }: Stream): string {
  if (detail !== '') return detail
  return outcome === Outcome.Ok ? 'via_upstream' : outcome.name
}

function hostAddress({ host }: Stream): string | null {
  return host === null ? null : host.address
}

function localAddress(connection: Connection): string | null {
  return address(connection.localAddress, connection.localPort)
}

function address(host: string, port: number): string | null {
  if (host === '') return null
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Null while either moment has not come. */
function between(from: number, to: number): number | null {
  return to === 0 ? null : Math.floor(to - from)
}
