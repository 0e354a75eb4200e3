import { boltChain, cluster, everyCall, listener, rpcListener, Stage } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const NO_PROCESSOR = 6
const CLOSED = 16

const stage = new Stage()
afterEach(() => stage.clear())

/** A port with these routes before the hosts `a` and `b`, which say their names. */
async function routed(routes: Parameters<typeof boltChain>[0], extra = {}): Promise<number> {
  const clusters = []
  for (const name of ['a', 'b']) {
    const host = await stage.boltHost((asked) => asked.answer(`${name}: ${asked.text}`))
    clusters.push(cluster(name, [host.port]))
  }
  const proxy = await stage.proxy([listener('rpc', [boltChain(routes, extra)])], clusters)
  return proxy.port('rpc')
}

const services = (...hosts: [domains: string[], routes: object[]][]): Record<string, unknown> => ({
  virtual_hosts: hosts.map(([domains, routes], i) => ({ name: `v${i}`, domains, routes })),
})

describe('a Bolt request is routed', () => {
  it('by its service', async () => {
    const port = await routed(
      services([['shop.Basket:1.0'], [everyCall('a')]], [['shop.*'], [everyCall('b')]]),
    )
    const client = await stage.boltClient(port)
    expect((await client.call({ service: 'shop.Basket:1.0' })).text).toBe('a: hello')
    expect((await client.call({ service: 'shop.Cellar:1.0' })).text).toBe('b: hello')
  })

  it('by its method', async () => {
    const port = await routed([
      { match: { method: { exact: 'put' } }, ...everyCall('a') },
      everyCall('b'),
    ])
    const client = await stage.boltClient(port)
    expect((await client.call({ method: 'put' })).text).toBe('a: hello')
    expect((await client.call({ method: 'take' })).text).toBe('b: hello')
  })

  it('by a header, the last where its name comes twice, as the provider will see it', async () => {
    const headers = [{ name: 'tenant', string_match: { exact: 'blue' } }]
    const port = await routed([{ match: { headers }, ...everyCall('a') }, everyCall('b')])
    const client = await stage.boltClient(port)
    const texts = []
    for (const tenants of [['blue'], ['red'], ['blue', 'red'], ['red', 'blue'], []])
      texts.push((await client.call({ headers: tenants.map((it) => ['tenant', it]) })).text[0])
    expect(texts).toEqual(['a', 'b', 'b', 'a', 'b'])
  })

  it('to clusters in proportion to their weights', async () => {
    const weighted_clusters = {
      clusters: [
        { name: 'a', weight: 3 },
        { name: 'b', weight: 1 },
      ],
    }
    const client = await stage.boltClient(await routed([{ route: { weighted_clusters } }]))
    const answers = await Promise.all(Array.from({ length: 400 }, () => client.call()))
    const seen = answers.filter(({ text }) => text.startsWith('a')).length
    expect(seen).toBeGreaterThan(240)
    expect(seen).toBeLessThan(360)
  })

  it('with headers set and removed by a filter', async () => {
    const changes = {
      request: { remove: ['debug'], set: { edge: 'yes' } },
      response: { set: { via: 'tulle' } },
    }
    const filter = {
      name: 'headers',
      typed_config: { '@type': 'type.googleapis.com/tulle.filters.v1.Headers', ...changes },
    }
    const host = await stage.boltHost()
    const proxy = await stage.proxy(
      [rpcListener('a', {}, { rpc_filters: [filter] })],
      [cluster('a', [host.port])],
    )
    for (const voice of ['v1', 'v2', 'crc'] as const) {
      const client = await stage.boltClient(proxy.port('rpc'), voice)
      const answer = await client.call({ headers: [['debug', '1']] })
      expect([answer.text, answer.header('via')]).toEqual(['hello', 'tulle'])
      const { seen } = host.asked.at(-1)!
      expect([seen.header('edge'), seen.header('debug'), seen.text]).toEqual([
        'yes',
        undefined,
        'hello',
      ])
    }
  })
})

describe('a Bolt request is answered by the proxy', () => {
  it('with a sentence that names hop, side and rule where no route fits', async () => {
    const port = await routed(services([['shop.Basket:1.0'], [everyCall('a')]]))
    const client = await stage.boltClient(port)
    const answer = await client.call({ service: 'shop.Nobody:1.0', id: 77 })
    expect([answer.id, answer.status]).toEqual([77, NO_PROCESSOR])
    expect(answer.header('tulle_error')).toMatch(/^hop: proxy: no .*"shop.Nobody:1.0"/)
  })

  it('where a cluster does not exist', async () => {
    const client = await stage.boltClient(
      await routed({ validate_clusters: false, ...services([['*'], [everyCall('c')]]) }),
    )
    const answer = await client.call()
    expect(answer.status).toBe(NO_PROCESSOR)
    expect(answer.header('tulle_error')).toContain('cluster "c", which does not exist')
  })

  it('where a cluster has no hosts', async () => {
    const proxy = await stage.proxy([rpcListener('none')], [cluster('none', [])])
    const client = await stage.boltClient(proxy.port('rpc'))
    const answer = await client.call()
    expect(answer.status).toBe(CLOSED)
    expect(answer.header('tulle_error')).toBe('hop: upstream: cluster "none" has no hosts')
  })

  it('in the version of the request, for each version', async () => {
    const proxy = await stage.proxy([rpcListener('none')], [cluster('none', [])])
    for (const [voice, key] of [
      ['v1', 0x100],
      ['v2', 0x201],
      ['crc', 0x202],
    ] as const) {
      const client = await stage.boltClient(proxy.port('rpc'), voice)
      expect((await client.call()).voice).toBe(key)
      expect((await client.heartbeat(9)).voice).toBe(key)
    }
    expect(proxy.listener('rpc').heartbeat_total).toBe(3)
  })
})
