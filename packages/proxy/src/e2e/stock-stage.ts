import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import {
  type Answered,
  type Answerer,
  type AskOptions,
  ask,
  cluster,
  type HttpHost,
  rpcOptions,
  type Stage,
  type TestProxy,
  webListener,
} from '@tulle/testkit'
import { stockClient, stockHost } from './stock-service.ts'

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

export const ITEM: Part = { sku: 'apple', count: 7, cents: 12, tags: ['red'], marks: { a: 1.5 } }

export type StockCall = ServerUnaryCall<Record<string, unknown>, unknown>

/** The parts of a configuration that a test adds to. */
export interface Additions {
  readonly listener?: Part
  readonly route?: Part
  readonly manager?: Part
  readonly cluster?: Part
  /** What hosts answer that are asked for an item. */
  readonly answer?: Part
  /** When they answer: when `done` is called. By default that is at once. */
  readonly hold?: (done: () => void) => void
}

export interface ToGrpc {
  readonly asked: readonly StockCall[]
  readonly proxy: TestProxy
  readonly port: number
  put(body: string | Buffer, headers?: AskOptions['headers']): Promise<Answered>
}

/** Hosts in gRPC, callers in whatever comes by HTTP. */
export async function toGrpc(stage: Stage, more: Additions = {}): Promise<ToGrpc> {
  const asked: StockCall[] = []
  const say = (answer: unknown) => (call: StockCall, done: sendUnaryData<unknown>) => {
    asked.push(call)
    const hold = more.hold ?? ((now) => now())
    hold(() => done(null, answer))
  }
  const host = await stockHost({
    Find: say(more.answer ?? ITEM),
    Put: say({ result: 1 }),
    Take: say({ result: true }),
  })
  stage.later(() => host.close())
  const options = rpcOptions({ protocol: 'grpc', services: [STOCK] })
  const proxy = await stage.proxy(
    [{ ...webListener('stock', { timeout: '3s', ...more.route }, more.manager), ...more.listener }],
    [cluster('stock', [host.port], { ...options, ...more.cluster })],
  )
  const port = proxy.port('web')
  const put = (body: string | Buffer, headers: AskOptions['headers'] = {}) =>
    ask(port, '/stock', { method: 'PUT', body, headers })
  return { asked, proxy, port, put }
}

export interface ToHttp {
  readonly host: HttpHost
  readonly proxy: TestProxy
  readonly client: ReturnType<typeof stockClient>
}

/** A host of JSON over HTTP, a caller in gRPC. */
export async function toHttp(
  stage: Stage,
  answer: Answerer,
  more: Additions = {},
): Promise<ToHttp> {
  const host = await stage.httpHost(answer)
  const options = rpcOptions({ protocol: 'http', services: [STOCK] })
  const proxy = await stage.proxy(
    [webListener('stock', { timeout: '3s', ...more.route }, more.manager)],
    [cluster('stock', [host.port], { ...options, ...more.cluster })],
  )
  const client = stockClient(proxy.port('web'))
  stage.later(() => client.close())
  return { host, proxy, client }
}
