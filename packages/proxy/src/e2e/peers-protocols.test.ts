import {
  bootstrap,
  cluster,
  everyCall,
  listener,
  rpcOptions,
  Stage,
  startProxy,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { stockClient, stockHost } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const STOCK = {
  name: 'shop.Stock',
  methods: [
    {
      name: 'Take',
      parameters: [
        { name: 'sku', type: 'string' },
        { name: 'count', type: 'i32' },
      ],
      returns: 'bool',
    },
  ],
}

/** A cluster of an old provider, which speaks HTTP, and a new one, which speaks gRPC. */
async function mixed(services: readonly object[]) {
  const web = await stage.httpHost((_asked, response) => response.end('true'))
  const asked: unknown[] = []
  const grpc = await stockHost({
    Take: (call: { request: unknown }, done: (error: null, answer: object) => void) => {
      asked.push(call.request)
      done(null, { result: true })
    },
  })
  stage.later(() => grpc.close())
  const speaks = (port_value: number, protocol: string) => ({
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } },
    metadata: { filter_metadata: { tulle: { protocol } } },
  })
  const stock = {
    ...cluster('stock', [], rpcOptions({ services })),
    load_assignment: {
      endpoints: [{ lb_endpoints: [speaks(web.port, 'http'), speaks(grpc.port, 'grpc')] }],
    },
  }
  const proxy = await stage.proxy([webListener('stock')], [stock])
  const client = stockClient(proxy.port('web'))
  stage.later(() => client.close())
  const post = () =>
    fetch(`http://127.0.0.1:${proxy.port('web')}/shop.Stock/Take`, {
      method: 'POST',
      body: '{"sku":"apple","count":1}',
    })
  return { web, asked, client, post, proxy }
}

const order = { sku: 'apple', count: 1 }

describe('hosts of one cluster that speak different things', () => {
  it('are each given the callers that speak as they do', async () => {
    const { web, asked, client, post } = await mixed([])
    for (let i = 0; i < 6; i++) {
      expect(await (await post()).text()).toBe('true')
      expect(await client.call('Take', order)).toEqual({ result: true })
    }
    expect([web.asked.length, asked.length]).toEqual([6, 6])
  })

  it('take over for each other where a service is declared', async () => {
    const { web, asked, client, post, proxy } = await mixed([STOCK])
    const [http, grpc] = proxy.runtime.clusters[0]!.hosts
    http!.mark(1, true)
    expect(await (await post()).text()).toBe('true')
    expect([web.asked.length, asked.length]).toEqual([0, 1])
    http!.mark(1, false)
    grpc!.mark(1, true)
    expect(await client.call('Take', order)).toEqual({ result: true })
    expect([web.asked.length, asked.length]).toEqual([1, 1])
  })

  it('are never offered what they do not speak', async () => {
    const { web, client, proxy } = await mixed([])
    proxy.runtime.clusters[0]!.hosts[1]!.mark(1, true)
    await expect(client.call('Take', order)).rejects.toMatchObject({
      details:
        'hop: upstream: cluster "stock": its hosts speak HTTP, and it declares no services by which calls could be converted',
    })
    expect(web.asked).toEqual([])
  })
})

describe('a configuration', () => {
  const refused = async (options: Record<string, unknown>, path: RegExp) => {
    const yaml = bootstrap([webListener('stock')], [cluster('stock', [1], rpcOptions(options))])
    await expect(startProxy(yaml)).rejects.toThrow(path)
  }

  it('names protocols that exist', () =>
    refused(
      { protocol: 'boltt' },
      /RpcProtocolOptions.*protocol".*no protocol .*boltt.*known: .*bolt/s,
    ))

  it('says what hosts speak whose services it declares', () =>
    refused({ services: [STOCK] }, /nothing says what hosts speak/))

  it('has types for what protobuf must number', () =>
    refused(
      {
        protocol: 'grpc',
        services: [{ name: 'a', methods: [{ name: 'b', parameters: [{ name: 'c' }] }] }],
      },
      /services\[0\].methods\[0\]: c.*protobuf has no field/s,
    ))

  it('declares the structs it uses', () =>
    refused(
      {
        protocol: 'http',
        services: [{ name: 'a', methods: [{ name: 'b', returns: 'list<Itm>' }] }],
      },
      /services\[0\].methods\[0\].returns.*no type .*Itm/s,
    ))
})

it('is not troubled by listeners for RPC', async () => {
  const rpc = listener('all', [
    {
      filters: [
        {
          name: 'manager',
          typed_config: {
            '@type': 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager',
            stat_prefix: 'all',
            route_config: {
              virtual_hosts: [{ name: 'all', domains: ['*'], routes: [everyCall('a')] }],
            },
          },
        },
      ],
    },
  ])
  const host = await stage.boltHost()
  const proxy = await stage.proxy([rpc], [cluster('a', [host.port])])
  const client = await stage.boltClient(proxy.port('all'))
  expect((await client.call({ content: 'found' })).text).toBe('found')
})
