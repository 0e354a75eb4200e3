import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  type Answerer,
  ask,
  boltChain,
  bootstrap,
  clientTls,
  cluster,
  deadPort,
  everyCall,
  ITEM,
  listener,
  rpcOptions,
  STOCK,
  Stage,
  type StockOptions,
  stockProxy,
  TestAuthority,
  type TestCertificate,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { itemHost, stockClient } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

/** A host in gRPC, callers in whatever comes by HTTP. */
async function toGrpc(more: StockOptions = {}, hold?: (answer: () => void) => void) {
  const host = await itemHost(ITEM, hold)
  stage.later(() => host.close())
  return { asked: host.asked, ...(await stockProxy(stage, 'grpc', host.port, more)) }
}

/** A host of JSON over HTTP, a caller in gRPC. */
async function toHttp(answer: Answerer, more: StockOptions = {}) {
  const host = await stage.httpHost(answer)
  const { proxy, port } = await stockProxy(stage, 'http', host.port, more)
  const client = stockClient(port)
  stage.later(() => client.close())
  return { host, proxy, client }
}

const filter = (kind: string, settings: object = {}) => ({
  name: kind,
  typed_config: { '@type': `type.googleapis.com/${kind}`, ...settings },
})
const BODY = '{"sku":"a"}'
const HEAD = `PUT /stock HTTP/1.1\r\nhost: a\r\ncontent-length: ${BODY.length}\r\n\r\n`

/** A client that has sent half of its request. */
async function half(port: number) {
  const client = await stage.rawClient(port)
  client.write(HEAD + BODY.slice(0, 4))
  return {
    client,
    finish: () => client.write(BODY.slice(4)).untilText('\n\r\n'),
  }
}

describe('a request that is gathered', () => {
  it('is forgotten when its client goes', async () => {
    const { port, proxy, asked } = await toGrpc()
    const { client } = await half(port)
    await until(() => proxy.listener('web').rq_active === 1)
    client.reset()
    await until(() => proxy.listener('web').rq_active === 0)
    expect(proxy.cluster('stock')).toMatchObject({ rq_active: 0, rq_total: 0 })
    expect(asked).toEqual([])
  })

  it('counts against max_requests when it goes to its host', async () => {
    const limits = { circuit_breakers: { thresholds: [{ max_requests: 1 }] } }
    const waiting: (() => void)[] = []
    const { port, proxy } = await toGrpc({ cluster: limits }, (answer) => waiting.push(answer))
    const halves = [await half(port), await half(port)]
    await until(() => proxy.listener('web').rq_active === 2)
    const first = halves[0]!.finish()
    await until(() => waiting.length === 1)
    expect(await halves[1]!.finish()).toMatch(/^HTTP\/1.1 503 .*max_requests/s)
    waiting[0]!()
    expect(await first).toMatch(/^HTTP\/1.1 200 /)
    expect(proxy.cluster('stock')).toMatchObject({ rq_active: 0, rq_overflow: 1 })
  })

  it('is given up when memory is short', async () => {
    const { port, proxy } = await toGrpc()
    const { finish } = await half(port)
    await until(() => proxy.listener('web').rq_active === 1)
    proxy.runtime.site.overload = 'memory is short'
    expect(await finish()).toMatch(/^HTTP\/1.1 503 .*memory is short/s)
    proxy.runtime.site.overload = null
  })

  it('goes to the hosts that were there when it began, though the configuration has changed', async () => {
    const address = addressOf(await deadPort())
    const { port, proxy, asked } = await toGrpc({ listener: { address } })
    const { finish } = await half(port)
    await until(() => proxy.listener('web').rq_active === 1)
    const options = rpcOptions({ protocol: 'grpc', services: [STOCK] })
    const changed = cluster('stock', [await deadPort()], options)
    await proxy.apply(bootstrap([{ ...webListener('stock'), address }], [changed]))
    expect(await finish()).toMatch(/^HTTP\/1.1 200 /)
    expect(asked).toHaveLength(1)
    await until(() => proxy.cluster('stock').cx_active === 0)
  })

  it('may have been held by a filter with its data', async () => {
    const delay = filter('tulle.filters.v1.Fault', {
      delay: { fixed_delay: '0.05s', percentage: { numerator: 100 } },
    })
    const { put, asked } = await toGrpc({ manager: { http_filters: [delay] } })
    expect((await put(BODY)).body).toBe('1')
    expect(asked[0]!.request.sku).toBe('a')
  })
})

describe('callers of which a new configuration knows nothing', () => {
  const rpc = listener('rpc', [boltChain([everyCall('stock')], { protocol: 'tars' })])

  it('are understood on, while it is refused and when it is not', async () => {
    const host = await stage.httpHost((_asked, response) => response.end('{"sku":"b"}'))
    const stock = cluster('stock', [host.port], rpcOptions({ protocol: 'http', services: [STOCK] }))
    const taken = await stage.rawHost()
    const proxy = await stage.proxy([webListener('stock'), rpc], [stock])
    const tars = rpcOptions({ protocol: 'tars', services: [STOCK] })
    const near = await stage.proxy(
      [webListener('tars')],
      [cluster('tars', [proxy.port('rpc')], tars)],
    )
    const call = async () => (await ask(near.port('web'), '/stock/a/item')).status
    expect(await call()).toBe(200)
    const refused = { ...webListener('stock'), name: 'other', address: addressOf(taken.port) }
    await expect(proxy.apply(bootstrap([refused], [stock]))).rejects.toThrow(/another process/)
    expect(await call()).toBe(200)
    await proxy.apply(bootstrap([webListener('stock')], [stock]))
    expect(await call()).toBe(200)
  })
})

function addressOf(port_value: number) {
  return { socket_address: { address: '127.0.0.1', port_value } }
}

describe('a call of gRPC-Web', () => {
  it('is converted like one of gRPC', async () => {
    const web = filter('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb')
    const { proxy, host } = await toHttp(
      (_asked, response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(BODY),
      { manager: { http_filters: [web] } },
    )
    const body = Buffer.from('00000000030a0161', 'hex')
    const call = (bytes: Buffer | string, type: string) =>
      fetch(`http://127.0.0.1:${proxy.port('web')}/shop.Stock/Find`, {
        method: 'POST',
        headers: { 'content-type': type, accept: type },
        body: bytes,
      })
    const said = await call(body, 'application/grpc-web+proto')
    const bytes = Buffer.from(await said.arrayBuffer())
    expect([bytes.subarray(0, body.length), bytes[body.length]]).toEqual([body, 0x80])
    expect(bytes.toString('latin1', body.length)).toMatch(/grpc-status: ?0/)
    const text = await call(body.toString('base64'), 'application/grpc-web-text+proto')
    expect((await text.text()).startsWith('AAAAAAMKAWE=')).toBe(true)
    expect(host.asked.map(({ path }) => path)).toEqual(['/stock/a/item', '/stock/a/item'])
  })
})

describe('hosts of which some speak as the caller does', () => {
  async function mixed(port = 0, route = {}) {
    const web =
      port > 0
        ? { port }
        : await stage.httpHost(({ body }, response) => response.end(String(body.length)))
    const grpc = await stage.grpcHost({
      both: (call) => {
        call.on('data', (bytes: Buffer) => call.write(bytes))
        call.on('end', () => call.end())
      },
    })
    const speaks = (port_value: number, protocol: string) => ({
      endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } },
      metadata: { filter_metadata: { tulle: { protocol } } },
    })
    const lb_endpoints = [speaks(web.port, 'http'), speaks(grpc.port, 'grpc')]
    const both = {
      ...cluster('both', [], rpcOptions({ services: [STOCK] })),
      load_assignment: { endpoints: [{ lb_endpoints }] },
    }
    const proxy = await stage.proxy([webListener('both', route)], [both])
    return { proxy, port: proxy.port('web') }
  }

  it('take what is too large to be converted', async () => {
    const { port } = await mixed()
    const answer = await ask(port, '/upload', { method: 'POST', body: Buffer.alloc(9 << 20) })
    expect([answer.status, answer.body]).toEqual([200, String(9 << 20)])
  })

  it('take streams, message by message', async () => {
    const { port } = await mixed()
    const stream = (await stage.grpcClient(port)).both()
    const heard: string[] = []
    stream.on('data', (bytes: Buffer) => heard.push(bytes.toString()))
    for (const word of ['a', 'b']) {
      stream.write(Buffer.from(word))
      await until(() => heard.at(-1) === word)
    }
    stream.end()
    await new Promise((resolve) => stream.on('end', resolve))
  })

  it('leave a request unconverted that is not there as a whole when they are gone', async () => {
    const web = await stage.rawHost()
    const retry_policy = { retry_on: 'reset', retry_back_off: { base_interval: '0.001s' } }
    const { proxy, port } = await mixed(web.port, { retry_policy })
    const { client } = await half(port)
    const peer = await web.next()
    await peer.untilText('"sk')
    proxy.runtime.clusters[0]!.hosts.find(({ speaks }) => speaks === 'http')!.mark(1, true)
    peer.reset()
    expect(await client.untilText('any more')).toMatch(/^HTTP\/1.1 503 .*cannot be converted/s)
    expect(proxy.cluster('both').rq_active).toBe(0)
  })
})

describe('HTTP hosts over TLS that agree on a version', () => {
  let shop: TestCertificate
  beforeAll(async () => {
    shop = await (await TestAuthority.create()).issue({ dns: ['shop'] })
  })

  it('are spoken to in that one', async () => {
    const versions: string[] = []
    const server = http2.createSecureServer(
      { cert: shop.chain, key: shop.key },
      (request, response) => {
        versions.push(request.httpVersion)
        response.end('{"sku":"a"}')
      },
    )
    const sessions: http2.ServerHttp2Session[] = []
    server.on('session', (session) => sessions.push(session))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stage.later(() => {
      for (const session of sessions) session.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const { typed_extension_protocol_options: rpc } = rpcOptions({
      protocol: 'http',
      services: [STOCK],
    })
    const http = {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      auto_config: {},
    }
    const proxy = await stage.proxy(
      [webListener('stock')],
      [
        cluster('stock', [port], {
          transport_socket: clientTls({}),
          typed_extension_protocol_options: {
            ...(rpc as object),
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': http,
          },
        }),
      ],
    )
    const client = stockClient(proxy.port('web'))
    stage.later(() => client.close())
    expect(await client.call('Find', { sku: 'a' })).toMatchObject({ sku: 'a' })
    expect(versions).toEqual(['2.0'])
  })
})
