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

/** The protocol's name as configurations write it for HTTP chains. */
export const HTTP = 'http/1.1'
