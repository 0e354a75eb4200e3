import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { ServiceError } from '@grpc/grpc-js'
import { Catalog } from '@tulle/core'
import {
  type Answerer,
  ask,
  cluster,
  rpcOptions,
  STOCK,
  Stage,
  type StockOptions,
  stockProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../builtins.ts'
import type { HttpDialect } from '../runtime/parts.ts'
import type { Tongue } from '../transcoder.ts'
import { itemHost, stockClient } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

/** A host in gRPC, callers in whatever comes by HTTP. */
async function toGrpc(item: unknown) {
  const host = await itemHost(item)
  stage.later(() => host.close())
  return { asked: host.asked, ...(await stockProxy(stage, 'grpc', host.port)) }
}

/** A host of JSON over HTTP, a caller in gRPC. */
async function toHttp(answer: Answerer, more: StockOptions = {}) {
  const host = await stage.httpHost(answer)
  const { proxy, port } = await stockProxy(stage, 'http', host.port, more)
  const client = stockClient(port)
  stage.later(() => client.close())
  return { host, proxy, client }
}

/** How a call of gRPC failed. */
async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call
  } catch (error) {
    return error as ServiceError
  }
  throw new Error('did not fail')
}

const JSON_TYPE = { 'content-type': 'application/json' }
const UNKNOWN = 2
const INTERNAL = 13
const UNAVAILABLE = 14

describe('an answer of an HTTP host to a gRPC caller', () => {
  const deep = `${'['.repeat(100)}${']'.repeat(100)}`

  it.each([
    ['that says it is JSON', JSON_TYPE, '<html>', [UNKNOWN, '<html>', []]],
    ['whose message is none', JSON_TYPE, '{"message":{"toString":1}}', [UNKNOWN, /toString/, []]],
    [
      'with a detail too deep',
      JSON_TYPE,
      `{"type":"T","message":"m","detail":${deep}}`,
      [UNKNOWN, 'm', ['T']],
    ],
    [
      'that names its exception twice',
      { ...JSON_TYPE, 'exception-type': 'X' },
      '{"type":"T","message":"m"}',
      [UNKNOWN, 'm', ['T']],
    ],
  ] as const)('is the failure that it is, %s', async (_, headers, body, [code, details, types]) => {
    const { client } = await toHttp((_asked, response) =>
      response.writeHead(500, headers).end(body),
    )
    const failed = (await failureOf(client.call('Find', { sku: 'a' }))) as ServiceError
    expect(failed).toMatchObject({ code })
    expect(failed.details).toMatch(details)
    expect(failed.metadata.get('exception-type')).toEqual(types)
  })

  it.each([
    ['compressed', { 'content-encoding': 'gzip' }, gzipSync('{}'), 'content-encoding: "gzip"'],
    ['no JSON', {}, '{"sku":', 'result: is no JSON'],
    ['no item', {}, '[1]', 'must be a Item'],
    ['deep', {}, '['.repeat(100_000), 'result: is no JSON'],
  ])('is told in a sentence where it is %s', async (_, headers, body, sentence) => {
    const { client, proxy } = await toHttp((_asked, response) =>
      response.writeHead(200, { ...JSON_TYPE, ...headers }).end(body),
    )
    const failed = (await failureOf(client.call('Find', { sku: 'a' }))) as ServiceError
    expect([failed.code, failed.details.includes(sentence)]).toEqual([INTERNAL, true])
    expect(proxy.cluster('stock').rq_active).toBe(0)
  })

  it('that breaks off is told, and leaves nothing behind', async () => {
    const { client, proxy, host } = await toHttp((_asked, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': 100 }).write('{"sku"')
      setTimeout(() => response.destroy(), 20)
    })
    const failed = (await failureOf(client.call('Find', { sku: 'a' }))) as ServiceError
    expect(failed).toMatchObject({ code: UNAVAILABLE })
    expect(failed.details).toContain('closed the connection in the middle of its answer')
    expect(host.asked).toHaveLength(1)
    expect(proxy.cluster('stock')).toMatchObject({ rq_active: 0, rq_reset: 1 })
  })

  it('of 5xx is asked for again, and so is one that does not come in time', async () => {
    const base_interval = '0.001s'
    const retry_policy = {
      retry_on: '5xx',
      per_try_timeout: '0.15s',
      retry_back_off: { base_interval },
    }
    let tries = 0
    const { client, proxy, host } = await toHttp(
      ({ path }, response) => {
        if (++tries === 1 && path.includes('slow')) return
        if (tries === 1) response.writeHead(503).end()
        else response.writeHead(200, JSON_TYPE).end('{"sku":"b"}')
      },
      { route: { retry_policy: { ...retry_policy, num_retries: 2 } } },
    )
    for (const sku of ['fail', 'slow']) {
      tries = 0
      expect(await client.call('Find', { sku })).toMatchObject({ sku: 'b' })
    }
    expect(host.asked).toHaveLength(4)
    expect(proxy.cluster('stock')).toMatchObject({ rq_active: 0, rq_retry_success: 2 })
    const [cluster] = proxy.runtime.clusters
    expect([cluster!.retries, cluster!.hosts[0]!.active]).toEqual([0, 0])
  })
})

describe('an answer of a gRPC host to a caller in JSON', () => {
  it('says what is no number as text', async () => {
    const marks = { a: Number.NaN, b: Number.NEGATIVE_INFINITY }
    const { port } = await toGrpc({ marks })
    const { body } = await ask(port, '/stock/a/item')
    expect(JSON.parse(body).marks).toEqual({ a: 'NaN', b: '-Infinity' })
  })

  /** A host that answers by these bytes, whatever they are. */
  async function said(
    body: Buffer,
    headers: http2.OutgoingHttpHeaders = {},
    trailers: http2.OutgoingHttpHeaders = { 'grpc-status': '0' },
  ) {
    const server = http2.createServer()
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...headers },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () => stream.sendTrailers(trailers))
      stream.on('error', () => {})
      stream.end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const sessions: http2.ServerHttp2Session[] = []
    server.on('session', (session) => sessions.push(session))
    stage.later(() => {
      for (const session of sessions) session.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const options = rpcOptions({ protocol: 'grpc', services: [STOCK] })
    const proxy = await stage.proxy([webListener('stock')], [cluster('stock', [port], options)])
    return { proxy, answer: await ask(proxy.port('web'), '/stock/a/item') }
  }

  function message(bytes: Buffer, flags = 0): Buffer {
    const prefix = Buffer.from([flags, 0, 0, 0, 0])
    prefix.writeUInt32BE(bytes.length, 1)
    return Buffer.concat([prefix, bytes])
  }

  const ITEM = Buffer.from('0a0161', 'hex')
  const GZIP = { 'grpc-encoding': 'gzip' }

  it('is read where it is compressed', async () => {
    const { answer } = await said(message(gzipSync(ITEM), 1), GZIP)
    expect([answer.status, JSON.parse(answer.body).sku]).toEqual([200, 'a'])
  })

  it.each([
    [
      'grows without end',
      message(gzipSync(Buffer.alloc(65 << 20)), 1),
      GZIP,
      'cannot be decompressed',
    ],
    ['is broken', message(gzipSync(ITEM).subarray(0, 12), 1), GZIP, 'cannot be decompressed'],
    ['is compressed otherwise', message(ITEM, 1), { 'grpc-encoding': 'br' }, 'only gzip is known'],
    [
      'is a stream',
      Buffer.concat([message(ITEM), message(ITEM)]),
      {},
      'streams cannot be converted',
    ],
    ['is cut', message(ITEM).subarray(0, 6), {}, 'streams cannot be converted'],
    ['is no message', message(Buffer.from('ffffffff', 'hex')), {}, 'result: is no Item'],
    ['has fields of another type', message(Buffer.from('0a8080808010', 'hex')), {}, 'is no Item'],
  ])('that %s is told in a sentence', async (_, body, headers, sentence) => {
    const { answer, proxy } = await said(body, headers)
    expect([answer.status, answer.body.includes(sentence)]).toEqual([502, true])
    expect(proxy.cluster('stock').rq_active).toBe(0)
  })

  it('leaves out fields that nobody declared', async () => {
    const { answer } = await said(message(Buffer.from('0a01617a02ffffa00601', 'hex')))
    expect(JSON.parse(answer.body).sku).toBe('a')
  })
})

describe('what turns calls into other words', () => {
  const never = (): never => {
    throw new TypeError('it has not thought of this')
  }

  /** A proxy whose callers in JSON are understood by these means. */
  async function understanding(broken: Partial<Tongue>, oneway = false) {
    const http: HttpDialect = {
      name: 'http',
      transcoder: async () => {
        const { httpTranscoder } = await import('../transcode/http.ts')
        return {
          configure: (services, at) => {
            const tongue = httpTranscoder.configure(services, at)
            if (!tongue.ok) return tongue
            const { value } = tongue
            const whole: Tongue = {
              readCall: (it) => value.readCall(it),
              writeCall: (it) => value.writeCall(it),
              readAnswer: (it, call) => value.readAnswer(it, call),
              writeAnswer: (it, call, request) => value.writeAnswer(it, call, request),
              ...broken,
            }
            return { ok: true, value: whole }
          },
        }
      },
    }
    const others = builtins.dialects.parts.filter(({ name }) => name !== 'http')
    const parts = { ...builtins, dialects: new Catalog<HttpDialect>('dialect', [http, ...others]) }
    const host = await stage.boltHost((asked) => asked.answer())
    const services = [{ name: 'a.B', methods: [{ name: 'm', returns: 'i32', oneway }] }]
    const proxy = await stage.proxy(
      [webListener('host')],
      [cluster('host', [host.port], rpcOptions({ protocol: 'bolt', services }))],
      {},
      { parts },
    )
    const call = () => ask(proxy.port('web'), '/a.B/m', { method: 'POST', body: '{}' })
    return { call, host, proxy }
  }

  it.each([
    ['a call', { readCall: never }, false, 400],
    ['an answer', { writeAnswer: never }, false, 502],
    ['the end of a one-way call', { writeAnswer: never }, true, 502],
  ])(
    'may fail at %s in any way: its caller is told, and the next is served',
    async (_, broken, oneway, status) => {
      const { call, proxy } = await understanding(broken, oneway)
      for (let i = 0; i < 2; i++) expect((await call()).status).toBe(status)
      await until(() => proxy.listener('web').rq_active === 0)
      expect(proxy.cluster('host').rq_active).toBe(0)
    },
  )
})
