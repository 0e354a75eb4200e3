import type { Catalog } from '@tulle/core'
import type { BalancerKind } from '../balancer.ts'
import type { FilterKind } from '../filter.ts'
import type { Protocol } from '../protocol.ts'

/** The pluggable parts that configurations may name. */
export interface Parts {
  readonly protocols: Catalog<Protocol>
  readonly filters: Catalog<FilterKind<unknown>>
  readonly balancers: Catalog<BalancerKind<unknown>>
}

/** The versions of HTTP by the names they have in ALPN and in configurations. */
export const HTTP1 = 'http/1.1'
export const HTTP2 = 'h2'
