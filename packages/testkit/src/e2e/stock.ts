import type { TestProxy } from '../proxy.ts'
import { cluster, rpcOptions, webListener } from './config.ts'
import { type Answered, type AskOptions, ask } from './http-ask.ts'
import type { Stage } from './stage.ts'

type Part = Readonly<Record<string, unknown>>

/** The stock of a shop, as its interface declares it, for tests of what callers and hosts do to conversion. */
export const STOCK: Part = {
  name: 'com.shop.Stock',
  names: { grpc: 'shop.Stock' },
  structs: {
    Item: {
      java: 'com.shop.Item',
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
      http: { method: 'GET', path: '/stock/{sku}/item', body: '' },
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
      http: { method: 'POST', path: '/take', body: 'count' },
    },
  ],
}

/** What there is of apples. */
export const ITEM: Part = { sku: 'apple', count: 7, cents: 12, tags: ['red'], marks: { a: 1.5 } }

/** The parts of a configuration that a test adds to. */
export interface StockOptions {
  readonly listener?: Part
  readonly route?: Part
  readonly manager?: Part
  readonly cluster?: Part
}

/** A proxy before a host of the stock, and callers by HTTP. */
export interface StockProxy {
  readonly proxy: TestProxy
  readonly port: number
  /** Puts an item into the stock. */
  put(body: string | Buffer, headers?: AskOptions['headers']): Promise<Answered>
}

/** Starts a proxy whose callers speak HTTP or gRPC, and whose host speaks `protocol`. */
export async function stockProxy(
  stage: Stage,
  protocol: string,
  hostPort: number,
  more: StockOptions = {},
): Promise<StockProxy> {
  const options = rpcOptions({ protocol, services: [STOCK] })
  const route = { timeout: '3s', ...more.route }
  const proxy = await stage.proxy(
    [{ ...webListener('stock', route, more.manager), ...more.listener }],
    [cluster('stock', [hostPort], { ...options, ...more.cluster })],
  )
  const port = proxy.port('web')
  return {
    proxy,
    port,
    put: (body, headers = {}) => ask(port, '/stock', { method: 'PUT', body, headers }),
  }
}
