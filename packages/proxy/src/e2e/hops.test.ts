import { type Answered, ask, cluster, type HttpHost, Stage, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

describe('a request that passes hops', () => {
  it('tells the host what came before, and the client what it was called', async () => {
    const { host, answer } = await passed(
      { via: '1.1 edge', use_remote_address: true, always_set_request_id_in_response: true },
      { via: '1.1 client', 'x-forwarded-proto': 'https', 'x-forwarded-client-cert': 'Hash=1' },
    )
    const { headers } = host.asked[0]!
    expect(headers).toMatchObject({
      via: '1.1 client, 1.1 edge',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-envoy-internal': 'true',
    })
    expect(headers).not.toHaveProperty('x-forwarded-client-cert')
    expect(headers).not.toHaveProperty(':scheme')
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers).toMatchObject({
      via: '1.1 edge',
      'x-request-id': headers['x-request-id'],
    })
  })

  it('tells an edge behind trusted hops who its client is', async () => {
    const { host } = await passed(
      { use_remote_address: true, xff_num_trusted_hops: 1, append_x_forwarded_port: true },
      {
        'x-forwarded-for': '10.9.9.9, 192.0.2.5',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '443',
        'x-request-id': 'mine',
      },
    )
    const { headers } = host.asked[0]!
    expect(headers).toMatchObject({
      'x-forwarded-for': '10.9.9.9, 192.0.2.5, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-envoy-external-address': '192.0.2.5',
    })
    expect(headers['x-request-id']).not.toBe('mine')
  })

  it('is redirected to the scheme its client used', async () => {
    const host = await stage.httpHost()
    const routes = [{ match: { prefix: '/' }, redirect: { path_redirect: '/new' } }]
    const route_config = { name: 'r', virtual_hosts: [{ name: 'v', domains: ['*'], routes }] }
    const web = webListener('a', {}, { route_config })
    const proxy = await stage.proxy([web], [cluster('a', [host.port])])
    const headers = { 'x-forwarded-proto': 'https' }
    const answer = await ask(proxy.port('web'), '/old', { headers })
    expect(answer.headers.location).toBe('https://shop/new')
  })
})

/** A request with these headers through a listener with these settings, and what became of it. */
async function passed(
  manager: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly host: HttpHost; readonly answer: Answered }> {
  const host = await stage.httpHost()
  const proxy = await stage.proxy([webListener('a', {}, manager)], [cluster('a', [host.port])])
  return { host, answer: await ask(proxy.port('web'), '/', { headers }) }
}
