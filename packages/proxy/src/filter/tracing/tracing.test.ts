import {
  bootstrap,
  cluster,
  rpcListener,
  Stage,
  startProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

type Headers = Readonly<Record<string, string>>

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'

const filter = (settings: object) => ({
  name: 'tracing',
  typed_config: { '@type': 'type.googleapis.com/tulle.filters.v1.Tracing', ...settings },
})

/** What a host of HTTP is told when a caller says this. */
async function told(brings: Headers, settings: object): Promise<Headers> {
  const host = await stage.httpHost()
  const proxy = await stage.proxy(
    [webListener('a', {}, { http_filters: [filter(settings)] })],
    [cluster('a', [host.port])],
  )
  await fetch(`http://127.0.0.1:${proxy.port('web')}/shop`, { headers: brings })
  return host.asked[0]!.headers as Headers
}

/** The same of Bolt. */
async function toldInBolt(brings: Headers, settings: object) {
  const host = await stage.boltHost()
  const proxy = await stage.proxy(
    [rpcListener('a', {}, { rpc_filters: [filter(settings)] })],
    [cluster('a', [host.port])],
  )
  const client = await stage.boltClient(proxy.port('rpc'))
  await client.call({ headers: Object.entries(brings), service: 'a.B:1.0', method: 'm' })
  const { seen } = host.asked[0]!
  return (name: string) => seen.header(name)
}

describe('a trace that a request brings', () => {
  it('goes on in W3C trace context with a parent of ours', async () => {
    const headers = await told({ traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'a=b' }, {})
    expect(headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
    expect(headers.traceparent).not.toContain(CALLER)
    expect(headers.tracestate).toBe('a=b')
  })

  it.each([
    [
      'one header',
      { b3: `${TRACE}-${CALLER}-1` },
      'b3',
      new RegExp(`^${TRACE}-[0-9a-f]{16}-1-${CALLER}$`),
    ],
    [
      'a short id',
      { b3: `${CALLER}-${CALLER}-0` },
      'b3',
      new RegExp(`^${CALLER}-[0-9a-f]{16}-0-${CALLER}$`),
    ],
    [
      'several',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': CALLER, 'x-b3-sampled': '1' },
      'x-b3-parentspanid',
      new RegExp(`^${CALLER}$`),
    ],
  ])('goes on in B3, %s', async (_, brings, name, expected) => {
    const headers = await told(brings as unknown as Headers, { formats: [] })
    expect(headers[name]).toMatch(expected)
    expect(headers.traceparent).toBeUndefined()
  })

  it("goes on in SOFATracer's words as it is", async () => {
    const brings = {
      'rpc_trace_context.sofaTraceId': '0a0fe8ec1511867423415100117460',
      'rpc_trace_context.sofaRpcId': '0.3',
    }
    const header = await toldInBolt(brings, { formats: [] })
    expect(header('rpc_trace_context.sofaTraceId')).toBe('0a0fe8ec1511867423415100117460')
    expect(header('rpc_trace_context.sofaRpcId')).toBe('0.3')
  })

  it('goes on in SkyWalking with a segment of ours', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64')
    const sw8 = `1-${encode('trace.1.1')}-${encode('segment.1.1')}-3-${encode('shop')}-${encode('i')}-${encode('/a')}-${encode('h:1')}`
    const header = await toldInBolt({ sw8 }, { formats: [], service_name: 'stock' })
    const parts = header('sw8')!.split('-')
    const decoded = parts.slice(4).map((text) => Buffer.from(text, 'base64').toString())
    expect(parts.slice(0, 2)).toEqual(['1', encode('trace.1.1')])
    expect(parts[2]).not.toBe(encode('segment.1.1'))
    expect(decoded).toEqual(['stock', 'hop', 'a.B:1.0/m', 'a.B:1.0'])
  })

  it('is told in other words too, under one id', async () => {
    const header = await toldInBolt(
      { traceparent: `00-${TRACE}-${CALLER}-01` },
      { formats: ['W3C', 'B3', 'SOFA', 'SKYWALKING'] },
    )
    const span = header('traceparent')!.split('-')[2]
    expect(header('b3')).toBe(`${TRACE}-${span}-1-${CALLER}`)
    expect(header('rpc_trace_context.sofaTraceId')).toBe(TRACE)
    expect(header('rpc_trace_context.sofaRpcId')).toBe('0')
    expect(Buffer.from(header('sw8')!.split('-')[1]!, 'base64').toString()).toBe(TRACE)
  })

  it.each([
    ['with line ends', 'a\r\nx-evil: 1'],
    ['without end', 'a'.repeat(5000)],
    ['that is no text', 'ä\u0000'],
  ])('is no trace of SkyWalking %s', async (_, id) => {
    const sw8 = `1-${Buffer.from(id).toString('base64')}-a-0-a-a-a-a`
    const headers = await told({ sw8 }, { formats: ['SOFA'] })
    expect(headers['sofa-traceid']).toMatch(/^[0-9a-f]{32}$/)
    expect(headers.sw8).toBe(sw8)
  })

  it.each([
    ['zeros', `00-${'0'.repeat(32)}-${CALLER}-01`],
    ['a version that must not be', `ff-${TRACE}-${CALLER}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${CALLER}-01`],
    ['something else', 'hello'],
  ])('is begun anew where it says %s', async (_, traceparent) => {
    const headers = await told({ traceparent }, {})
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(headers.traceparent).not.toContain(TRACE)
  })
})

describe('spans', () => {
  async function collected(settings: object, brings: Headers = {}) {
    const batches: string[] = []
    const collector = await stage.httpHost(({ body }, response) => {
      batches.push(body.toString())
      response.end()
    })
    const host = await stage.httpHost((_asked, response) => response.writeHead(503).end())
    const otlp_endpoint = `http://127.0.0.1:${collector.port}/v1/traces`
    const proxy = await stage.proxy(
      [webListener('a', {}, { http_filters: [filter({ otlp_endpoint, ...settings })] })],
      [cluster('a', [host.port])],
    )
    await fetch(`http://127.0.0.1:${proxy.port('web')}/shop?secret=1`, { headers: brings })
    return { batches, proxy }
  }

  it('reach a collector by OTLP', async () => {
    const { batches } = await collected(
      { service_name: 'shop' },
      { traceparent: `00-${TRACE}-${CALLER}-01` },
    )
    await until(() => batches.length === 1)
    const { resourceSpans } = JSON.parse(batches[0]!)
    expect(resourceSpans[0].resource.attributes[0]).toEqual({
      key: 'service.name',
      value: { stringValue: 'shop' },
    })
    const [span] = resourceSpans[0].scopeSpans[0].spans
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, name: 'GET', kind: 2 })
    expect(span.status.code).toBe(2)
    expect(Number(span.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(span.startTimeUnixNano))
    expect(span.attributes).toContainEqual({ key: 'url.path', value: { stringValue: '/shop' } })
    expect(batches[0]).not.toContain('secret')
  })

  it.each([
    ['the share recorded is 0', { sampling_percent: 0 }, {}],
    ['the caller has decided against it', {}, { traceparent: `00-${TRACE}-${CALLER}-00` }],
  ])('are not made where %s', async (_, settings, brings) => {
    const { batches } = await collected(settings, brings as Headers)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(batches).toEqual([])
  })
})

it('lets calls without a place for headers go as they are', async () => {
  const echo = await stage.rawHost((peer) => {
    // Of a call, its kind made that of an answer.
    peer.socket.on('data', (chunk) => peer.write(Buffer.from(chunk).fill(2, 7, 8)))
  })
  const rpc_filters = [filter({}), filter({ formats: ['B3'] })]
  const proxy = await stage.proxy(
    [rpcListener('a', {}, { protocol: 'thrift', rpc_filters })],
    [cluster('a', [echo.port])],
  )
  const client = await stage.rawClient(proxy.port('rpc'))
  const call = Buffer.from('0000001180010001000000046563686f0000000100', 'hex')
  client.write(call)
  const { received } = await client.until(({ receivedBytes }) => receivedBytes === call.length)
  expect(received.toString('hex')).toBe('0000001180010002000000046563686f0000000100')
})

it('needs headers, which a configuration is told', async () => {
  const yaml = bootstrap(
    [rpcListener('a', {}, { rpc_filters: [filter({ otlp_endpoint: 'ftp://x' })] })],
    [cluster('a', [1])],
  )
  await expect(startProxy(yaml)).rejects.toThrow('must be a URL of http or https')
})
