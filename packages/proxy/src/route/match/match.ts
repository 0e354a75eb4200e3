import type { KeyMatcher, PathMatch, RouteMatch, StringMatcher } from '@tulle/model'
import type { HttpHead } from '../../http.ts'
import { compileKey, compileString } from '../../match.ts'
import type { RouteKind } from '../compilation.ts'
import { queryValue } from '../path.ts'
import type { Test } from '../rule.ts'

/** What a route asks for: where it is found by path or method, and the tests that remain. */
export interface CompiledMatch {
  readonly place: Place
  readonly tests: readonly Test[]
  readonly usesQuery: boolean
  readonly drawsLots: boolean
  /** The path or method has to be read. */
  readonly usesKey: boolean
}

/** `rest` is tried for every path; `fold` ignores case. */
export type Place =
  | {
      readonly kind: 'exact' | 'prefix' | 'segments'
      readonly value: string
      readonly fold: boolean
    }
  | { readonly kind: 'rest' }
  | { readonly kind: 'connect' }

const NO_TESTS: readonly Test[] = []
const REST: Place = { kind: 'rest' }

/** Makes a route's conditions ready. The key of an HTTP route is its path, that of an RPC route its method. */
export function compileMatch(match: RouteMatch, kind: RouteKind): CompiledMatch {
  const tests: Test[] = []
  let place: Place
  if (kind === 'http') {
    place = placeOfPath(match.path, tests)
    if (match.method !== null) tests.push(httpMethod(match.method))
  } else place = match.method === null ? REST : placeOfMethod(match.method, tests)
  const usesKey = place.kind !== 'rest' || tests.length > 0
  if (match.grpc) tests.push(({ request }) => (request.view as HttpHead).grpc)
  if (match.clientCert !== null) tests.push(clientCert(match.clientCert))
  for (const matcher of match.headers) tests.push(header(matcher))
  for (const matcher of match.query) tests.push(parameter(matcher))
  if (match.fractionPpm !== null) tests.push(fraction(match.fractionPpm / 1e6))
  return {
    place,
    tests: tests.length === 0 ? NO_TESTS : tests,
    usesQuery: match.query.length > 0,
    drawsLots: match.fractionPpm !== null,
    usesKey,
  }
}

function placeOfPath(path: PathMatch, tests: Test[]): Place {
  switch (path.kind) {
    case 'any':
      return REST
    case 'connect':
      return { kind: 'connect' }
    case 'regex': {
      const pattern = path.value
      tests.push((_stream, key) => pattern.test(key))
      return REST
    }
    default:
      return { kind: path.kind, value: path.value, fold: !path.caseSensitive }
  }
}

function placeOfMethod(method: StringMatcher, tests: Test[]): Place {
  if (method.kind === 'exact' || method.kind === 'prefix') {
    return { kind: method.kind, value: method.value, fold: method.ignoreCase }
  }
  const test = compileString(method)
  tests.push((_stream, key) => test(key))
  return REST
}

function httpMethod(matcher: StringMatcher): Test {
  const test = compileString(matcher)
  return ({ request }) => test(request.header(':method') ?? '')
}

/** A client in the clear has presented none. */
function clientCert({ presented, validated }: NonNullable<RouteMatch['clientCert']>): Test {
  return ({ down }) => {
    const { security } = down.connection
    if (presented !== null && presented !== (security !== null && security.peer !== null))
      return false
    return validated === null || validated === (security?.verified ?? false)
  }
}

function header(matcher: KeyMatcher): Test {
  const { name } = matcher
  const test = compileKey(matcher)
  return ({ request }) => test(request.header(name))
}

function parameter(matcher: KeyMatcher): Test {
  const { name } = matcher
  const test = compileKey(matcher)
  return (_stream, _key, query) => test(queryValue(query, name))
}

/** The lot is drawn once per request: 10 % and then 30 % of two routes take 10 % and 20 % of the requests, as in Envoy. */
function fraction(part: number): Test {
  return (_stream, _key, _query, draw) => draw < part
}
