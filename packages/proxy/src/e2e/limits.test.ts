import {
  ask,
  boltBytes,
  bootstrap,
  cluster,
  everything,
  httpChain,
  listener,
  rpcListener,
  Stage,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const BUSY = 4
const CODEC_EXCEPTION = 9
const GET = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

const connectionLimit = (max_connections: number): object => ({
  name: 'limit',
  typed_config: {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit',
    stat_prefix: 'limit',
    max_connections,
  },
})

describe('connections', () => {
  it('above the limit of a listener are refused with a sentence; those there are go on', async () => {
    const host = await stage.httpHost()
    const chain = httpChain([everything('a')]) as { filters: object[] }
    chain.filters.unshift(connectionLimit(2))
    const proxy = await stage.proxy(
      [listener('web', [chain as never])],
      [cluster('a', [host.port])],
    )
    const port = proxy.port('web')
    const clients = [await stage.rawClient(port), await stage.rawClient(port)]
    for (const client of clients) await client.write(GET).untilText('\r\n\r\n/')
    const third = (await stage.rawClient(port)).write(GET)
    const text = await third.untilEnd()
    expect(text).toMatch(/^HTTP\/1.1 503 /)
    expect(text).toContain('connection: close')
    expect(text).toMatch(/hop: proxy: listener "web" has its 2 connections \(max_connections\)\n$/)
    for (const client of clients) {
      client.forget()
      await client.write(GET).untilText('\r\n\r\n/')
    }
    expect(proxy.listener('web').cx_overflow).toBe(1)
    clients[0]!.end()
    await until(() => proxy.listener('web').cx_active === 1)
    expect((await ask(port, '/')).status).toBe(200)
  })

  it('above the limit of the process are refused on every listener', async () => {
    const host = await stage.httpHost()
    const bolt = await stage.boltHost()
    const proxy = await stage.proxy(
      [webListener('a'), rpcListener('b')],
      [cluster('a', [host.port]), cluster('b', [bolt.port])],
      {},
      { maxConnections: 2 },
    )
    const web = await stage.rawClient(proxy.port('web'))
    const rpc = await stage.boltClient(proxy.port('rpc'))
    await web.write(GET).untilText('\r\n\r\n/')
    expect((await rpc.call()).status).toBe(0)
    const refused = (await stage.rawClient(proxy.port('web'))).write(GET)
    expect(await refused.untilEnd()).toContain('the process has its 2 downstream connections')
    const closed = await stage.boltClient(proxy.port('rpc'))
    await expect(closed.call()).rejects.toThrow('closed')
    web.forget()
    await web.write(GET).untilText('\r\n\r\n/')
    expect((await rpc.call()).status).toBe(0)
    expect(proxy.runtime.stats.overload_refused).toBe(2)
  })

  it('are limited by the overload manager, and by what it says later', async () => {
    const host = await stage.httpHost()
    const type =
      'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig'
    const overload = (max: number): Record<string, unknown> => ({
      overload_manager: {
        resource_monitors: [
          {
            name: 'envoy.resource_monitors.global_downstream_max_connections',
            typed_config: {
              '@type': `type.googleapis.com/${type}`,
              max_active_downstream_connections: max,
            },
          },
        ],
      },
    })
    const clusters = [cluster('a', [host.port])]
    const proxy = await stage.proxy([webListener('a')], clusters, overload(1))
    const first = await stage.rawClient(proxy.port('web'))
    await first.write(GET).untilText('\r\n\r\n/')
    expect((await ask(proxy.port('web'), '/')).body).toContain('its 1 downstream connections')
    await proxy.apply(bootstrap([webListener('a')], clusters, overload(2)))
    expect((await ask(proxy.port('web'), '/')).status).toBe(200)
  })
})

describe('memory that runs short', () => {
  it('is said to new requests in the words of their protocol, and accepted ones go on', async () => {
    const waiting: (() => void)[] = []
    const host = await stage.httpHost((_, response) => waiting.push(() => response.end('done')))
    const bolt = await stage.boltHost((asked) => waiting.push(() => asked.answer('done')))
    const proxy = await stage.proxy(
      [webListener('a'), rpcListener('b')],
      [cluster('a', [host.port]), cluster('b', [bolt.port])],
    )
    const web = await stage.rawClient(proxy.port('web'))
    web.write(GET)
    await until(() => waiting.length === 1)
    const rpc = await stage.boltClient(proxy.port('rpc'))
    const call = rpc.call()
    await until(() => waiting.length === 2)
    proxy.runtime.site.overload = 'memory is short: 9 MB of 8 in use'
    const refused = await rpc.call()
    expect(refused.status).toBe(BUSY)
    expect(refused.header('tulle_error')).toBe('hop: proxy: memory is short: 9 MB of 8 in use')
    const { status, body } = await ask(proxy.port('web'), '/')
    expect([status, body]).toEqual([503, 'hop: proxy: memory is short: 9 MB of 8 in use\n'])
    for (const finish of waiting) finish()
    expect((await call).text).toBe('done')
    await web.untilText('done')
    web.forget()
    await web.write(GET).untilText('memory is short')
    expect(proxy.listener('rpc').rq_overload).toBe(1)
    proxy.runtime.site.overload = null
    const next = rpc.call()
    await until(() => waiting.length === 3)
    waiting[2]!()
    expect((await next).text).toBe('done')
  })
})

describe('a Bolt frame above max_frame_bytes', () => {
  it('is answered in the words of Bolt as soon as its length is known, then closed', async () => {
    const host = await stage.boltHost()
    const proxy = await stage.proxy(
      [rpcListener('a', {}, { max_frame_bytes: 1000 })],
      [cluster('a', [host.port])],
    )
    for (const voice of ['v1', 'v2', 'crc'] as const) {
      const client = await stage.boltClient(proxy.port('rpc'), voice)
      expect((await client.call()).status).toBe(0)
      const call = client.call({ id: 5, content: 'kept' })
      const large = client.answerTo(6)
      client.peer.write(client.bytes({ id: 6, content: Buffer.alloc(100_000) }).subarray(0, 40))
      const answer = await large
      expect(answer.status).toBe(CODEC_EXCEPTION)
      expect(answer.header('tulle_error')).toMatch(
        /^hop: downstream: a frame of \d+ bytes is above max_frame_bytes \(1000\)$/,
      )
      expect((await call).text).toBe('kept')
      await client.peer.untilEnd()
    }
    expect(proxy.listener('rpc').rq_too_large).toBe(3)
  })

  it('that is no request is closed without an answer', async () => {
    const proxy = await stage.proxy(
      [rpcListener('a', {}, { max_frame_bytes: 1000 })],
      [cluster('a', [])],
    )
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(boltBytes({ kind: 'oneway', id: 1, content: Buffer.alloc(2000) }))
    expect(await client.untilEnd()).toBe('')
  })

  it('of a client that goes on sending does not keep the connection', async () => {
    const proxy = await stage.proxy(
      [rpcListener('a', {}, { max_frame_bytes: 1000 })],
      [cluster('a', [])],
    )
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(boltBytes({ kind: 'oneway', id: 1, content: Buffer.alloc(2000) }))
    await client.untilEnd()
    const sending = setInterval(() => client.write('x'.repeat(1000)), 5)
    stage.later(() => clearInterval(sending))
    await client.closed
    expect(proxy.listener('rpc').cx_active).toBe(0)
  })
})

describe('an HTTP head', () => {
  it('that is too large is 431, and one with too many lines too', async () => {
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [
        webListener(
          'a',
          {},
          {
            max_request_headers_kb: 1,
            common_http_protocol_options: { max_headers_count: 5 },
          },
        ),
      ],
      [cluster('a', [host.port])],
    )
    const port = proxy.port('web')
    const large = await ask(port, '/', { headers: { 'x-large': 'x'.repeat(2000) } })
    expect([large.status, large.headers.connection]).toEqual([431, 'close'])
    expect(large.body).toMatch(/^hop: downstream: .*larger than allowed/)
    const headers = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`x-${i}`, '1']))
    expect((await ask(port, '/', { headers })).status).toBe(431)
    expect((await ask(port, '/')).status).toBe(200)
    expect(host.asked).toHaveLength(1)
  })
})
