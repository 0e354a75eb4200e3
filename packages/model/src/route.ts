import type { FilterConfig } from './filter-config.ts'
import type { KeyMatcher, StringMatcher } from './matcher.ts'

/**
 * `envoy.config.route.v3.RouteConfiguration`. For an RPC protocol the words mean: a virtual host's domain is a service
 * name, a route's `method` the method called.
 */
export interface RouteConfiguration {
  readonly name: string
  readonly virtualHosts: readonly VirtualHost[]
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
  readonly ignorePortInHostMatching: boolean
}

export interface VirtualHost {
  readonly name: string
  /** Lower case: exact, `*suffix`, `prefix*` or `*`; service names of RPC keep their case. */
  readonly domains: readonly string[]
  readonly routes: readonly Route[]
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
  readonly retryPolicy: RetryPolicy | null
}

export interface Route {
  readonly name: string
  readonly match: RouteMatch
  readonly action: RouteAction
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
  /**
   * Per-route settings of filters by filter name, still undecoded: `typed_per_filter_config`, what the virtual host and
   * the configuration say included.
   */
  readonly perFilterConfig: Readonly<Record<string, FilterConfig>>
}

export interface RouteMatch {
  readonly path: PathMatch
  /** RPC only: the method called. */
  readonly method: StringMatcher | null
  readonly headers: readonly KeyMatcher[]
  readonly query: readonly KeyMatcher[]
  /** gRPC requests alone. */
  readonly grpc: boolean
  /** Of the client's certificate; null does not matter. */
  readonly clientCert: {
    readonly presented: boolean | null
    readonly validated: boolean | null
  } | null
  /** `runtime_fraction.default_value` in parts per million; null is always. */
  readonly fractionPpm: number | null
}

export type PathMatch =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly value: string; readonly caseSensitive: boolean }
  | { readonly kind: 'prefix'; readonly value: string; readonly caseSensitive: boolean }
  /** A prefix that ends at a path segment: `/a` matches `/a` and `/a/b`, not `/ab`. */
  | { readonly kind: 'segments'; readonly value: string; readonly caseSensitive: boolean }
  | { readonly kind: 'regex'; readonly value: RegExp }
  /** CONNECT requests. */
  | { readonly kind: 'connect' }

export type RouteAction = ForwardAction | RedirectAction | DirectResponseAction

export interface ForwardAction {
  readonly kind: 'forward'
  /** One entry for `cluster`, several for `weighted_clusters`; a weight is relative to their sum. */
  readonly clusters: readonly WeightedCluster[]
  /** A request header that names the cluster, in lower case; then `clusters` is empty. */
  readonly clusterHeader: string | null
  /** 503 by default: what is answered when the cluster does not exist. */
  readonly clusterNotFoundStatus: number
  readonly rewrite: Rewrite | null
  readonly hostRewrite: string | null
  /** Whole request, milliseconds; 0 is never. @default 15000 */
  readonly timeoutMs: number
  /** Without a byte in either direction; null takes the listener's. */
  readonly idleTimeoutMs: number | null
  /** `max_stream_duration`; null leaves it to `timeout`. */
  readonly maxStreamDuration: StreamDuration | null
  readonly retryPolicy: RetryPolicy | null
  /** Lower-case upgrade types this route allows (`websocket`, `connect`) or forbids; others follow the listener. */
  readonly upgrades: Readonly<Record<string, boolean>>
}

/** `envoy.config.route.v3.RouteAction.MaxStreamDuration`, milliseconds. */
export interface StreamDuration {
  /** 0 is for ever; null is what `timeout` says. */
  readonly maxMs: number | null
  /** `grpc-timeout` counts up to so much (0 is any); null is up to `maxMs`. */
  readonly grpcTimeoutMaxMs: number | null
  /** Taken off `grpc-timeout`. */
  readonly grpcTimeoutOffsetMs: number
}

export interface WeightedCluster {
  readonly name: string
  readonly weight: number
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
}

export type Rewrite =
  | { readonly kind: 'prefix'; readonly value: string }
  /** The pattern is global, the substitution one for `String.prototype.replace`. */
  | { readonly kind: 'regex'; readonly pattern: RegExp; readonly substitution: string }

export interface RedirectAction {
  readonly kind: 'redirect'
  readonly status: 301 | 302 | 303 | 307 | 308
  readonly scheme: 'http' | 'https' | null
  readonly host: string | null
  readonly port: number | null
  readonly path:
    | { readonly kind: 'path'; readonly value: string }
    | { readonly kind: 'prefix'; readonly value: string }
    | { readonly kind: 'regex'; readonly pattern: RegExp; readonly substitution: string }
    | null
  readonly stripQuery: boolean
}

export interface DirectResponseAction {
  readonly kind: 'direct'
  readonly status: number
  readonly body: string
}

/** `envoy.config.route.v3.RetryPolicy`. */
export interface RetryPolicy {
  readonly on: ReadonlySet<RetryOn>
  readonly statusCodes: ReadonlySet<number>
  /** @default 1 */
  readonly retries: number
  /** 0 is none. */
  readonly perTryTimeoutMs: number
  /** @default 25 */
  readonly backoffBaseMs: number
  /** @default 10 × base */
  readonly backoffMaxMs: number
  /** Whether a retry avoids hosts that were tried (`previous_hosts`). */
  readonly avoidTriedHosts: boolean
}

export const RETRY_ON = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'refused-stream',
  'retriable-4xx',
  'retriable-status-codes',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const

export type RetryOn = (typeof RETRY_ON)[number]

/** Headers added and removed, in the order in which they apply: remove, then add. */
export interface HeaderEdits {
  readonly remove: readonly string[]
  readonly add: readonly HeaderEdit[]
}

export interface HeaderEdit {
  readonly name: string
  /** May hold Envoy's format operators, such as `%DOWNSTREAM_REMOTE_ADDRESS%`. */
  readonly value: string
  readonly action: 'append' | 'add-if-absent' | 'overwrite' | 'overwrite-if-exists'
}

export const NO_EDITS: HeaderEdits = { remove: [], add: [] }
