import { Catalog } from '@tulle/core'
import { boltChain, cluster, deadPort, listener, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import type { Protocol } from '../../protocol.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import { openShop, type ShopServer, SoldOut, startShop, type VoiceName } from './shop.ts'
import { thrift } from './thrift.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const parts = { ...builtins, protocols: new Catalog<Protocol>('protocol', [http2, http1, thrift]) }

async function server(voice: VoiceName, services: readonly string[] = []): Promise<ShopServer> {
  const shop = await startShop(voice, services)
  stage.later(() => shop.close())
  return shop
}

async function client(port: number, voice: VoiceName, service = '') {
  const { shop, close } = await openShop(port, voice, service)
  stage.later(close)
  return shop
}

const routeOf = (name: string, domain: string) => ({
  name,
  domains: [domain],
  routes: [{ route: { cluster: name } }],
})

/** A proxy before these ports; of more than one, virtual hosts by service. */
async function proxyTo(ports: Readonly<Record<string, number>>, extra = {}) {
  const names = Object.keys(ports)
  const domains =
    names.length === 1 ? [routeOf(names[0]!, '*')] : names.map((it) => routeOf(it, it))
  const chain = boltChain(
    { name: 'routes', virtual_hosts: domains },
    { protocol: 'thrift', ...extra },
  )
  const clusters = names.map((name) => cluster(name, [ports[name]!]))
  return stage.proxy([listener('rpc', [chain])], clusters, {}, { parts })
}

const voices: readonly VoiceName[] = [
  'binary',
  'old',
  'compact',
  'theader',
  'theader in two frames',
]

describe.each(voices)('client and server of the npm package thrift, %s', (voice) => {
  it('call each other through the proxy: results, declared exceptions, absent methods', async () => {
    const proxy = await proxyTo({ shop: (await server(voice)).port })
    const shop = await client(proxy.port('rpc'), voice)
    expect(await shop.echo('bob')).toBe('bob')
    expect(await shop.echo('')).toBe('')
    await expect(shop.echo('no apples')).rejects.toThrow(new SoldOut('apples'))
    await expect(shop.absent()).rejects.toThrow('Unknown function absent')
    expect(await shop.echo('bob again')).toBe('bob again')
    expect(proxy.cluster('shop')).toMatchObject({ rq_2xx: 4, rq_5xx: 1 })
  })

  it('send what nobody answers, and go on', async () => {
    const host = await server(voice)
    const proxy = await proxyTo({ shop: host.port })
    const shop = await client(proxy.port('rpc'), voice)
    for (let i = 0; i < 10; i++) shop.fire(`shot ${i}`)
    await until(() => host.fired.length === 10)
    expect([...host.fired].sort()).toEqual(Array.from({ length: 10 }, (_, i) => `shot ${i}`))
    expect(await shop.echo('after')).toBe('after')
  })

  it('have many calls under way, and one of a megabyte', async () => {
    const proxy = await proxyTo({ shop: (await server(voice)).port })
    const shops = await Promise.all([0, 1].map(() => client(proxy.port('rpc'), voice)))
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`)
    const said = await Promise.all(texts.map((text, i) => shops[i % 2]!.echo(text)))
    expect(said).toEqual(texts)
    const large = 'Äpfel '.repeat(175_000)
    expect(await shops[0]!.echo(large)).toBe(large)
  })

  it('are told here that nobody is there', async () => {
    const proxy = await proxyTo({ shop: await deadPort() })
    const shop = await client(proxy.port('rpc'), voice)
    await expect(shop.echo('bob')).rejects.toThrow(/hop: upstream: /)
    await expect(shop.echo('bob')).rejects.toMatchObject({ type: 6 })
  })
})

describe.each(['binary', 'compact', 'theader'] as const)('several services by %s', (voice) => {
  it('are routed by the name before the method', async () => {
    const [stock, price] = await Promise.all([server(voice, ['Stock']), server(voice, ['Price'])])
    const proxy = await proxyTo({ Stock: stock.port, Price: price.port })
    const port = proxy.port('rpc')
    const shops = await Promise.all(
      ['Stock', 'Price', 'Other'].map((it) => client(port, voice, it)),
    )
    expect(await shops[0]!.echo('a')).toBe('Stock: a')
    expect(await shops[1]!.echo('b')).toBe('Price: b')
    await expect(shops[2]!.echo('c')).rejects.toMatchObject({ type: 1 })
  })
})

describe.each(['theader', 'theader in two frames'] as const)('headers by %s', (voice) => {
  it('reach the server, with the changes made on their way', async () => {
    const host = await server(voice)
    const change = { request: { remove: ['debug'], set: { edge: 'yes' } } }
    const type = 'type.googleapis.com/tulle.filters.v1.Headers'
    const filter = { name: 'headers', typed_config: { '@type': type, ...change } }
    const proxy = await proxyTo({ shop: host.port }, { rpc_filters: [filter] })
    const shop = await client(proxy.port('rpc'), voice)
    shop.output.setWriteHeader('x-user', 'alice')
    shop.output.setWriteHeader('debug', '1')
    shop.output.setSeqId(77)
    expect(await shop.echo('bob')).toBe('bob')
    expect(host.headers).toEqual([{ 'x-user': 'alice', edge: 'yes' }])
  })

  it('say which service is called', async () => {
    const [one, two] = await Promise.all([server(voice), server(voice)])
    const proxy = await proxyTo({ 'demo.One': one.port, 'demo.Two': two.port })
    const shop = await client(proxy.port('rpc'), voice)
    shop.output.setWriteHeader('svc', 'demo.Two')
    await shop.echo('bob')
    expect([one.headers.length, two.headers.length]).toEqual([0, 1])
  })
})
