import {
  type KeyMatcher,
  NO_EDITS,
  type PathMatch,
  type Route,
  type RouteConfiguration,
  type RouteMatch,
  type StringMatcher,
  type VirtualHost,
} from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import type { RouteKind } from './compilation.ts'
import { compile } from './compile.ts'

const protocol = new FakeProtocol()
const { session } = new FakeChain()

describe('the compiled table', () => {
  it('routes HTTP as a search through hosts and routes in their order does', () => {
    fc.assert(
      fc.property(configurations(httpMatches), requests, lots, (config, request, lot) => {
        expect(routeOf(config, 'http', request, lot)).toBe(search(config, 'http', request, lot))
      }),
      { numRuns: 2000 },
    )
  })

  it('routes RPC as a search through services and routes in their order does', () => {
    fc.assert(
      fc.property(configurations(rpcMatches), requests, lots, (config, request, lot) => {
        expect(routeOf(config, 'rpc', request, lot)).toBe(search(config, 'rpc', request, lot))
      }),
      { numRuns: 1000 },
    )
  })
})

function routeOf(
  config: RouteConfiguration,
  kind: RouteKind,
  request: Frame,
  lot: number,
): string | undefined {
  const table = compile<string>(config, kind, () => null)
  if (!table.ok) throw new Error('does not compile')
  return table.value.route(session.open(request), () => lot)?.name
}

// ── words of which configurations and requests are made: few, so that they meet ──────────────────────────────────────

const paths = fc
  .array(fc.constantFrom('/', 'a', 'b', 'A', 'ab'), { maxLength: 5 })
  .map((parts) => `/${parts.join('')}`)
const words = fc.constantFrom('a', 'b', 'A', 'ab', 'aB', '')
const lots = fc.constantFrom(0, 0.1, 0.3, 0.7, 0.999)

const strings: fc.Arbitrary<StringMatcher> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('exact', 'prefix', 'suffix', 'contains'),
    value: words,
    ignoreCase: fc.boolean(),
  }),
  fc.constant<StringMatcher>({ kind: 'regex', value: /^(?:a.*|b)$/u }),
)
const keys: fc.Arbitrary<KeyMatcher> = fc.record({
  name: fc.constantFrom('x', 'y'),
  test: fc.oneof(
    fc.record({ kind: fc.constant('string'), matcher: strings }),
    fc.record({ kind: fc.constant('present'), present: fc.boolean() }),
  ),
  invert: fc.boolean(),
  treatMissingAsEmpty: fc.boolean(),
})
const pathMatches: fc.Arbitrary<PathMatch> = fc.oneof(
  fc.constant<PathMatch>({ kind: 'any' }),
  fc.constant<PathMatch>({ kind: 'connect' }),
  fc.constant<PathMatch>({ kind: 'regex', value: /^(?:\/a.*)$/u }),
  fc.record({
    kind: fc.constantFrom('exact', 'prefix', 'segments'),
    value: paths,
    caseSensitive: fc.boolean(),
  }),
)
const some = { maxLength: 1 } as const
const fractions = fc.option(fc.constantFrom(0, 200_000, 500_000, 1_000_000), { freq: 3 })
const httpMatches: fc.Arbitrary<RouteMatch> = fc.record({
  path: pathMatches,
  method: fc.constant(null),
  headers: fc.array(keys, some),
  query: fc.array(keys, some),
  grpc: fc.constant(false),
  clientCert: fc.constant(null),
  fractionPpm: fractions,
})
const rpcMatches: fc.Arbitrary<RouteMatch> = fc.record({
  path: fc.constant<PathMatch>({ kind: 'any' }),
  method: fc.option(strings),
  headers: fc.array(keys, some),
  query: fc.constant([]),
  grpc: fc.constant(false),
  clientCert: fc.constant(null),
  fractionPpm: fractions,
})

const domains = fc.uniqueArray(
  fc.constantFrom('*', 'a.b', 'b', '*.b', '*a.b', 'a.*', 'a.b.*', '*b', 'c.a.b'),
  { minLength: 1, maxLength: 9 },
)

/** Two virtual hosts that share out some domains. */
function configurations(matches: fc.Arbitrary<RouteMatch>): fc.Arbitrary<RouteConfiguration> {
  const routes = fc.array(matches, { maxLength: 8 })
  return fc.tuple(domains, routes, routes, fc.boolean()).map(([all, one, two, ignorePort]) => {
    const half = all.length >> 1
    return {
      name: 'routes',
      virtualHosts: [hostOf('0', all.slice(0, half), one), hostOf('1', all.slice(half), two)],
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
      ignorePortInHostMatching: ignorePort,
    }
  })
}

function hostOf(
  name: string,
  domains: readonly string[],
  matches: readonly RouteMatch[],
): VirtualHost {
  const edits = { requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }
  const routes = matches.map((match, i): Route => {
    const action = { kind: 'direct', status: 200, body: '' } as const
    return { name: `${name}.${i}`, match, action, perFilterConfig: {}, ...edits }
  })
  return { name, domains, routes, retryPolicy: null, ...edits }
}

const authorities = ['a.b', 'b', 'c.b', 'ca.b', 'a.b.c', 'A.b', 'a.b:80', 'c.a.b', '']
const queries = fc.constantFrom('', '?', '?x', '?x=a', '?y=b&x=ab', '?xx=a&x=A&x=b', '#x=a', '#?x')
const requests: fc.Arbitrary<Frame> = fc
  .record({
    ':authority': fc.constantFrom(...authorities),
    ':path': fc.tuple(paths, queries).map((parts) => parts.join('')),
    ':method': fc.constantFrom('GET', 'CONNECT', 'a', 'ab', 'aB', 'b'),
    x: words,
    y: words,
  })
  .chain((headers) => fc.subarray(Object.entries(headers), { minLength: 3 }))
  .map((entries) => protocol.request(Object.fromEntries(entries)))

// ── the search a table must agree with: hosts by how much of a domain matched, then routes one by one ────────────────

function search(
  config: RouteConfiguration,
  kind: RouteKind,
  request: Frame,
  lot: number,
): string | undefined {
  let host = request.header(':authority') ?? ''
  if (kind === 'http') {
    host = host.toLowerCase()
    if (config.ignorePortInHostMatching) host = host.replace(/:\d+$/, '')
  }
  let found: VirtualHost | undefined
  let best = 0
  for (const one of config.virtualHosts) {
    const score = Math.max(0, ...one.domains.map((domain) => scoreOf(domain, host)))
    if (score > best) {
      best = score
      found = one
    }
  }
  return found?.routes.find(({ match }) => matches(match, kind, request, lot))?.name
}

/** Higher is nearer; 0 is no match. */
function scoreOf(domain: string, host: string): number {
  if (domain === '*') return 1
  const part = domain.replace('*', '')
  if (part === domain) return host === domain ? 3000 : 0
  if (host.length <= part.length) return 0
  if (domain.startsWith('*')) return host.endsWith(part) ? 2000 + part.length : 0
  return host.startsWith(part) ? 1000 + part.length : 0
}

function matches(match: RouteMatch, kind: RouteKind, request: Frame, lot: number): boolean {
  const target = request.header(':path') ?? ''
  const [, path = '', query = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(target) ?? []
  const method = request.header(':method') ?? ''
  const parameters = parametersOf(query)
  return (
    (kind === 'http'
      ? pathTakes(match.path, path, method)
      : match.method === null || textTakes(match.method, method)) &&
    match.headers.every((key) => keyTakes(key, request.header(key.name))) &&
    match.query.every((key) => keyTakes(key, parameters.get(key.name))) &&
    (match.fractionPpm === null || lot * 1e6 < match.fractionPpm)
  )
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(pair) ?? []
    if (!parameters.has(name)) parameters.set(name, value)
  }
  return parameters
}

function pathTakes(match: PathMatch, path: string, method: string): boolean {
  if (match.kind === 'connect') return method === 'CONNECT'
  if (method === 'CONNECT' && path === '') return false
  if (match.kind === 'any') return true
  if (match.kind === 'regex') return match.value.test(path)
  const fold = (text: string) => (match.caseSensitive ? text : text.toLowerCase())
  const [value, has] = [fold(match.value), fold(path)]
  if (match.kind === 'exact') return has === value
  if (match.kind === 'prefix') return has.startsWith(value)
  return has === value || has.startsWith(`${value}/`)
}

function textTakes(matcher: StringMatcher, value: string): boolean {
  if (matcher.kind === 'regex') return matcher.value.test(value)
  const word = matcher.value
  const sources = { exact: `^${word}$`, prefix: `^${word}`, suffix: `${word}$`, contains: word }
  return new RegExp(sources[matcher.kind], matcher.ignoreCase ? 'i' : '').test(value)
}

function keyTakes(key: KeyMatcher, value: string | undefined): boolean {
  const seen = value ?? (key.treatMissingAsEmpty ? '' : undefined)
  if (key.test.kind === 'present') return ((seen !== undefined) === key.test.present) !== key.invert
  if (seen === undefined || key.test.kind !== 'string') return false
  return textTakes(key.test.matcher, seen) !== key.invert
}
