import type { TcpProxy, WeightedCluster } from '@tulle/model'
import type { CompiledRoute, Destination, Forward, RouteTable } from '../route.ts'

/** The table of a TCP chain: every connection takes the one route, to one of its clusters by weight. */
export function tcpTable<C>(
  proxy: TcpProxy,
  resolve: (cluster: string) => C | null,
): RouteTable<C> {
  const destinations = proxy.clusters.map((cluster) => destination(cluster, resolve))
  const total = proxy.clusters.reduce((sum, { weight }) => sum + weight, 0)
  const action: Forward<C> = {
    kind: 'forward',
    timeoutMs: 0,
    maxDurationMs: null,
    grpcTimeoutMaxMs: null,
    grpcTimeoutOffsetMs: 0,
    idleTimeoutMs: proxy.idleTimeoutMs,
    retry: null,
    clusterNotFoundStatus: 503,
    upgrades: new Map(),
    rewrite: null,
    destination(_request, random): Destination<C> {
      if (destinations.length === 1) return destinations[0]!
      let left = random() * total
      for (const [i, { weight }] of proxy.clusters.entries()) {
        left -= weight
        if (left < 0) return destinations[i]!
      }
      return destinations[destinations.length - 1]!
    },
  }
  const route: CompiledRoute<C> = {
    name: proxy.statPrefix,
    virtualHost: '',
    action,
    requestHeaders: null,
    responseHeaders: null,
    perFilterConfig: {},
  }
  return { name: proxy.statPrefix, route: () => route, explain: () => 'no route' }
}

function destination<C>(
  { name }: WeightedCluster,
  resolve: (cluster: string) => C | null,
): Destination<C> {
  return { name, cluster: resolve(name), requestHeaders: null, responseHeaders: null }
}
