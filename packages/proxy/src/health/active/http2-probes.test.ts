import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { FakePatient } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { connectPlain } from './connect.ts'
import { GrpcProbe } from './grpc.ts'
import { healthRequest, servingStatus } from './health-message.ts'
import { HttpProbe } from './http.ts'
import type { Finding, Probe } from './probe.ts'

const stops: (() => void)[] = []
const sessions = new Set<http2.ServerHttp2Session>()

afterEach(() => {
  for (const stop of stops.splice(0).toReversed()) stop()
})

type Answerer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void

/** A host that speaks HTTP/2 and answers when it has heard the whole question. */
async function serve(answer: Answerer, hostname = ''): Promise<FakePatient> {
  const server = http2.createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => answer(stream, headers, Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return new FakePatient((server.address() as AddressInfo).port, { hostname })
}

function ask(probe: Probe): Promise<Finding> {
  stops.push(() => probe.cancel())
  return new Promise((resolve) => probe.start(resolve))
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

const HTTP = { kind: 'http', host: '', path: '/well', http2: true, expectedStatuses: [] } as const
const GRPC = { kind: 'grpc', service: '', authority: '' } as const
const HEAD = { ':status': 200, 'content-type': 'application/grpc' }

function grpcProbe(host: FakePatient, settings: object = {}): GrpcProbe {
  return new GrpcProbe(host, { ...GRPC, ...settings }, 'shop', 'http', connectPlain)
}

/** A `HealthCheckResponse` behind its prefix. */
function response(...message: number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, message.length, ...message])
}

function answering(body: Buffer, trailers: Record<string, string>, head: object = HEAD): Answerer {
  return (stream) => {
    stream.respond({ ...HEAD, ...head }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.end(body)
  }
}

describe('an HTTP probe over HTTP/2', () => {
  it('asks for its path, and leaves no connection', async () => {
    const heard: IncomingHttpHeaders[] = []
    const host = await serve((stream, headers) => {
      heard.push(headers)
      stream.respond({ ':status': 200 }, { endStream: true })
    })
    const probe = new HttpProbe(host, HTTP, 'shop', 'http', connectPlain)
    expect(await ask(probe)).toBeNull()
    expect(await ask(probe)).toBeNull()
    expect(probe.answered).toBe(true)
    expect(heard[1]).toMatchObject({
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': 'shop',
      ':path': '/well',
    })
    await until(() => sessions.size === 0)
  })

  it('does not wait for the body of an answer', async () => {
    const host = await serve((stream) => {
      stream.respond({ ':status': 503 })
      stream.write('more to come')
    })
    const probe = new HttpProbe(host, HTTP, 'shop', 'https', connectPlain)
    expect([await ask(probe), probe.answered]).toEqual(['answered 503', true])
  })

  it('says so when nobody listens, and when it is not HTTP/2', async () => {
    const server = net.createServer((socket) => {
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.1 200 OK\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = new FakePatient((server.address() as AddressInfo).port)
    const probe = new HttpProbe(host, HTTP, 'shop', 'http', connectPlain)
    expect([await ask(probe), probe.answered]).toEqual([
      expect.stringMatching(/^no answer: /),
      false,
    ])
    await new Promise((resolve) => server.close(resolve))
    expect(await ask(probe)).toMatch(/^no answer: .*ECONNREFUSED/)
  })
})

describe('a gRPC probe', () => {
  const cases: readonly (readonly [string, Answerer, Finding])[] = [
    ['serves', answering(response(8, 1), { 'grpc-status': '0' }), null],
    ['does not serve', answering(response(8, 2), { 'grpc-status': '0' }), 'answered NOT_SERVING'],
    ['does not know', answering(response(), { 'grpc-status': '0' }), 'answered UNKNOWN'],
    [
      'does not know the service',
      answering(response(8, 3), { 'grpc-status': '0' }),
      'answered SERVICE_UNKNOWN',
    ],
    [
      'fails behind its answer',
      answering(response(8, 1), { 'grpc-status': '13' }),
      'answered INTERNAL',
    ],
    [
      'has no such method',
      (stream) =>
        stream.respond(
          { ...HEAD, 'grpc-status': '12', 'grpc-message': 'no such %C3%BC' },
          { endStream: true },
        ),
      'answered UNIMPLEMENTED: no such ü',
    ],
    [
      'answers something else',
      answering(response(18, 1), { 'grpc-status': '0' }),
      'the answer is no HealthCheckResponse',
    ],
    [
      'breaks its answer off',
      answering(response(8, 1).subarray(0, 6), { 'grpc-status': '0' }),
      'the answer is no HealthCheckResponse',
    ],
    ['is not gRPC', answering(Buffer.from('fine'), {}), 'the answer is not gRPC'],
    [
      'is a proxy without hosts',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      'answered 503',
    ],
  ]
  it.each(cases)('of a host that %s', async (_name, answer, finding) => {
    const probe = grpcProbe(await serve(answer))
    expect(await ask(probe)).toBe(finding)
    expect(probe.answered).toBe(true)
    await until(() => sessions.size === 0)
  })

  it.each([
    ['the check', { authority: 'check.test' }, 'endpoint.test', 'check.test'],
    ['the endpoint', {}, 'endpoint.test', 'endpoint.test'],
    ['the cluster', {}, '', 'shop'],
  ])('takes the authority of %s', async (_, settings, hostname, expected) => {
    const heard = Promise.withResolvers<[IncomingHttpHeaders, Buffer]>()
    const host = await serve((_stream, headers, body) => heard.resolve([headers, body]), hostname)
    void ask(grpcProbe(host, { ...settings, service: 'shop.Cart' }))
    const [headers, body] = await heard.promise
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': expected,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    expect(body).toEqual(Buffer.from('\0\0\0\0\x0b\x0a\x09shop.Cart', 'latin1'))
  })

  it('gives up an answer without end', async () => {
    const host = await serve((stream) => {
      stream.respond(HEAD)
      const more = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384))) {}
      }
      stream.on('drain', more)
      more()
    })
    expect(await ask(grpcProbe(host))).toBe('no answer: it is too large')
    await until(() => sessions.size === 0)
  })

  it('lets go of its connection when it is cancelled', async () => {
    const probe = grpcProbe(await serve(() => {}))
    probe.start(() => expect.unreachable())
    await until(() => sessions.size === 1)
    probe.cancel()
    await until(() => sessions.size === 0)
  })
})

describe('the message of a health check', () => {
  it('is empty without a name', () => {
    expect(healthRequest('')).toEqual(Buffer.alloc(5))
  })

  it('has room for any name', () => {
    const asked = healthRequest('x'.repeat(300))
    expect(asked.subarray(0, 8)).toEqual(Buffer.from([0, 0, 0, 1, 47, 0x0a, 0xac, 0x02]))
    expect(asked).toHaveLength(308)
  })

  it.each([
    [Buffer.alloc(0), null],
    [Buffer.alloc(4), null],
    [Buffer.from([1, 0, 0, 0, 2, 8, 1]), null],
    [Buffer.from([0, 0, 0, 0, 1, 8]), null],
    [Buffer.from([0, 0, 0, 0, 2, 8, 9]), null],
    [Buffer.from([0, 0, 0, 0, 2, 8, 1]), 'SERVING'],
  ])('%j says %j', (body, status) => {
    expect(servingStatus(body)).toBe(status)
  })
})
