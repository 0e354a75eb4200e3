import { Catalog } from '@tulle/core'
import { DEFAULT_ACCESS_LOG_TEMPLATE, loadBootstrap } from '@tulle/model'
import { boltChain, bootstrap, cluster, everyCall, listener, XExample } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { builtins } from '../builtins.ts'
import { Depth, type Protocol } from '../protocol.ts'
import type { Parts } from './parts.ts'
import { plan } from './plan.ts'

const frames = new XExample(Depth.Frames, 'frames').protocol
const names = new XExample(Depth.Names, 'names').protocol
const headers = new XExample(Depth.Headers, 'headers').protocol
const parts: Parts = {
  ...builtins,
  protocols: new Catalog<Protocol>('protocol', [
    ...builtins.protocols.parts,
    frames,
    names,
    headers,
  ]),
}
const CHAIN = 'static_resources.listeners[0].filter_chains[0].filters[0].typed_config'
const HOST = `${CHAIN}.route_config.virtual_hosts[0]`
const ROUTE = `${HOST}.routes[0]`

type Manager = Readonly<Record<string, unknown>>

const fault = (extra: object = {}): Manager => ({
  rpc_filters: [
    {
      name: 'fault',
      typed_config: {
        '@type': 'type.googleapis.com/tulle.filters.v1.Fault',
        abort: { http_status: 503, percentage: { numerator: 0 } },
        ...extra,
      },
    },
  ],
})
const headerChange = (changes: object): Manager => ({
  rpc_filters: [
    {
      name: 'names',
      typed_config: { '@type': 'type.googleapis.com/tulle.filters.v1.Headers', ...changes },
    },
  ],
})
const routed = (match: object, route: object = { cluster: 'a' }): Manager => ({
  route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match, route }] }] },
})
const log = (log_format?: object): Manager => ({
  access_log: [
    {
      name: 'log',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
        ...(log_format === undefined ? {} : { log_format }),
      },
    },
  ],
})
const line = (inline_string: string): Manager => log({ text_format_source: { inline_string } })
const services = (...domains: string[]): Manager => ({
  route_config: { virtual_hosts: [{ name: 'all', domains, routes: [everyCall('a')] }] },
})

/** What a manager says, what it reads, the rule's name in words, and its place. */
const RULES: readonly (readonly [Manager, 'names' | 'headers', string, string])[] = [
  [services('*', 'Stock'), 'names', 'a virtual host of service "Stock"', `${HOST}.domains[1]`],
  [services('com.shop.*'), 'names', 'a virtual host of service "com.shop.*"', `${HOST}.domains[0]`],
  [routed({ method: { exact: 'take' } }), 'names', 'a route by method', `${ROUTE}.match.method`],
  [
    routed({ headers: [{ name: 'color', present_match: true }] }),
    'headers',
    'a route by header "color"',
    `${ROUTE}.match.headers[0]`,
  ],
  [
    routed({}, { cluster_header: 'to' }),
    'headers',
    'a cluster named by header "to"',
    `${ROUTE}.route.cluster_header`,
  ],
  [
    routed(
      {},
      {
        weighted_clusters: {
          clusters: [{ name: 'a', weight: 1, response_headers_to_remove: ['b'] }],
        },
      },
    ),
    'headers',
    'a change of headers',
    `${ROUTE}.route.weighted_clusters.clusters[0].response_headers_to_remove`,
  ],
  [
    fault({ headers: [{ name: 'hurt', present_match: true }] }),
    'headers',
    'a fault by header "hurt"',
    `${CHAIN}.rpc_filters[0].typed_config.headers[0]`,
  ],
  [
    headerChange({ request: { set: { a: 'b' } } }),
    'headers',
    'a change of headers',
    `${CHAIN}.rpc_filters[0].typed_config`,
  ],
  [
    headerChange({ response: { remove: ['a'] } }),
    'headers',
    'a change of headers',
    `${CHAIN}.rpc_filters[0].typed_config`,
  ],
  [line('%METHOD%\n'), 'names', '%METHOD% in an access log', `${CHAIN}.access_log[0].format`],
  [
    line('%DURATION% %REQ(user):8% %RESP(cost)%'),
    'headers',
    '%REQ(user)% in an access log',
    `${CHAIN}.access_log[0].format`,
  ],
  [
    log({ json_format: { of: ['%SERVICE%'] } }),
    'names',
    '%SERVICE% in an access log',
    `${CHAIN}.access_log[0].format`,
  ],
]

/** What is asked of no protocol. */
const SHALLOW: readonly (readonly [string, Manager])[] = [
  ['one route for everything', services('*')],
  ['a share of requests', routed({ runtime_fraction: { default_value: { numerator: 1 } } })],
  ['faults by lot', fault()],
  ['no change of headers', headerChange({})],
  ['a line without headers', line('%PROTOCOL% %RESPONSE_CODE% %UPSTREAM_HOST%')],
]

const LACKS = {
  names: { frames: 'service and method' },
  headers: { frames: 'headers', names: 'headers' },
} as const
const REACH = { frames: 'frames and their ids', names: 'service and method' } as const

describe('a rule', () => {
  const refused = RULES.flatMap(([manager, depth, who, at]) =>
    Object.entries(LACKS[depth]).map(
      ([protocol, lack]) => [who, protocol, lack, manager, at] as const,
    ),
  )
  it.each(refused)('%s is refused of "%s", which has no %s', (who, protocol, lack, manager, at) => {
    const reach = REACH[protocol as keyof typeof REACH]
    const sentence = `protocol "${protocol}" is read as far as ${reach}: it has no ${lack}, which ${who} needs; leave the rule out, or let its codec read more`
    expect(problemsOf([protocol], manager)).toContainEqual({ at, what: sentence })
  })

  it.each(RULES)('%j is taken of a protocol that reads %s', (manager, depth, who, at) => {
    for (const protocol of depth === 'names' ? ['names', 'headers'] : ['headers'])
      expect(readsOf([protocol], manager)).toEqual({ depth, why: `${who} (${at})` })
  })

  it('of several protocols is held against the shallowest', () => {
    const [problem, ...others] = problemsOf(
      ['headers', 'names', 'frames'],
      routed({ method: { exact: 'a' } }),
    )
    expect(others).toEqual([])
    expect(problem!.what).toContain('protocol "frames" is read as far as frames and their ids')
    expect(problem!.what).toContain('give it a chain without such rules')
  })

  it('is told with every other one', () => {
    const both = {
      ...routed({ method: { exact: 'a' }, headers: [{ name: 'b' }] }),
      ...line('%REQ(c)%'),
    }
    expect(problemsOf(['frames'], both)).toHaveLength(3)
  })

  it.each(SHALLOW)('that looks at no message, as %s, is for all', (_what, manager) => {
    for (const protocol of ['frames', 'names', 'headers'])
      expect(readsOf([protocol], manager)).toEqual({
        depth: 'nothing',
        why: 'no rule looks inside a frame',
      })
  })
})

it('the usual line of an access log goes without headers where there are none', () => {
  expect(DEFAULT_ACCESS_LOG_TEMPLATE).toContain('%REQ(')
  expect(problemsOf(['frames'], log())).toEqual([])
  expect(readsOf(['headers'], log())).toMatchObject({ depth: 'headers' })
  expect(readsOf(['frames'], log())).toMatchObject({ depth: 'nothing' })
})

function planned(protocols: readonly string[], manager: Manager): ReturnType<typeof plan> {
  const chain = boltChain([everyCall('a')], { protocol: undefined, ...manager })
  const filter = (chain.filters as { typed_config: Record<string, unknown> }[])[0]!
  filter.typed_config.protocols = protocols
  const text = bootstrap([listener('rpc', [chain])], [cluster('a', [1])])
  const loaded = loadBootstrap(text, 'f.json')
  if (!loaded.ok) return loaded
  return plan(loaded.value, parts)
}

function problemsOf(
  protocols: readonly string[],
  manager: Manager,
): readonly { at: string; what: string }[] {
  const result = planned(protocols, manager)
  return result.ok ? [] : result.problems
}

function readsOf(protocols: readonly string[], manager: Manager): unknown {
  const result = planned(protocols, manager)
  return result.ok ? result.value.listeners[0]!.chains[0]!.reads : result.problems
}
