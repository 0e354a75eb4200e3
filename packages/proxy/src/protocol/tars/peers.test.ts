import { Catalog } from '@tulle/core'
import { boltChain, cluster, listener, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import type { Protocol } from '../../protocol.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import {
  type Attributes,
  type Current,
  client,
  type DemoProxy,
  generated,
  type Raw,
  rpc,
  type Servant,
  STOCK,
  startServer,
  stream,
  type Told,
} from './foreign.ts'
import { tars } from './tars.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const parts = { ...builtins, protocols: new Catalog<Protocol>('protocol', [http2, http1, tars]) }
const everything = [{ route: { cluster: 'stock' } }]

/** What came to the servant last. */
let contexts: Readonly<Record<string, string>>[] = []

/** The servant of the package's example, which answers Tars and TUP. */
class Demo extends generated.NodeTarsImp {
  getUsrName(current: Current, name: string): void {
    contexts.push({ ...current.getContext().value, ...current.getRequestStatus().value })
    current.setResponseContext({ via: 'demo' })
    current.sendResponse(name.length, `one ${name}`, `two ${name}`)
  }
  getall(current: Current): void {
    current.sendErrorResponse(17, 'out of apples')
  }
}

async function proxied(routes: object = everything, servant = Demo as unknown as Servant) {
  contexts = []
  const server = await startServer(servant)
  stage.later(server.stop)
  const chain = boltChain(routes as never, { protocol: 'tars' })
  const proxy = await stage.proxy(
    [listener('rpc', [chain])],
    [cluster('stock', [server.port])],
    {},
    { parts },
  )
  return { proxy, server, port: proxy.port('rpc') }
}

function caller(port: number, name = STOCK): DemoProxy {
  const { proxy, stop } = client(generated.NodeTarsProxy, port, name)
  stage.later(stop)
  return proxy
}

/** A client of TUP in this version. */
function tupCaller(port: number, version: number): (method: string, name: string) => Promise<Raw> {
  const { proxy, stop } = client(rpc.ServantProxy, port)
  stage.later(stop)
  proxy._worker.version = version
  return (method, name) => {
    const attributes: Attributes = new stream.UniAttribute()
    attributes.tupVersion = version
    attributes.writeString('sUsrName', name)
    return proxy._worker.tup_invoke(method, attributes, {})
  }
}

/** What a call failed with. */
async function failure(call: Promise<Told | Raw>): Promise<{ code: number; message: string }> {
  const told = (await call.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  )) as { response?: { error?: unknown }; error?: unknown }
  return (told.error ?? told.response?.error) as { code: number; message: string }
}

describe('@tars/rpc', () => {
  it('calls a server of its own through the proxy, over one connection', async () => {
    const { proxy, server, port } = await proxied()
    const callers = [caller(port), caller(port), caller(port)]
    const told = await Promise.all(
      Array.from({ length: 150 }, (_, i) => callers[i % 3]!.getUsrName('x'.repeat(i))),
    )
    expect(told.map(({ response }) => response.return)).toEqual(told.map((_, i) => i))
    expect(told[9]!.response.arguments).toEqual({
      sValue1: 'one xxxxxxxxx',
      sValue2: 'two xxxxxxxxx',
    })
    expect(proxy.cluster('stock')).toMatchObject({ rq_2xx: 150, cx_total: 1 })
    expect(server.connections()).toBe(1)
  })

  it('gets through more calls than fit a short id', async () => {
    const { port } = await proxied()
    const one = caller(port)
    for (let i = 0; i < 300; i += 100) {
      const told = await Promise.all(Array.from({ length: 100 }, () => one.getUsrName('bob')))
      expect(told.every(({ response }) => response.return === 3)).toBe(true)
    }
  })

  it('has its context and its status at the other side', async () => {
    const { port } = await proxied()
    const property = { context: { zone: 'east' }, dyeing: { dyeing: true, key: 'k1' } }
    await caller(port).getUsrName('bob', property)
    expect(contexts).toEqual([{ zone: 'east', STATUS_DYED_KEY: 'k1' }])
  })

  it('hears what its server has to say against a call', async () => {
    const { proxy, port } = await proxied()
    const error = await failure(caller(port).getall(new generated.User_t()))
    expect(error).toEqual({ code: 17, message: 'out of apples' })
    expect(proxy.cluster('stock').rq_5xx).toBe(1)
  })

  it('hears what the proxy has to say', async () => {
    const { proxy, server, port } = await proxied({
      name: 'routes',
      virtual_hosts: [{ name: 'stock', domains: [STOCK], routes: everything }],
    })
    await caller(port).getUsrName('bob')
    const nobody = await failure(caller(port, 'Shop.Stock.Nobody').getUsrName('bob'))
    expect([nobody.code, nobody.message]).toEqual([-4, expect.stringMatching(/^hop: .*route/)])
    server.stop()
    await until(() => proxy.cluster('stock').cx_active === 0)
    const gone = await failure(caller(port).getUsrName('bob'))
    expect([gone.code, gone.message]).toEqual([-8, expect.stringMatching(/^hop: upstream: /)])
  })

  it('is routed by its function', async () => {
    const { port } = await proxied({
      name: 'routes',
      virtual_hosts: [
        {
          name: 'stock',
          domains: ['Shop.*'],
          routes: [{ match: { method: { exact: 'getUsrName' } }, route: { cluster: 'stock' } }],
        },
      ],
    })
    const one = caller(port)
    expect((await one.getUsrName('bob')).response.return).toBe(3)
    expect((await failure(one.getall(new generated.User_t()))).code).toBe(-4)
  })

  it('pings the servant, which answers itself', async () => {
    const { proxy, port } = await proxied()
    const { proxy: one, stop } = client(rpc.ServantProxy, port)
    stage.later(stop)
    const none = new stream.UniAttribute().encode()
    const { response } = await one._worker.tars_invoke('tars_ping', none)
    expect(response.sBuffer.toNodeBuffer()).toEqual(Buffer.from([0x0c]))
    expect(proxy.cluster('stock').rq_2xx).toBe(1)
  })

  it('tells without waiting', async () => {
    const { proxy, port } = await proxied()
    const one = caller(port)
    await failure(one.getUsrName('ann', { packetType: 1, context: { n: '1' } }))
    await one.getUsrName('bob', { context: { n: '2' } })
    await until(() => contexts.length === 2)
    expect(contexts).toEqual([{ n: '1' }, { n: '2' }])
    expect(proxy.listener('rpc')).toMatchObject({ rq_oneway: 1, rq_active: 0 })
  })

  it('sends and gets a megabyte', async () => {
    const { port } = await proxied()
    const text = 'apples und Äpfel '.repeat(65_536)
    const { response } = await caller(port).getUsrName(text)
    expect(response.arguments!.sValue2).toBe(`two ${text}`)
  })

  it.each([3, 2])('speaks TUP (%i) beside Tars on the same connection', async (version) => {
    const { proxy, port } = await proxied()
    const tup = tupCaller(port, version)
    const one = caller(port)
    const told = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        if (i % 2 === 0) return (await one.getUsrName(`${i}`)).response.arguments!.sValue1
        return (await tup('getUsrName', `${i}`)).response.tup.readString('sValue1')
      }),
    )
    expect(told).toEqual(told.map((_, i) => `one ${i}`))
    expect((await failure(tup('nothing', 'x'))).code).toBe(-3)
    expect(proxy.cluster('stock')).toMatchObject({ rq_2xx: 40, rq_4xx: 1, cx_total: 1 })
  })

  it('hears in TUP what the proxy has to say', async () => {
    const { proxy, server, port } = await proxied()
    const tup = tupCaller(port, 3)
    await tup('getUsrName', 'bob')
    server.stop()
    await until(() => proxy.cluster('stock').cx_active === 0)
    expect((await failure(tup('getUsrName', 'bob'))).code).toBe(-8)
  })
})
