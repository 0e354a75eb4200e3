import type { Problem } from '@tulle/core'
import type { Ask } from '../demand.ts'

/** Whose words the routes use: authority and path of HTTP, or service and method of RPC. */
export type RouteKind = 'http' | 'rpc'

/** What the parts of a compiler share; whoever finds something wrong adds it to `problems` and goes on. */
export interface Compilation<C> {
  readonly kind: RouteKind
  readonly resolve: (cluster: string) => C | null
  /** Told what rules read of requests and answers. */
  readonly ask: Ask
  readonly problems: Problem[]
}
