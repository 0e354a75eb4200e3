import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  cluster,
  deadPort,
  everything,
  type GrpcMethods,
  httpChain,
  listener,
  Stage,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

/** Hosts speak HTTP/2. */
const H2 = {
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
}

const YES: GrpcMethods = { unary: (_call, done) => done(null, Buffer.from('yes')) }
function failing(code: number, details = 'not now'): GrpcMethods {
  return { unary: (_call, done) => done({ code, details }) }
}

/** A client that calls these hosts, or ports, through a proxy. */
async function through(
  hosts: readonly (GrpcMethods | number)[],
  route: Record<string, unknown> = {},
  extra: Record<string, unknown> = {},
  web = webListener('a', route),
) {
  const ports: number[] = []
  for (const host of hosts)
    ports.push(typeof host === 'number' ? host : (await stage.grpcHost(host)).port)
  const proxy = await stage.proxy([web], [cluster('a', ports, { ...H2, ...extra })])
  const client = await stage.grpcClient(proxy.port('web'))
  /** By status. */
  const calls = (family: 'downstream_grpc' | 'upstream_grpc'): Record<string, unknown> =>
    Object.fromEntries(
      proxy.runtime.site.metrics
        .sample()
        .filter((one) => one.family === family)
        .map((one) => [one.labels.at(-1), one.values.calls]),
    )
  return { proxy, client, calls }
}

describe('a unary call', () => {
  it('goes there and back with metadata and trailers', async () => {
    const { client, calls } = await through([
      {
        unary: (call, done) => {
          const trailers = call.metadata.clone()
          trailers.remove('user-agent')
          done(null, Buffer.from(`heard ${call.request}`), trailers)
        },
      },
    ])
    const answer = await client.unary('hello', {}, { 'x-color': 'red' })
    expect(answer).toMatchObject({ code: 0, message: 'heard hello' })
    expect(answer.trailers['x-color']).toBe('red')
    await until(() => calls('downstream_grpc').OK === 1)
    expect([calls('downstream_grpc'), calls('upstream_grpc')]).toEqual([{ OK: 1 }, { OK: 1 }])
  })

  it('keeps the code and the message of its host, in whatever language', async () => {
    const { proxy, client, calls } = await through([failing(9, 'größer als 100 %')])
    expect(await client.unary('x')).toMatchObject({ code: 9, details: 'größer als 100 %' })
    expect(proxy.cluster('a')).toMatchObject({ rq_2xx: 1, rq_5xx: 0 })
    expect(calls('upstream_grpc')).toEqual({ FAILED_PRECONDITION: 1 })
  })

  it('of a method that no host knows is told so', async () => {
    const { client } = await through([{}])
    expect((await client.unary('x')).code).toBe(12)
  })
})

describe('a stream of messages', () => {
  it('up is answered once', async () => {
    const { client } = await through([
      {
        up: (call, done) => {
          let all = ''
          call.on('data', (message: Buffer) => {
            all += message
          })
          call.on('end', () => done(null, Buffer.from(all)))
        },
      },
    ])
    const answer = await new Promise<string | null>((resolve) => {
      const call = client.up(resolve)
      for (const message of ['a', 'b', 'c']) call.write(Buffer.from(message))
      call.end()
    })
    expect(answer).toBe('abc')
  })

  it('down waits for a client that does not read, as far as its host', async () => {
    const MESSAGES = 400
    const message = Buffer.alloc(64 * 1024, 7)
    let sent = 0
    const { client } = await through([
      {
        down: (call) => {
          const send = (): void => {
            while (sent < MESSAGES) {
              sent++
              if (!call.write(message)) return void call.once('drain', send)
            }
            call.end()
          }
          send()
        },
      },
    ])
    const call = client.down('all')
    let bytes = 0
    call.on('data', (chunk: Buffer) => {
      if (bytes === 0) call.pause()
      bytes += chunk.length
    })
    await until(() => bytes > 0)
    let before = -1
    // Nothing moves any more once all buffers on the way are full.
    while (before !== sent) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(sent).toBeLessThan(MESSAGES)
    call.resume()
    await new Promise((resolve) => call.on('end', resolve))
    expect([sent, bytes]).toEqual([MESSAGES, MESSAGES * message.length])
  })

  it('both ways is a conversation', async () => {
    const { client, calls } = await through([
      {
        both: (call) => {
          call.on('data', (message: Buffer) => call.write(Buffer.from(`${message}!`)))
          call.on('end', () => call.end())
        },
      },
    ])
    const call = client.both()
    const heard: string[] = []
    call.on('data', (message: Buffer) => {
      heard.push(message.toString())
      if (heard.length < 5) call.write(message)
      else call.end()
    })
    call.write(Buffer.from('hi'))
    await new Promise((resolve) => call.on('end', resolve))
    expect(heard).toEqual(['hi!', 'hi!!', 'hi!!!', 'hi!!!!', 'hi!!!!!'])
    await until(() => calls('downstream_grpc').OK === 1)
  })

  it('that fails in the middle keeps what came before, and its code', async () => {
    const { client, calls } = await through([
      {
        down: (call) => {
          call.write(Buffer.from('one'))
          call.emit('error', { code: 14, details: 'gone' })
        },
      },
    ])
    const call = client.down('x')
    const heard: string[] = []
    call.on('data', (message: Buffer) => heard.push(message.toString()))
    const code = await new Promise((resolve) => call.on('error', (error) => resolve(codeOf(error))))
    expect([heard, code]).toEqual([['one'], 14])
    await until(() => calls('downstream_grpc').UNAVAILABLE === 1)
    expect(calls('upstream_grpc')).toEqual({ UNAVAILABLE: 1 })
  })

  it('is cancelled at the host when its client does', async () => {
    const host = await silent()
    const { proxy, client } = await through([host.port])
    const call = client.both()
    call.on('error', () => {})
    call.write(Buffer.from('x'))
    await until(() => proxy.cluster('a').rq_active === 1)
    call.cancel()
    await until(() => host.cancelled === 1)
    await until(() => proxy.cluster('a').rq_active === 0)
  })
})

describe('a deadline', () => {
  const SOON = { 'grpc-timeout': '40m' }

  it('ends a call that its host does not answer, on both sides', async () => {
    const host = await silent()
    const { proxy, client, calls } = await through([host.port], { timeout: '0s' })
    const answer = await client.unary('x', {}, SOON)
    expect(answer.code).toBe(4)
    expect(answer.details).toMatch(/^hop: upstream: .*: no whole answer within 40 ms \(route/)
    await until(() => host.cancelled === 1)
    expect(proxy.cluster('a').rq_timeout).toBe(1)
    expect(calls('downstream_grpc')).toEqual({ DEADLINE_EXCEEDED: 1 })
  })

  it('runs while the request still comes', async () => {
    const host = await silent()
    const { client } = await through([host.port])
    const call = client.both({}, SOON)
    const code = new Promise((resolve) => call.on('error', (error) => resolve(codeOf(error))))
    call.write(Buffer.from('and'))
    expect(await code).toBe(4)
    await until(() => host.cancelled === 1)
  })

  it('goes before the time-out of the route, which is not as patient', async () => {
    const slow: GrpcMethods = {
      unary: (call, done) => setTimeout(() => done(null, call.request), 120),
    }
    const { client } = await through([slow], { timeout: '0.02s' })
    expect((await client.unary('x')).code).toBe(4)
    expect((await client.unary('x', {}, { 'grpc-timeout': '10S' })).code).toBe(0)
  })

  it('is cut to what the route allows, and the host is told', async () => {
    const told: IncomingHttpHeaders[] = []
    const port = await http2Host((_stream, headers) => told.push(headers))
    const route = { max_stream_duration: { grpc_timeout_header_max: '0.04s' } }
    const { client } = await through([port], route)
    expect((await client.unary('x', {}, { 'grpc-timeout': '10S' })).code).toBe(4)
    const [, left] = /^(\d+)m$/.exec(String(told[0]!['grpc-timeout']))!
    expect(Number(left)).toBeLessThanOrEqual(40)
  })

  it('shrinks by the time that tries before have taken', async () => {
    const told: string[] = []
    const port = await http2Host((stream, headers) => {
      told.push(String(headers['grpc-timeout']))
      if (told.length === 1) setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 20)
      else stream.respond(OK, { endStream: true })
    })
    const { client } = await through([port], { retry_policy: { retry_on: 'reset' } })
    expect((await client.unary('x', {}, { 'grpc-timeout': '9000m' })).code).toBe(0)
    const [first, second] = told.map((text) => Number(/^(\d+)m$/.exec(text)![1]))
    expect(first).toBeLessThanOrEqual(9000)
    expect(second).toBeLessThan(first!)
  })

  it('of the route ends a stream however lively it is', async () => {
    const host: GrpcMethods = { both: (call) => call.on('data', (one) => call.write(one)) }
    const route = { timeout: '0s', max_stream_duration: { max_stream_duration: '0.05s' } }
    const { client } = await through([host], route)
    const call = client.both()
    call.on('data', (message: Buffer) => call.write(message))
    call.write(Buffer.from('x'))
    const error = await new Promise<Error>((resolve) => call.on('error', resolve))
    expect([codeOf(error), error.message]).toEqual([
      4,
      expect.stringContaining('not over within 50 ms (max_stream_duration)'),
    ])
  })
})

describe('a retry', () => {
  const policy = (retry_on: string) => ({
    retry_policy: {
      retry_on,
      num_retries: 2,
      retry_back_off: { base_interval: '0.001s', max_interval: '0.002s' },
    },
  })
  /** Fails once. */
  const once = (code: number): GrpcMethods => {
    let failed = false
    return {
      unary: (call, done) => {
        if (failed) return done(null, call.request)
        failed = true
        done({ code })
      },
    }
  }

  const conditions: readonly (readonly [condition: string, code: number, again: boolean])[] = [
    ['cancelled', 1, true],
    ['deadline-exceeded', 4, true],
    ['resource-exhausted', 8, true],
    ['internal', 13, true],
    ['unavailable', 14, true],
    ['internal', 14, false],
    ['5xx,reset,gateway-error', 14, false],
    ['cancelled,internal,unavailable', 3, false],
  ]
  it.each(conditions)('on %s after code %i: %s', async (condition, code, again) => {
    const { proxy, client, calls } = await through([once(code)], policy(condition))
    const answer = await client.unary('x')
    expect(answer).toMatchObject(again ? { code: 0, message: 'x' } : { code, message: null })
    expect(proxy.cluster('a').rq_retry).toBe(again ? 1 : 0)
    expect(Object.keys(calls('upstream_grpc'))).toHaveLength(again ? 2 : 1)
    expect(Object.keys(calls('downstream_grpc'))).toHaveLength(1)
  })

  it('is over when all were used, with the last answer', async () => {
    const { proxy, client } = await through([failing(14, 'no')], policy('unavailable'))
    expect(await client.unary('x')).toMatchObject({ code: 14, details: 'no' })
    expect(proxy.cluster('a')).toMatchObject({ rq_total: 3, rq_retry_limit: 1 })
  })

  it('is not made once messages have come', async () => {
    const host: GrpcMethods = {
      down: (call) => {
        call.write(Buffer.from('one'))
        call.emit('error', { code: 14 })
      },
    }
    const { proxy, client } = await through([host], policy('unavailable'))
    const call = client.down('x')
    call.on('data', () => {})
    await new Promise((resolve) => call.on('error', resolve))
    expect(proxy.cluster('a')).toMatchObject({ rq_total: 1, rq_retry: 0 })
  })

  it('is made at once where the host refused the stream unseen', async () => {
    let asked = 0
    const port = await http2Host((stream) => {
      if (++asked === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
      else stream.respond(OK, { endStream: true })
    })
    const { proxy, client } = await through([port])
    expect((await client.unary('x')).code).toBe(0)
    expect([asked, proxy.cluster('a').rq_retry]).toEqual([2, 1])
  })
})

describe('an answer of our own', () => {
  const policy = { circuit_breakers: { thresholds: [{ max_requests: 0 }] } }
  const direct = (status: number) => ({ match: { prefix: '/' }, direct_response: { status } })
  const named = { match: { prefix: '/' }, route: { cluster_header: 'x-to' } }
  const web = (route: Record<string, unknown>) => listener('web', [httpChain([route])])

  const cases = [
    {
      name: 'without a route',
      code: 12,
      said: 'no route',
      web: web({ ...everything('a'), match: { prefix: '/no' } }),
    },
    { name: 'without a cluster', code: 14, said: 'is missing', web: web(named) },
    { name: 'of a breaker', code: 14, said: '(max_requests)', extra: policy },
    { name: 'of a rule that forbids', code: 7, said: '', web: web(direct(403)) },
    { name: 'of a rule that says nothing of gRPC', code: 2, said: '', web: web(direct(418)) },
  ]
  it.each(cases)('$name has code $code', async ({ code, said, extra, web: listening }) => {
    const { client, calls } = await through([YES], {}, extra, listening)
    const answer = await client.unary('x')
    expect(answer.code).toBe(code)
    expect(answer.details).toContain(said)
    expect(Object.values(calls('downstream_grpc'))).toEqual([1])
    expect(calls('upstream_grpc')).toEqual({})
  })

  it('tells that no host is there', async () => {
    const { client } = await through([await deadPort()])
    const answer = await client.unary('x')
    expect(answer.code).toBe(14)
    expect(answer.details).toMatch(/^hop: upstream: cannot connect to .*: connection refused$/)
  })

  it('tells of a host that breaks off', async () => {
    const { client } = await through([await http2Host((stream) => stream.session!.destroy())])
    expect((await client.unary('x')).code).toBe(14)
  })
})

describe('outlier detection', () => {
  const streaming = (code: number): GrpcMethods => ({
    down: (call) => {
      call.write(Buffer.from('one'))
      call.emit('error', { code })
    },
  })
  const DETECTION = { outlier_detection: { consecutive_5xx: 2, max_ejection_percent: 100 } }

  it.each([
    [14, 1],
    [13, 1],
    [3, 0],
  ])('of calls that end with code %i has %i ejections', async (code, ejections) => {
    const { proxy, client } = await through([streaming(code)], {}, DETECTION)
    for (let i = 0; i < 2; i++) {
      const call = client.down('x')
      call.on('data', () => {})
      await new Promise((resolve) => call.on('error', resolve))
    }
    await until(() => proxy.cluster('a').rq_active === 0)
    expect(proxy.cluster('a').outlier_ejections_total).toBe(ejections)
    expect(proxy.runtime.clusters[0]!.hosts[0]!.errors).toBe(2 * ejections)
  })
})

const OK = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }

/** A host of bare streams; its port. */
async function http2Host(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<number> {
  const server = http2.createServer()
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    onStream(stream, headers)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.later(() => {
    server.close()
    for (const session of sessions) session.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** A host that never answers, and knows how often nobody waited any more. */
async function silent(): Promise<{ readonly port: number; readonly cancelled: number }> {
  let cancelled = 0
  const port = await http2Host((stream) => {
    stream.on('aborted', () => {
      if (stream.rstCode === http2.constants.NGHTTP2_CANCEL) cancelled++
    })
  })
  return {
    port,
    get cancelled() {
      return cancelled
    },
  }
}

function codeOf(error: Error): number {
  return (error as Error & { code: number }).code
}
