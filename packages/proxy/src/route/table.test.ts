import { decodeRouteConfiguration } from '@tulle/model'
import { FakeChain, FakeProtocol, FakeSession, type Headers } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { RouteTable } from '../route.ts'
import type { Security } from '../security.ts'
import type { Stream } from '../stream.ts'
import { compile } from './compile.ts'

const protocol = new FakeProtocol('http/1.1')

describe('a table of HTTP routes', () => {
  it.each([
    [{ path: '/a' }, '/a', true],
    [{ path: '/a' }, '/a?q=1', true],
    [{ path: '/a' }, '/A', false],
    [{ path: '/a', case_sensitive: false }, '/A', true],
    [{ path: '/a' }, '/a/', false],
    [{ prefix: '/a' }, '/ab', true],
    [{ prefix: '/a' }, '/', false],
    [{ prefix: '/Ab', case_sensitive: false }, '/aBc', true],
    [{ prefix: '/a?' }, '/a?b', false],
    [{ prefix: '' }, '/x', true],
    [{ prefix: '/' }, '*', false],
    [{ path_separated_prefix: '/a' }, '/a', true],
    [{ path_separated_prefix: '/a' }, '/a?b', true],
    [{ path_separated_prefix: '/a' }, '/a/b', true],
    [{ path_separated_prefix: '/a' }, '/ab', false],
    [{ safe_regex: { regex: '/v[0-9]+' } }, '/v12', true],
    [{ safe_regex: { regex: '/v[0-9]+' } }, '/v12?x', true],
    [{ safe_regex: { regex: '/v[0-9]+' } }, '/v12/x', false],
  ])('with a match of %j takes %j: %j', (match, path, answer) => {
    expect(takes(match, { ':path': path })).toBe(answer)
  })

  it('tests headers and query parameters after the path', () => {
    const headers = [{ name: 'X-Env', string_match: { exact: 'canary' } }]
    expect(takes({ prefix: '/', headers }, { ':path': '/', 'x-env': 'canary' })).toBe(true)
    expect(takes({ prefix: '/', headers }, { ':path': '/', 'x-env': 'prod' })).toBe(false)
    const query_parameters = [{ name: 'v', string_match: { prefix: '2' } }]
    expect(takes({ path: '/a', query_parameters }, { ':path': '/a?u=1&v=2.1' })).toBe(true)
    expect(takes({ path: '/a', query_parameters }, { ':path': '/a?v=1' })).toBe(false)
    expect(takes({ path: '/a', query_parameters }, { ':path': '/a' })).toBe(false)
  })

  it('gives CONNECT requests without a path only to routes that ask for them', () => {
    const connect = { ':method': 'CONNECT' }
    expect(takes({ prefix: '' }, connect)).toBe(false)
    expect(takes({ connect_matcher: {} }, connect)).toBe(true)
    expect(takes({ connect_matcher: {} }, { ':method': 'GET', ':path': '/' })).toBe(false)
    const both = [
      { name: 'path', match: { prefix: '/x' }, route: { cluster: 'a' } },
      { name: 'connect', match: { connect_matcher: {} }, route: { cluster: 'a' } },
    ]
    expect(nameOf(both, { ':method': 'CONNECT', ':path': '/x' })).toBe('path')
    expect(nameOf(both, { ':method': 'CONNECT', ':path': '/y' })).toBe('connect')
  })

  it('takes the first route that matches, whatever kind of path it has', () => {
    const matches = [
      { prefix: '/a/b/c', headers: [{ name: 'h', present_match: true }] },
      { safe_regex: { regex: '/a/b/c/.*' } },
      { path: '/a/b/c/d' },
      { prefix: '/a/b' },
      { path: '/a/b' },
      { prefix: '/A', case_sensitive: false },
      { prefix: '' },
    ]
    const routes = matches.map((match, i) => ({ name: `${i}`, match, route: { cluster: 'a' } }))
    const of = (path: string, more: Headers = {}) => nameOf(routes, { ':path': path, ...more })
    expect(of('/a/b/c/d', { h: '' })).toBe('0')
    expect(of('/a/b/c/d')).toBe('1')
    expect(of('/a/b')).toBe('3')
    expect(of('/a/x')).toBe('5')
    expect(of('/x')).toBe('6')
  })

  it('draws one lot for all fractions of a virtual host, and none where there are no fractions', () => {
    const share = (numerator: number) => ({ default_value: { numerator } })
    const routes = [
      { name: 'ten', match: { prefix: '/', runtime_fraction: share(10) }, route: { cluster: 'a' } },
      { name: 'more', match: { path: '/', runtime_fraction: share(30) }, route: { cluster: 'a' } },
      { name: 'rest', match: { prefix: '/' }, route: { cluster: 'a' } },
    ]
    const names = [0, 0.0999, 0.1, 0.2999, 0.3, 0.99].map((draw) =>
      nameOf(routes, { ':path': '/' }, () => draw),
    )
    expect(names).toEqual(['ten', 'ten', 'more', 'more', 'rest', 'rest'])
    const never = () => {
      throw new Error('nobody asked for a lot')
    }
    expect(nameOf(routes.slice(2), { ':path': '/' }, never)).toBe('rest')
  })

  it('refuses format operators there are none of, each with its place', () => {
    const header = { key: 'x', value: '%NOTHING%' }
    const routes = [
      { match: { prefix: '/' }, route: { cluster: 'a' } },
      {
        match: { prefix: '/' },
        route: {
          weighted_clusters: {
            clusters: [{ name: 'a', weight: 1, request_headers_to_add: [{ header }] }],
          },
        },
        response_headers_to_add: [{ header: { key: 'y', value: 'fine' } }, { header }],
      },
    ]
    const result = compile(configOf(routes), 'http', (name) => name)
    const places = result.ok ? [] : result.problems.map(({ at }) => at)
    expect(places).toEqual([
      'virtual_hosts[0].routes[1].response_headers_to_add[1].header.value',
      'virtual_hosts[0].routes[1].route.weighted_clusters.clusters[0].request_headers_to_add[0].header.value',
    ])
  })

  it('carries what is done with the requests of a route', () => {
    const match = { prefix: '/' }
    const config = configOf([
      { name: 'gone', match: { path: '/gone' }, direct_response: { status: 410 } },
      { name: 'go', match, route: { cluster: 'unknown', timeout: '3s', idle_timeout: '7s' } },
    ])
    const compiled = compile(config, 'http', () => null)
    if (!compiled.ok) throw new Error('does not compile')
    const gone = compiled.value.route(streamOf({ ':path': '/gone' }), Math.random)
    expect(gone?.action).toMatchObject({ kind: 'direct', status: 410, body: '' })
    const stream = streamOf({ ':path': '/' })
    const go = compiled.value.route(stream, Math.random)
    if (go?.action.kind !== 'forward') throw new Error('does not forward')
    expect(go).toMatchObject({ name: 'go', virtualHost: 'all', requestHeaders: null })
    expect(go.action).toMatchObject({ timeoutMs: 3000, idleTimeoutMs: 7000, rewrite: null })
    const destination = go.action.destination(stream.request, Math.random)
    expect(destination).toMatchObject({ name: 'unknown', cluster: null, requestHeaders: null })
  })

  it('knows gRPC', () => {
    const routes = [
      { name: 'calls', match: { prefix: '/', grpc: {} }, route: { cluster: 'a' } },
      { name: 'rest', match: { prefix: '/' }, route: { cluster: 'a' } },
    ]
    const table = tableOf([{ name: 'all', domains: ['*'], routes }])
    const of = (grpc: boolean) => {
      const stream = streamOf({ ':path': '/' })
      stream.request.view = { ':path': '/', grpc }
      return table.route(stream, Math.random)?.name
    }
    expect([of(true), of(false)]).toEqual(['calls', 'rest'])
  })

  const shown = { peer: {}, verified: true } as Security
  const doubted = { peer: {}, verified: false } as Security
  const anonymous = { peer: null, verified: false } as Security
  it.each<[object, readonly boolean[]]>([
    [{ presented: true }, [true, true, false, false]],
    [{ presented: false }, [false, false, true, true]],
    [{ validated: true }, [true, false, false, false]],
    [{ validated: false }, [false, true, true, true]],
    [{ presented: true, validated: false }, [false, true, false, false]],
    [{}, [true, true, true, true]],
  ])('asks with %j about the certificate of the client', (tls_context, expected) => {
    const match = { prefix: '/', tls_context }
    const routes = [{ name: 'it', match, route: { cluster: 'a' } }]
    const table = tableOf([{ name: 'all', domains: ['*'], routes }])
    const found = [shown, doubted, anonymous, null].map(
      (security) => table.route(streamOf({ ':path': '/' }, security), Math.random) !== null,
    )
    expect(found).toEqual(expected)
  })

  it.each([
    [undefined, [null, null, 0]],
    [{ max_stream_duration: '9s' }, [9000, null, 0]],
    [{ max_stream_duration: '0s', grpc_timeout_header_max: '0s' }, [0, 0, 0]],
    [{ grpc_timeout_header_max: '5s', grpc_timeout_header_offset: '0.2s' }, [null, 5000, 200]],
  ])('carries how long a stream may last: %j', (max_stream_duration, expected) => {
    const match = { prefix: '/' }
    const route = { cluster: 'a', ...(max_stream_duration ? { max_stream_duration } : {}) }
    const table = tableOf([{ name: 'all', domains: ['*'], routes: [{ match, route }] }])
    const action = table.route(streamOf({ ':path': '/' }), Math.random)?.action
    if (action?.kind !== 'forward') throw new Error('does not forward')
    const { maxDurationMs, grpcTimeoutMaxMs, grpcTimeoutOffsetMs } = action
    expect([maxDurationMs, grpcTimeoutMaxMs, grpcTimeoutOffsetMs]).toEqual(expected)
  })

  it('retries as the route says, or else as the virtual host', () => {
    const retry_policy = { retry_on: 'reset', num_retries: 4 }
    const host = {
      name: 'h',
      domains: ['*'],
      retry_policy: { retry_on: '5xx', num_retries: 2 },
      routes: [
        { match: { path: '/own' }, route: { cluster: 'a', retry_policy } },
        { match: { prefix: '/' }, route: { cluster: 'a' } },
      ],
    }
    const table = tableOf([host])
    const retries = ['/own', '/'].map((path) => {
      const action = table.route(streamOf({ ':path': path }), Math.random)?.action
      return action?.kind === 'forward' ? action.retry?.retries : undefined
    })
    expect(retries).toEqual([4, 2])
  })
})

describe('the explanation of a request without a route', () => {
  const host = (name: string, domains: readonly string[], routes: readonly object[]) => ({
    name,
    domains,
    routes,
  })

  it('names the host and some of those that are known', () => {
    const domains = ['a.org', 'b.org', 'c.org', 'd.org', 'e.org', 'f.org', 'g.org']
    const table = tableOf([host('h', domains, [])])
    expect(table.explain(protocol.request({ ':authority': 'x.org', ':path': '/' }))).toBe(
      'no virtual host of "routes" takes host "x.org" (known: a.org, b.org, c.org, d.org, e.org and 2 more)',
    )
    expect(table.explain(protocol.request({ ':path': '/' }))).toContain(
      'takes a request that names no host',
    )
    expect(tableOf([]).explain(protocol.request({ ':authority': 'x' }))).toContain('(it has none)')
  })

  it('names the virtual host and the path', () => {
    const route = { match: { path: '/a' }, route: { cluster: 'a' } }
    const request = protocol.request({ ':authority': 'h', ':method': 'GET', ':path': '/b?c' })
    expect(tableOf([host('h', ['h'], [route])]).explain(request)).toBe(
      'no route in virtual host "h" matches GET "/b" with its headers (it has one)',
    )
    expect(tableOf([host('h', ['*'], [])]).explain(request)).toBe('virtual host "h" has no routes')
  })

  it('repeats a long path only in part', () => {
    const route = { match: { path: '/a' }, route: { cluster: 'a' } }
    const request = protocol.request({ ':method': 'GET', ':path': `/${'b'.repeat(5000)}` })
    expect(tableOf([host('h', ['*'], [route])]).explain(request).length).toBeLessThan(200)
  })
})

function takes(match: object, headers: Headers): boolean {
  return nameOf([{ name: 'it', match, route: { cluster: 'a' } }], headers) === 'it'
}

function nameOf(
  routes: readonly object[],
  headers: Headers,
  random: () => number = Math.random,
): string | undefined {
  const table = tableOf([{ name: 'all', domains: ['*'], routes }])
  return table.route(streamOf(headers), random)?.name
}

function streamOf(headers: Headers, security: Security | null = null): Stream {
  const session = new FakeSession(new FakeChain().intake)
  session.connection.security = security
  return session.open(protocol.request(headers))
}

function tableOf(virtual_hosts: readonly object[]): RouteTable<string> {
  const config = decodeRouteConfiguration({ name: 'routes', virtual_hosts })
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  const compiled = compile(config.value, 'http', (name) => name)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  return compiled.value
}

function configOf(routes: readonly object[]) {
  const virtual_hosts = [{ name: 'all', domains: ['*'], routes }]
  const config = decodeRouteConfiguration({ name: 'routes', virtual_hosts })
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  return config.value
}
