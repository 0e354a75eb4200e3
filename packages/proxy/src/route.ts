import type { FilterConfig, RetryPolicy } from '@tulle/model'
import type { Frame } from './frame.ts'
import type { Stream } from './stream.ts'

/**
 * Which way a request goes: a route configuration, compiled. Never changed: a new configuration makes a new table.
 * `C` is a cluster at run time. Tables hold the clusters that were known when they were compiled, so a table is
 * compiled anew when a cluster comes or goes.
 */
export interface RouteTable<C> {
  /** Of the route configuration. */
  readonly name: string
  /** The first route that matches the request; null when none does. `random` gives [0, 1). */
  route(stream: Stream, random: () => number): CompiledRoute<C> | null
  /** One sentence for the client and the log: why `route` found nothing. */
  explain(request: Frame): string
}

/** A route, ready to be followed. */
export interface CompiledRoute<C> {
  readonly name: string
  /** Name of the virtual host it stands in. */
  readonly virtualHost: string
  readonly action: Forward<C> | Redirect | DirectResponse
  /** Of the route, its virtual host and the configuration; a forwarded request takes its destination's instead. */
  readonly requestHeaders: CompiledEdits | null
  /** For redirects and direct responses; an upstream's answer takes its destination's instead. */
  readonly responseHeaders: CompiledEdits | null
  /** By filter name: the settings that hold here. */
  readonly perFilterConfig: Readonly<Record<string, FilterConfig>>
}

/** Sends the request to a cluster. The order of changes: the destination's request headers, then the rewrite. */
export interface Forward<C> {
  readonly kind: 'forward'
  /** Whole request, milliseconds; 0 is never. */
  readonly timeoutMs: number
  /** From the first byte to the last in both directions, milliseconds; 0 is for ever, null is what `timeoutMs` says. */
  readonly maxDurationMs: number | null
  /** What a caller waits counts up to so many milliseconds, 0 being any; null is up to `maxDurationMs`. */
  readonly grpcTimeoutMaxMs: number | null
  /** Taken off `grpc-timeout` to answer before the caller gives up, milliseconds. */
  readonly grpcTimeoutOffsetMs: number
  /** Without a byte in either direction, milliseconds; null takes the listener's. */
  readonly idleTimeoutMs: number | null
  /** The route's own, or its virtual host's. */
  readonly retry: RetryPolicy | null
  /** What is answered when the destination has no cluster. */
  readonly clusterNotFoundStatus: number
  /** Upgrade types in lower case this route allows or forbids; others follow the listener. */
  readonly upgrades: ReadonlyMap<string, boolean>
  /** Changes of `:path` and `:authority`. */
  readonly rewrite: CompiledRewrite | null
  /** Chooses where this request goes: the only cluster, one by weight, or the one a header names. */
  destination(request: Frame, random: () => number): Destination<C>
}

/** Where a request goes, and what is changed on its way there and back. */
export interface Destination<C> {
  /** Of the cluster; empty when the header that should name it is missing. */
  readonly name: string
  /** Null when there is no such cluster. */
  readonly cluster: C | null
  readonly requestHeaders: CompiledEdits | null
  readonly responseHeaders: CompiledEdits | null
}

/** Answers with another address. */
export interface Redirect {
  readonly kind: 'redirect'
  readonly status: number
  /** The `location` of the answer, an absolute URL. */
  location(request: Frame): string
}

/** Answers by itself. */
export interface DirectResponse {
  readonly kind: 'direct'
  readonly status: number
  readonly body: string
}

/** Headers removed and added, of every level that has some, in order. */
export interface CompiledEdits {
  apply(frame: Frame, stream: Stream): void
}

/** Another path or authority for the next hop. */
export interface CompiledRewrite {
  apply(request: Frame): void
}
