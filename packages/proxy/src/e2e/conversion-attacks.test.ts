import { gzipSync } from 'node:zlib'
import {
  type Answerer,
  ask,
  boltChain,
  cluster,
  everyCall,
  ITEM,
  listener,
  rpcOptions,
  STOCK,
  Stage,
  type StockOptions,
  stockProxy,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { itemHost, stockClient } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

/** A host in gRPC, callers in whatever comes by HTTP. */
async function toGrpc(more: StockOptions = {}) {
  const host = await itemHost(ITEM)
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

/** Enough for a sentence, and not for what a client has made of a name. */
const SENTENCE = 700

describe('a JSON body', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

  it.each([
    ['nested without end', `{"tags":${deep(200_000)}}`, 'tags[0]: must be text, not a list'],
    ['that does not end', '['.repeat(1_000_000), 'body: is no JSON: '],
    ['of a number without end', `{"cents":${'9'.repeat(4_000_000)}}`, 'a whole number (i64)'],
    ['of a name without end', `{"${'k'.repeat(1_000_000)}":1}`, 'arguments.item.kkkk'],
    ['of a number beyond all', '{"marks":{"a":1e400}}', 'must be a number, not "1e400"'],
    ['of a long that is too long', '{"cents":9223372036854775808}', 'a whole number (i64)'],
    ['with null in a list', '{"tags":["a",null]}', 'arguments.item.tags[1]: is null'],
    ['with null in a map', '{"marks":{"a":null}}', 'arguments.item.marks.a: is null'],
    ['with a name of every object', '{"__proto__":{"sku":"a"}}', '__proto__: Item has no such'],
    ['that is no UTF-8', Buffer.from('{"sku":"\xff\xfe"}', 'latin1'), 'its text is not UTF-8'],
  ])('%s is refused in a sentence', async (_, body, sentence) => {
    const { put, asked } = await toGrpc()
    const answer = await put(body)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(sentence)
    expect(answer.body.length).toBeLessThan(SENTENCE)
    expect(asked).toEqual([])
  })

  it('that is compressed is refused, by name', async () => {
    const { put } = await toGrpc()
    const answer = await put(gzipSync('{"sku":"a"}'), { 'content-encoding': 'gzip' })
    expect([answer.status, answer.body]).toEqual([
      415,
      'hop: downstream: content-encoding: "gzip" is not read here\n',
    ])
  })

  it('keeps names that objects have by themselves, and numbers that only text can say', async () => {
    const { put, asked } = await toGrpc()
    const marks = '{"__proto__":1,"constructor":2,"nan":"NaN","low":"-Infinity"}'
    expect((await put(`{"marks":${marks},"cents":-9223372036854775808}`)).body).toBe('1')
    const { request } = asked[0]!
    expect(request.cents).toBe('-9223372036854775808')
    expect(Object.entries(request.marks as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['nan', Number.NaN],
      ['low', Number.NEGATIVE_INFINITY],
    ])
  })

  it('has keys of maps that their type allows', async () => {
    const host = await stage.rawHost()
    const ages = { name: 'ages', type: 'map<i32, bool>' }
    const service = { name: 'a.B', methods: [{ name: 'm', parameters: [ages], returns: 'void' }] }
    const { port } = await converting(host.port, 'dubbo', service)
    const answer = await ask(port, '/a.B/m', { method: 'POST', body: '{"ages":{"x":true}}' })
    expect([answer.status, answer.body]).toEqual([
      400,
      'hop: downstream: arguments.ages (key): must be a whole number (i32), not "x"\n',
    ])
  })
})

/** JSON over HTTP to a host of some protocol. */
async function converting(hostPort: number, protocol: string, service: object) {
  const options = rpcOptions({ protocol, services: [service] })
  const proxy = await stage.proxy(
    [webListener('host', { timeout: '1s' })],
    [cluster('host', [hostPort], options)],
  )
  return { proxy, port: proxy.port('web') }
}

describe('a parameter in a path', () => {
  it.each(['..', '.', '../admin', 'a/../../b', 'a\\..\\b', ''])(
    'that leads elsewhere is refused: "%s"',
    async (sku) => {
      const { client, host } = await toHttp((_asked, response) => response.end('{}'))
      await expect(client.call('Find', { sku })).rejects.toMatchObject({
        details: `hop: downstream: arguments.sku: ${JSON.stringify(sku)} cannot stand in a path`,
      })
      expect(host.asked).toEqual([])
    },
  )

  it.each(['a/b', '..a', 'a b?c#d%', 'ä'])('is what it was: "%s"', async (sku) => {
    const { client, host } = await toHttp((_asked, response) => response.end('{}'))
    await client.call('Find', { sku })
    const segment = encodeURIComponent(sku.toWellFormed())
    expect(host.asked[0]!.path).toBe(`/stock/${segment}/item`)
  })

  it('comes as it was', async () => {
    const { port, asked } = await toGrpc()
    for (const sku of ['..%2F..%2Fetc', '%2E%2E', '%00'])
      expect((await ask(port, `/stock/${sku}/item`)).status).toBe(200)
    expect(asked.map(({ request }) => request.sku)).toEqual(['../../etc', '..', '\0'])
  })
})

describe('a call with one parameter in its body', () => {
  it('has the others in the query', async () => {
    const { client, host } = await toHttp((_asked, response) => response.end('true'))
    await client.call('Take', { sku: 'a&b=c', count: 3 })
    await client.call('Take', { sku: '', count: 3 })
    expect(host.asked.map(({ path, body }) => [path, body.toString()])).toEqual([
      ['/take?sku=a%26b%3Dc', '3'],
      ['/take?sku=', '3'],
    ])
  })

  it('finds them there', async () => {
    const { port, asked } = await toGrpc()
    await ask(port, '/take?sku=a%26b%3Dc&sku=d', { method: 'POST', body: '3' })
    expect(asked[0]!.request).toEqual({ sku: 'a&b=c', count: 3 })
    const other = await ask(port, '/take?sku=a&size=1', { method: 'POST', body: '3' })
    expect([other.status, asked.length]).toEqual([400, 1])
    expect(other.body).toContain('query.size: the method has no such parameter; it has sku, count')
  })
})

describe('a request by HTTP', () => {
  it('of HEAD is answered like GET, without the body', async () => {
    const { port, asked } = await toGrpc()
    const [head, get] = [
      await ask(port, '/stock/a/item', { method: 'HEAD' }),
      await ask(port, '/stock/a/item'),
    ]
    expect([head.status, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      get.headers['content-length'],
    ])
    expect(asked).toHaveLength(2)
  })

  it('for another protocol is told that hosts have no such thing', async () => {
    const upgrade_configs = [{ upgrade_type: 'websocket' }]
    const { port, proxy } = await toGrpc({ route: { upgrade_configs } })
    const client = await stage.rawClient(port)
    client.write(
      'GET /stock/a/item HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n',
    )
    const text = await client.untilText('no such thing')
    expect(text).toMatch(/^HTTP\/1.1 403 /)
    expect(proxy.cluster('stock').rq_active).toBe(0)
  })

  it('that asks before it sends its body is told to go on', async () => {
    const { port } = await toGrpc()
    const client = await stage.rawClient(port)
    client.write(
      'PUT /stock HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n',
    )
    await client.untilText('HTTP/1.1 100 Continue\r\n\r\n')
    client.write('{"sku":"a"}')
    expect(await client.untilText('\r\n\r\n1')).toContain('HTTP/1.1 200 OK')
  })

  it('that says how large it is, and is too large, is refused before it comes', async () => {
    const { port } = await toGrpc()
    const client = await stage.rawClient(port)
    client.write(
      'PUT /stock HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9000000\r\n\r\n',
    )
    expect(await client.untilText('raises that')).toMatch(/^HTTP\/1.1 413 /)
  })

  it('in chunks with trailers is converted', async () => {
    const { port, asked } = await toGrpc()
    const client = await stage.rawClient(port)
    client.write('PUT /stock HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    for (const char of '{"sku":"a"}') client.write(`1\r\n${char}\r\n`)
    client.write('0\r\nx-sum: 1\r\n\r\n')
    await client.untilText('\r\n\r\n1')
    expect(asked[0]!.request.sku).toBe('a')
  })

  it('carries what filters made of its headers', async () => {
    const settings = { request: { set: { 'x-env': 'prod', 'x-a': 'b' }, remove: ['x-secret'] } }
    const typed_config = { '@type': 'type.googleapis.com/tulle.filters.v1.Headers', ...settings }
    const http_filters = [{ name: 'headers', typed_config }]
    const { port, asked } = await toGrpc({
      manager: { http_filters },
      route: { host_rewrite_literal: 'other' },
    })
    const headers = {
      'x-secret': '1',
      'x-a': 'a',
      'x-hop': '1',
      connection: 'x-hop',
      'proxy-authorization': 'basic x',
      range: 'bytes=0-1',
    }
    await ask(port, '/stock/a/item', { headers })
    const told = asked[0]!.metadata.getMap()
    expect(told).toMatchObject({ 'x-env': 'prod', 'x-a': 'b' })
    for (const name of ['x-secret', 'x-hop', 'proxy-authorization', 'range', ':authority'])
      expect(told[name]).toBeUndefined()
  })
})

it('a call by RPC carries what filters made of its headers', async () => {
  const { port: hostPort, asked } = await stage.httpHost((_asked, response) => response.end('{}'))
  const sent = await stage.proxy(
    [
      listener('rpc', [
        boltChain([everyCall('stock')], {
          protocol: 'tars',
          rpc_filters: [
            {
              name: 'headers',
              typed_config: {
                '@type': 'type.googleapis.com/tulle.filters.v1.Headers',
                request: { set: { 'x-env': 'prod' }, remove: ['x-secret'] },
              },
            },
          ],
        }),
      ]),
    ],
    [cluster('stock', [hostPort], rpcOptions({ protocol: 'http', services: [STOCK] }))],
  )
  const near = await stage.proxy(
    [webListener('tars')],
    [cluster('tars', [sent.port('rpc')], rpcOptions({ protocol: 'tars', services: [STOCK] }))],
  )
  const answer = await ask(near.port('web'), '/stock/a/item', { headers: { 'x-secret': '1' } })
  expect(answer.status).toBe(200)
  expect(asked[0]!.headers).toMatchObject({ 'x-env': 'prod' })
  expect(asked[0]!.headers['x-secret']).toBeUndefined()
})
