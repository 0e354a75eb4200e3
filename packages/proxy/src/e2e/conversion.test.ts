import type { ServerUnaryCall, ServiceError, sendUnaryData } from '@grpc/grpc-js'
import { cluster, rpcOptions, Stage, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { stockClient, stockHost } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

/** The stock of a shop, as its interface declares it. */
const STOCK = {
  name: 'com.shop.Stock',
  names: { grpc: 'shop.Stock' },
  structs: {
    Item: {
      fields: [
        { name: 'sku', type: 'string' },
        { name: 'count', type: 'i32' },
        { name: 'cents', type: 'i64' },
        { name: 'tags', type: 'list<string>' },
        { name: 'marks', type: 'map<string, double>' },
      ],
    },
  },
  methods: [
    {
      name: 'find',
      names: { grpc: 'Find' },
      parameters: [{ name: 'sku', type: 'string' }],
      returns: 'Item',
      http: { method: 'GET', path: '/stock/{sku}', body: '' },
    },
    {
      name: 'put',
      names: { grpc: 'Put' },
      parameters: [{ name: 'item', type: 'Item' }],
      returns: 'i32',
      http: { method: 'PUT', path: '/stock', body: 'item' },
    },
    {
      name: 'take',
      names: { grpc: 'Take' },
      parameters: [
        { name: 'sku', type: 'string' },
        { name: 'count', type: 'i32' },
      ],
      returns: 'bool',
    },
  ],
}

const APPLES = {
  sku: 'apple',
  count: 7,
  cents: '9007199254740993',
  tags: ['red'],
  marks: { a: 1.5 },
}

type Call = ServerUnaryCall<Record<string, unknown>, unknown>

async function toGrpc() {
  const asked: Call[] = []
  const host = await stockHost({
    Find: (call: Call, done: sendUnaryData<unknown>) => {
      asked.push(call)
      if (call.request.sku === 'apple') return done(null, APPLES)
      done({ code: 5, details: 'no such thing: §' })
    },
    Put: (call: Call, done: sendUnaryData<unknown>) => {
      asked.push(call)
      done(null, { result: 1 })
    },
    Take: (call: Call, done: sendUnaryData<unknown>) => {
      asked.push(call)
      if (call.request.count === 0) return
      done(null, { result: true })
    },
  })
  stage.later(() => host.close())
  const proxy = await stage.proxy(
    [webListener('stock', { timeout: '0.3s' })],
    [cluster('stock', [host.port], rpcOptions({ protocol: 'grpc', services: [STOCK] }))],
  )
  const url = `http://127.0.0.1:${proxy.port('web')}`
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, init)
    return { status: answer.status, text: await answer.text() }
  }
  const post = (path: string, body: unknown) =>
    ask(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { asked, ask, post, proxy }
}

describe('JSON over HTTP to a gRPC service', () => {
  it('finds the method by its rule, and tells long numbers exactly', async () => {
    const { ask, asked } = await toGrpc()
    const answer = await ask('/stock/apple', { headers: { 'x-tenant': 'blue' } })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(
      '{"sku":"apple","count":7,"cents":9007199254740993,"tags":["red"],"marks":{"a":1.5}}',
    )
    expect(asked[0]!.metadata.get('x-tenant')).toEqual(['blue'])
    expect(asked[0]!.getDeadline()).not.toBe(Number.POSITIVE_INFINITY)
  })

  it('takes a body as one parameter, as an object of them, as a list of them', async () => {
    const { ask, post, asked } = await toGrpc()
    expect(await ask('/stock', { method: 'PUT', body: JSON.stringify({ sku: 'pear' }) })).toEqual({
      status: 200,
      text: '1',
    })
    expect(asked[0]!.request).toMatchObject({ sku: 'pear', count: 0 })
    const path = '/com.shop.Stock/take'
    for (const body of [{ sku: 'pear', count: 3 }, ['pear', 3]])
      expect(await post(path, body)).toEqual({ status: 200, text: 'true' })
    expect(asked.slice(1).map(({ request }) => request)).toEqual([
      { sku: 'pear', count: 3 },
      { sku: 'pear', count: 3 },
    ])
  })

  it("says a failure in HTTP's words, an exception by its name", async () => {
    const { ask, post } = await toGrpc()
    expect(await ask('/stock/cherry')).toEqual({
      status: 500,
      text: '{"type":"NOT_FOUND","message":"no such thing: §","detail":null}',
    })
    const late = await post('/com.shop.Stock/take', { sku: 'a', count: 0 })
    expect(late.status).toBe(504)
    expect(late.text).toMatch(/no whole answer within 300 ms|Deadline exceeded/)
  })

  it.each([
    [
      'a type that does not fit',
      { sku: 'a', count: 'x' },
      'arguments.count: must be a whole number (i32), not "x"',
    ],
    [
      'a number out of range',
      { sku: 'a', count: 2 ** 31 },
      'arguments.count: 2147483648 does not fit i32',
    ],
    [
      'a parameter that is not there',
      { sku: 'a', size: 1 },
      'body.size: the method has no such parameter; it has sku, count',
    ],
    ['too many arguments', ['a', 1, 2], 'body: has 3 arguments; 2 are wanted'],
    ['no JSON', '{"sku":', 'body: is no JSON: '],
  ])('refuses %s, naming the field', async (_, body, sentence) => {
    const { post, asked } = await toGrpc()
    const answer = await post('/com.shop.Stock/take', body)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(`hop: downstream: ${sentence}`)
    expect(asked).toEqual([])
  })

  it('says which methods there are where none is called', async () => {
    const { post } = await toGrpc()
    expect(await post('/stock/apple', {})).toEqual({
      status: 404,
      text: 'hop: downstream: :path: no method is called by POST /stock/apple; there is GET /stock/{sku}, PUT /stock, POST /com.shop.Stock/take\n',
    })
  })
})

describe('a gRPC client to an HTTP service', () => {
  async function toHttp() {
    const host = await stage.httpHost(({ path, method, body }, response) => {
      response.setHeader('content-type', 'application/json')
      if (method === 'GET' && path === '/stock/apple') response.end(JSON.stringify(APPLES))
      else if (method === 'PUT') response.end(String(JSON.parse(body.toString()).count))
      else if (path === '/com.shop.Stock/take')
        response.writeHead(500).end('{"type":"SoldOut","message":"all gone"}')
      else response.writeHead(503, { 'content-type': 'text/plain' }).end('no such shelf')
    })
    const proxy = await stage.proxy(
      [webListener('stock')],
      [cluster('stock', [host.port], rpcOptions({ protocol: 'http', services: [STOCK] }))],
    )
    const client = stockClient(proxy.port('web'))
    stage.later(() => client.close())
    return { host, client }
  }

  it('is answered', async () => {
    const { client, host } = await toHttp()
    expect(await client.call('Find', { sku: 'apple' }, { 'x-tenant': 'blue' })).toEqual(APPLES)
    expect(host.asked[0]!.headers).toMatchObject({ 'x-tenant': 'blue' })
    expect(await client.call('Put', { sku: 'pear', count: 5 })).toEqual({ result: 5 })
    expect(JSON.parse(host.asked[1]!.body.toString())).toEqual({
      sku: 'pear',
      count: 5,
      cents: 0,
      tags: [],
      marks: {},
    })
  })

  it('is told of exceptions and failures', async () => {
    const { client } = await toHttp()
    const failed = async (call: Promise<unknown>): Promise<ServiceError> => {
      try {
        await call
      } catch (error) {
        return error as ServiceError
      }
      throw new Error('did not fail')
    }
    const thrown = await failed(client.call('Take', { sku: 'a', count: 1 }))
    expect([thrown.code, thrown.details]).toEqual([2, 'all gone'])
    expect(thrown.metadata.get('exception-type')).toEqual(['SoldOut'])
    const down = await failed(client.call('Find', { sku: 'cherry' }))
    expect([down.code, down.details]).toEqual([14, 'no such shelf'])
  })
})
