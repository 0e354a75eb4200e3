import {
  ask,
  bootstrap,
  cluster,
  everything,
  httpChain,
  listener,
  Stage,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

/** A port with these routes before the hosts `a` and `b`, which say their names. */
async function routed(routes: Parameters<typeof httpChain>[0], extra = {}): Promise<number> {
  const clusters = []
  for (const name of ['a', 'b']) {
    const host = await stage.httpHost(({ path }, response) => {
      response.setHeader('x-internal', 'secret')
      response.end(`${name} ${path}`)
    })
    clusters.push(cluster(name, [host.port]))
  }
  const proxy = await stage.proxy([listener('web', [httpChain(routes, extra)])], clusters)
  return proxy.port('web')
}

const to = (name: string, match: object, route: object = {}): Record<string, unknown> => ({
  match,
  route: { cluster: name, ...route },
})

describe('an HTTP request is routed', () => {
  it.each([
    ['by its whole path', { path: '/cart' }, '/cart?x=1', {}],
    ['by how its path begins', { prefix: '/cart' }, '/cart/1', {}],
    ['by a regular expression', { safe_regex: { regex: '/c[a-z]+' } }, '/cart', {}],
    [
      'by a header',
      { prefix: '/', headers: [{ name: 'x-tenant', string_match: { exact: 'blue' } }] },
      '/',
      { 'X-Tenant': 'blue' },
    ],
    [
      'by its query',
      { prefix: '/', query_parameters: [{ name: 'v', string_match: { exact: '2' } }] },
      '/?v=2',
      {},
    ],
  ])('%s', async (_, match, path, headers) => {
    const port = await routed([to('a', match), everything('b')])
    expect((await ask(port, path, { headers })).body).toBe(`a ${path}`)
    expect((await ask(port, '/else')).body).toBe('b /else')
  })

  it('by its host', async () => {
    const port = await routed({
      virtual_hosts: [
        { name: 'one', domains: ['a.shop'], routes: [everything('a')] },
        { name: 'two', domains: ['*'], routes: [everything('b')] },
      ],
    })
    expect((await ask(port, '/', { headers: { host: 'a.shop' } })).body).toBe('a /')
    expect((await ask(port, '/', { headers: { host: 'x.shop' } })).body).toBe('b /')
  })

  it('to clusters in proportion to their weights', async () => {
    const weighted_clusters = {
      clusters: [
        { name: 'a', weight: 3 },
        { name: 'b', weight: 1 },
      ],
    }
    const port = await routed([{ match: { prefix: '/' }, route: { weighted_clusters } }])
    let seen = 0
    for (let i = 0; i < 200; i++) if ((await ask(port, '/')).body === 'a /') seen++
    expect(seen).toBeGreaterThan(115)
    expect(seen).toBeLessThan(185)
  })

  it('with another beginning of its path', async () => {
    const port = await routed([to('a', { prefix: '/old/' }, { prefix_rewrite: '/' })])
    expect((await ask(port, '/old/x?y=1')).body).toBe('a /x?y=1')
  })
})

describe('an HTTP request is answered by the proxy', () => {
  it('with another address', async () => {
    const port = await routed([
      {
        match: { prefix: '/old' },
        redirect: { host_redirect: 'new.shop', prefix_rewrite: '/new' },
      },
    ])
    const { status, headers } = await ask(port, '/old/x')
    expect([status, headers.location]).toEqual([301, 'http://new.shop/new/x'])
  })

  it('with what a route says', async () => {
    const direct_response = { status: 418, body: { inline_string: 'short and stout' } }
    const port = await routed([{ match: { prefix: '/' }, direct_response }])
    const { status, body } = await ask(port, '/')
    expect([status, body]).toEqual([418, 'short and stout'])
  })

  it('with a sentence that names hop, side and rule where no route fits', async () => {
    const port = await routed([to('a', { path: '/cart' })])
    const { status, body } = await ask(port, '/nowhere')
    expect(status).toBe(404)
    expect(body).toMatch(/^hop: proxy: no route .*"all".*\n$/)
  })

  it('where a cluster does not exist', async () => {
    const port = await routed({
      validate_clusters: false,
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ name: 'r', ...everything('c') }] }],
    })
    const { status, body } = await ask(port, '/')
    expect(status).toBe(503)
    expect(body).toBe('hop: proxy: route "r" leads to cluster "c", which does not exist\n')
  })

  it('where a cluster has no hosts, or none that is healthy', async () => {
    const sick = cluster('sick', [])
    Object.assign(sick, {
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      load_assignment: {
        endpoints: [
          {
            lb_endpoints: [
              {
                health_status: 'UNHEALTHY',
                endpoint: {
                  address: { socket_address: { address: '127.0.0.1', port_value: 9 } },
                },
              },
            ],
          },
        ],
      },
    })
    const proxy = await stage.proxy(
      [listener('web', [httpChain([to('none', { path: '/none' }), everything('sick')])])],
      [cluster('none', []), sick],
    )
    const none = await ask(proxy.port('web'), '/none')
    expect([none.status, none.body]).toEqual([503, 'hop: upstream: cluster "none" has no hosts\n'])
    const all = await ask(proxy.port('web'), '/')
    expect(all.body).toBe('hop: upstream: none of the 1 hosts of cluster "sick" is healthy\n')
    expect(proxy.cluster('sick').rq_no_host).toBe(1)
  })
})

describe('headers', () => {
  it('are added and removed on the way there and back', async () => {
    const host = await stage.httpHost((asked, response) => {
      response.setHeader('x-internal', 'secret')
      response.end(JSON.stringify(asked.headers))
    })
    const route = {
      ...everything('a'),
      request_headers_to_add: [{ header: { key: 'x-edge', value: 'yes' } }],
      request_headers_to_remove: ['x-debug'],
      response_headers_to_add: [{ header: { key: 'x-via', value: 'tulle' } }],
      response_headers_to_remove: ['x-internal'],
    }
    const proxy = await stage.proxy(
      [listener('web', [httpChain([route])])],
      [cluster('a', [host.port])],
    )
    const answer = await ask(proxy.port('web'), '/', { headers: { 'X-Debug': '1' } })
    const seen = JSON.parse(answer.body) as Record<string, string>
    expect(seen).toMatchObject({ host: 'shop', 'x-edge': 'yes' })
    expect(seen).not.toHaveProperty('x-debug')
    expect(answer.headers).toMatchObject({ 'x-via': 'tulle' })
    expect(answer.headers).not.toHaveProperty('x-internal')
  })
})

describe('a configuration', () => {
  it('that is wrong in a part is refused as a whole and changes nothing', async () => {
    const host = await stage.httpHost()
    const good = [cluster('a', [host.port])]
    const proxy = await stage.proxy([webListener('a')], good)
    const wrong = bootstrap([webListener('a'), webListener('nobody')], good)
    await expect(proxy.apply(wrong)).rejects.toThrow('nobody')
    expect((await ask(proxy.port('web'), '/still')).body).toBe('/still')
    expect(proxy.runtime.stats.config_updates).toBe(1)
  })
})
