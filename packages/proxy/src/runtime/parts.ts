import type { Catalog, Named } from '@tulle/core'
import type { BalancerKind } from '../balancer.ts'
import type { FilterKind } from '../filter.ts'
import type { Protocol } from '../protocol.ts'
import type { Transcoder } from '../transcoder.ts'

/** A way to say calls over HTTP: `http` is JSON, `grpc` is gRPC. */
export interface HttpDialect extends Named {
  /** As `Protocol.transcoder`. */
  transcoder(): Promise<Transcoder>
}

/** The pluggable parts that configurations may name. */
export interface Parts {
  readonly protocols: Catalog<Protocol>
  /** What is said over HTTP besides HTTP's own: names that clusters may give where protocols stand. */
  readonly dialects: Catalog<HttpDialect>
  /** Of protocols and dialects whose calls are converted, by name: loaded for the configuration that wants them. */
  readonly transcoders: ReadonlyMap<string, Transcoder>
  readonly filters: Catalog<FilterKind<unknown>>
  readonly balancers: Catalog<BalancerKind<unknown>>
}

/** The versions of HTTP by the names they have in ALPN and in configurations. */
export const HTTP1 = 'http/1.1'
export const HTTP2 = 'h2'
