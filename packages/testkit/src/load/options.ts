import { BoltCaller } from './bolt-caller.ts'
import { encodeRequest } from './bolt-frame.ts'
import type { Caller, CallerOwner } from './caller.ts'
import { HttpCaller } from './http-caller.ts'
import { RedisCaller } from './redis-caller.ts'
import { encodeCommand } from './resp.ts'

/** What a load consists of. */
export interface LoadOptions {
  readonly protocol: 'bolt' | 'http' | 'redis'
  /** @default "127.0.0.1" */
  readonly host: string
  readonly port: number
  /** @default 8 */
  readonly connections: number
  /** Calls at once per connection; HTTP/1.1 always has one. @default 1 */
  readonly inFlight: number
  /** Calls a second, begun by the clock; 0 is a closed loop. @default 0 */
  readonly ratePerSecond: number
  /** A call without an answer for so long has failed. @default 10000 */
  readonly timeoutMs: number
  /** Bytes of the request's body. @default 0 for HTTP, 200 for Bolt */
  readonly bodyBytes: number
  /** Bolt: `interface:version`. HTTP: the Host header. Redis: the key. */
  readonly service: string
  /** Bolt: the method. HTTP: the path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** Options for a protocol and a port, the rest by default. */
export function loadOptions(
  given: Partial<LoadOptions> & Pick<LoadOptions, 'protocol' | 'port'>,
): LoadOptions {
  const bolt = given.protocol === 'bolt'
  return {
    host: '127.0.0.1',
    connections: 8,
    inFlight: 1,
    ratePerSecond: 0,
    timeoutMs: 10_000,
    bodyBytes: bolt ? 200 : 0,
    service: bolt ? 'org.example.EchoService:1.0' : 'localhost',
    path: bolt ? 'echo' : '/',
    headers: {},
    ...given,
  }
}

/** Opens connections that carry the calls of these options; the request's bytes are made once. */
export function callerFactory(options: LoadOptions): (owner: CallerOwner) => Caller {
  if (options.protocol === 'http') {
    const request = httpRequest(options)
    return (owner) => new HttpCaller(options, owner, request)
  }
  if (options.protocol === 'redis') {
    const request = encodeCommand('GET', options.service)
    return (owner) => new RedisCaller(options, owner, request, options.inFlight)
  }
  const request = encodeRequest({
    service: options.service,
    method: options.path,
    headers: options.headers,
    content: Buffer.alloc(options.bodyBytes, 'b'),
    timeoutMs: options.timeoutMs,
  })
  return (owner) => new BoltCaller(options, owner, request, options.inFlight)
}

function httpRequest(options: LoadOptions): Buffer {
  const { bodyBytes } = options
  const lines = [
    `${bodyBytes > 0 ? 'POST' : 'GET'} ${options.path} HTTP/1.1`,
    `Host: ${options.service}`,
    ...Object.entries(options.headers).map(([name, value]) => `${name}: ${value}`),
    ...(bodyBytes > 0 ? [`Content-Length: ${bodyBytes}`] : []),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.alloc(bodyBytes, 'b')])
}
