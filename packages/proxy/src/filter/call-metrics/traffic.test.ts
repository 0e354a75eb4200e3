import {
  ADMIN,
  ask,
  boltChain,
  bootstrap,
  cluster,
  deadPort,
  everyCall,
  everything,
  httpChain,
  listener,
  rpcListener,
  Stage,
  type TestProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { requestBytes } from '../../protocol/dubbo/harness.ts'
import { callMetricsFilter, counted } from './harness.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const counts = (proxy: TestProxy) => counted(proxy.runtime.site.metrics.sample())

describe('calls of HTTP', () => {
  it('are counted by authority and method, whoever answers them', async () => {
    const host = await stage.httpHost(({ path }, response) =>
      response.writeHead(Number(path.slice(1))).end(),
    )
    const filters = [callMetricsFilter({ source_header: 'x-app' })]
    const routes = [
      { match: { path: '/gone' }, direct_response: { status: 410 } },
      everything('a', { host_rewrite_literal: 'inside' }),
    ]
    const proxy = await stage.proxy(
      [listener('web', [httpChain(routes, { http_filters: filters })])],
      [cluster('a', [host.port])],
    )
    const headers = { 'x-app': 'front' }
    for (const path of ['/200', '/302', '/404', '/500', '/gone'])
      await ask(proxy.port('web'), path, { headers })
    await ask(proxy.port('web'), '/200', { method: 'POST', body: 'x' })
    expect(counts(proxy)).toEqual({ 'front shop GET': [2, 2, 1, 5], 'shop POST': [1, 0, 0, 1] })
  })

  it('that no route takes are counted, but not by the names they made up', async () => {
    const filters = [callMetricsFilter()]
    const routes = { virtual_hosts: [{ name: 'a', domains: ['shop'], routes: [everything('a')] }] }
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [listener('web', [httpChain(routes, { http_filters: filters })])],
      [cluster('a', [host.port])],
    )
    await ask(proxy.port('web'), '/')
    for (const name of ['x', 'y', 'z'])
      expect((await ask(proxy.port('web'), '/', { headers: { host: name } })).status).toBe(404)
    expect(counts(proxy)).toEqual({ 'shop GET': [1, 0, 0, 1], 'other other other': [0, 3, 0, 3] })
  })

  it('whose client leaves, or whose host breaks off, have failed', async () => {
    const host = await stage.httpHost(({ path }, response) => {
      if (path === '/short') response.writeHead(200, { 'content-length': 9 }).write('x')
      if (path === '/short') setImmediate(() => response.destroy())
    })
    const proxy = await stage.proxy(
      [webListener('a', {}, { http_filters: [callMetricsFilter()] })],
      [cluster('a', [host.port])],
    )
    await expect(ask(proxy.port('web'), '/short')).rejects.toThrow()
    await until(() => counts(proxy)['shop GET']?.[2] === 1)
    const client = await stage.rawClient(proxy.port('web'))
    client.write('GET /never HTTP/1.1\r\nhost: shop\r\n\r\n')
    await until(() => host.asked.length === 2)
    client.reset()
    await until(() => counts(proxy)['shop GET']?.[1] === 1)
    expect(counts(proxy)).toEqual({ 'shop GET': [0, 1, 1, 2] })
  })
})

describe('calls of gRPC', () => {
  it('are counted by the service and method of their path, and by how gRPC says they ended', async () => {
    const host = await stage.grpcHost({
      unary: ({ request }, done) => {
        const code = Number(request.toString())
        if (code === 0) done(null, request)
        else done({ code, details: 'no' })
      },
    })
    const http2 = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
    const options = { '@type': `type.googleapis.com/${http2}` }
    const explicit_http_config = { http2_protocol_options: {} }
    const proxy = await stage.proxy(
      [webListener('a', {}, { http_filters: [callMetricsFilter({ source_header: 'x-app' })] })],
      [
        cluster('a', [host.port], {
          typed_extension_protocol_options: { [http2]: { ...options, explicit_http_config } },
        }),
      ],
    )
    const client = await stage.grpcClient(proxy.port('web'))
    for (const code of [0, 0, 5, 14]) await client.unary(String(code))
    await client.unary('0', {}, { 'x-app': 'front' })
    expect(counts(proxy)).toEqual({
      'test.Echo Unary': [2, 1, 1, 4],
      'front test.Echo Unary': [1, 0, 0, 1],
    })
  })
})

describe('calls of RPC', () => {
  it('in Bolt are counted, one-way ones and those that fail too', async () => {
    const host = await stage.boltHost((asked) => {
      if (asked.seen.header('sofa_head_method_name') === 'fail') asked.answer('', 2)
      else if (asked.seen.header('sofa_head_method_name') === 'put') asked.answer()
    })
    const filters = [callMetricsFilter({ source_header: 'sofa_head_target_app' })]
    const proxy = await stage.proxy(
      [rpcListener('a', { timeout: '0.3s' }, { rpc_filters: filters })],
      [cluster('a', [host.port])],
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    await client.call({ service: 'shop.Basket:1.0', method: 'put' })
    await client.call({ method: 'fail', headers: [['sofa_head_target_app', 'front']] })
    await client.call({ method: 'late' })
    client.tell({ method: 'tell' })
    await until(() => 'shop.Basket:1.0 tell' in counts(proxy))
    expect(counts(proxy)).toEqual({
      'shop.Basket:1.0 put': [1, 0, 0, 1],
      'front shop.Basket:1.0 fail': [0, 0, 1, 1],
      'shop.Basket:1.0 late': [0, 0, 1, 1],
      'shop.Basket:1.0 tell': [1, 0, 0, 0],
    })
  })

  it('in Dubbo are counted by its names and attachments', async () => {
    const host = await stage.rawHost()
    const chain = boltChain([everyCall('a')], {
      protocol: 'dubbo',
      rpc_filters: [callMetricsFilter({ source_header: 'remote.application' })],
    })
    const proxy = await stage.proxy([listener('rpc', [chain])], [cluster('a', [host.port])])
    const client = await stage.rawClient(proxy.port('rpc'))
    const attachments = { 'remote.application': 'front' }
    // A one-way call has no answer to wait for: the flag without the bit of two ways.
    client.write(requestBytes({ flag: 0x82, service: 'shop.Basket', method: 'put', attachments }))
    await until(() => Object.keys(counts(proxy)).length === 1)
    client.write(requestBytes({ service: 'shop.Basket', method: 'get', attachments }))
    const peer = await host.next()
    await until(() => peer.received.includes('get'))
    peer.destroy()
    await until(() => Object.keys(counts(proxy)).length === 2)
    expect(counts(proxy)).toEqual({
      'front shop.Basket:1.0 put': [1, 0, 0, 0],
      'front shop.Basket:1.0 get': [0, 0, 1, 1],
    })
  })
})

describe('counts', () => {
  it('go on when a configuration is taken over, and the budget with them', async () => {
    const host = await stage.httpHost()
    const text = (timeout: string, max_series: number): string =>
      bootstrap(
        [webListener('a', { timeout }, { http_filters: [callMetricsFilter({ max_series })] })],
        [cluster('a', [host.port])],
      )
    const proxy = await stage.proxy(
      [webListener('a', {}, { http_filters: [callMetricsFilter({ max_series: 2 })] })],
      [cluster('a', [host.port])],
    )
    const call = (name: string) => ask(proxy.port('web'), '/', { headers: { host: name } })
    for (const name of ['a', 'b', 'c']) await call(name)
    await proxy.apply(text('7s', 2))
    for (const name of ['a', 'b', 'c', 'd']) await call(name)
    await proxy.apply(text('8s', 3))
    for (const name of ['d', 'e']) await call(name)
    expect(counts(proxy)).toEqual({
      'a GET': [2, 0, 0, 2],
      'b GET': [2, 0, 0, 2],
      'd GET': [1, 0, 0, 1],
      'other other other': [4, 0, 0, 4],
    })
  })

  it('of several workers are added up, in text that readers of metrics can read', async () => {
    const host = await stage.httpHost()
    const port = await deadPort()
    const filters = [callMetricsFilter({ source_header: 'x-app', stat_prefix: 'in' })]
    const process = stage.process(
      bootstrap(
        [listener('web', [httpChain([everything('a')], { http_filters: filters })], { port })],
        [cluster('a', [host.port])],
        ADMIN,
      ),
      '--concurrency',
      '2',
    )
    await process.logged('ready')
    const headers = { 'x-app': 'fr"on\\t' }
    await Promise.all(Array.from({ length: 40 }, () => ask(port, '/', { headers })))
    const labels = String.raw`{prefix="in",source="fr\"on\\t",service="shop",method="GET"}`
    const text = await process.admin('/metrics')
    expect(text).toContain(`\ntulle_call_ok_total${labels} 40\n`)
    expect(text).toContain(`\ntulle_call_client_error_total${labels} 0\n`)
    expect(text).toContain(`\ntulle_call_duration_seconds_count${labels} 40\n`)
  })
})
