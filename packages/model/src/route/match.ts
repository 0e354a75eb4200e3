import {
  boolean,
  choice,
  exactlyOne,
  filledText,
  integer,
  list,
  mapped,
  message,
  nullable,
  optional,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import {
  headerMatcherMessage,
  queryMatcherMessage,
  regexMessage,
  stringMatcherMessage,
} from '../matcher.ts'
import type { PathMatch, RouteMatch } from '../route.ts'

const fractionMessage = message(
  'envoy.type.v3.FractionalPercent',
  {
    numerator: optional(integer(), 0, 'The part.'),
    denominator: optional(
      choice(['HUNDRED', 'TEN_THOUSAND', 'MILLION'], {
        HUNDRED: 100,
        TEN_THOUSAND: 10_000,
        MILLION: 1_000_000,
      }),
      100,
      'The whole.',
    ),
  },
  (it) => Math.min(1_000_000, it.numerator * (1_000_000 / it.denominator)),
)

/** `envoy.type.v3.FractionalPercent`, in parts per million. */
export const fractionalPercentMessage: Type<number> = fractionMessage

const runtimeFractionMessage = message(
  'envoy.config.core.v3.RuntimeFractionalPercent',
  {
    default_value: required(fractionMessage, 'The share of requests that match.'),
    ...unused('runtime_key'),
  },
  (it) => it.default_value,
)

const clientCertMessage: Type<RouteMatch['clientCert']> = message(
  'envoy.config.route.v3.RouteMatch.TlsContextMatchOptions',
  {
    presented: nullable(boolean, 'Whether there is one.'),
    validated: nullable(boolean, 'Whether it was verified and is valid.'),
  },
  (it) => (it.presented === null && it.validated === null ? null : it),
)

const prefixPath = mapped(text, (prefix, at) => {
  if (prefix !== '' && !prefix.startsWith('/')) at.say('must begin with "/"')
  return prefix
})

const segmentsPath = mapped(filledText, (path, at) => {
  if (!at.troubled && !/^\/[^?#]*[^?#/]$/.test(path))
    at.say('must begin with "/", not end with one, and hold no "?" or "#"')
  return path
})

/** `envoy.config.route.v3.RouteMatch` for HTTP. */
export const routeMatchMessage: Type<RouteMatch> = message(
  'envoy.config.route.v3.RouteMatch',
  {
    prefix: nullable(prefixPath, 'How the path begins; `/` is every path.'),
    path: nullable(filledText, 'The whole path, without its query.'),
    safe_regex: nullable(regexMessage, 'An expression for the whole path, without its query.'),
    path_separated_prefix: nullable(
      segmentsPath,
      'How the path begins, up to the end of a segment: `/a` is `/a` and `/a/b`, not `/ab`.',
    ),
    connect_matcher: nullable(
      message('envoy.config.route.v3.RouteMatch.ConnectMatcher', {}, () => true),
      'CONNECT requests.',
    ),
    case_sensitive: optional(boolean, true, 'Whether `prefix` and `path` tell A from a.'),
    runtime_fraction: nullable(runtimeFractionMessage, 'Matches only this share of requests.'),
    headers: optional(list(headerMatcherMessage('http')), [], 'All must match.'),
    query_parameters: optional(list(queryMatcherMessage), [], 'All must match.'),
    grpc: nullable(
      message('envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions', {}, () => true),
      'Requests of gRPC alone.',
    ),
    tls_context: nullable(clientCertMessage, "Asks about the client's certificate."),
    ...unsupported('path_match_policy', 'dynamic_metadata', 'filter_state', 'cookies'),
  },
  (it, at) => {
    const { prefix, path, safe_regex, path_separated_prefix, connect_matcher } = it
    exactlyOne(at, { prefix, path, safe_regex, path_separated_prefix, connect_matcher })
    return {
      path: pathMatch(),
      method: null,
      headers: it.headers,
      query: it.query_parameters,
      grpc: it.grpc ?? false,
      clientCert: it.tls_context,
      fractionPpm: it.runtime_fraction,
    }

    function pathMatch(): PathMatch {
      const caseSensitive = it.case_sensitive
      if (path !== null) return { kind: 'exact', value: path, caseSensitive }
      if (safe_regex) return { kind: 'regex', value: safe_regex }
      if (path_separated_prefix !== null)
        return { kind: 'segments', value: path_separated_prefix, caseSensitive }
      if (connect_matcher) return { kind: 'connect' }
      return prefix ? { kind: 'prefix', value: prefix, caseSensitive } : { kind: 'any' }
    }
  },
)

const emptyPrefix = mapped(text, (prefix, at) => {
  if (prefix !== '') at.say('RPC requests have no path; leave this out and match by "method"')
  return prefix
})

/** `tulle.proxy.v1.RpcRouteMatch`: what of a service's requests a route takes. */
export const rpcRouteMatchMessage: Type<RouteMatch> = message(
  'tulle.proxy.v1.RpcRouteMatch',
  {
    method: nullable(stringMatcherMessage, 'The method called; any when nothing is said.'),
    headers: optional(list(headerMatcherMessage('rpc')), [], 'All must match.'),
    runtime_fraction: nullable(runtimeFractionMessage, 'Matches only this share of requests.'),
    prefix: optional(emptyPrefix, '', 'May be given, empty, as in a match of HTTP.'),
  },
  (it) => ({
    path: { kind: 'any' },
    method: it.method,
    headers: it.headers,
    query: [],
    grpc: false,
    clientCert: null,
    fractionPpm: it.runtime_fraction,
  }),
)
