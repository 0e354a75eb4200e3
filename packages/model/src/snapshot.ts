import { isDeepStrictEqual } from 'node:util'
import type { Bootstrap } from './bootstrap.ts'
import type { Cluster } from './cluster.ts'
import type { FilterConfig } from './filter-config.ts'
import type { ConnectionManager, Listener } from './listener.ts'
import type { RouteConfiguration } from './route.ts'

/** What became of the resources of one kind, told by their names. */
export interface Changes<T> {
  readonly added: readonly T[]
  /** As they are now. */
  readonly changed: readonly T[]
  /** As they were. */
  readonly removed: readonly T[]
}

/** What is different between two configurations. */
export interface SnapshotDiff {
  readonly listeners: Changes<Listener>
  readonly clusters: Changes<Cluster>
}

/** What must be done to get from one configuration to the next; null is the empty one. */
export function diff(before: Bootstrap | null, after: Bootstrap): SnapshotDiff {
  return {
    listeners: changes(before?.listeners ?? [], after.listeners, sameListener),
    clusters: changes(before?.clusters ?? [], after.clusters, isDeepStrictEqual),
  }
}

/** Whether there is nothing to do. */
export function isUnchanged({ listeners, clusters }: SnapshotDiff): boolean {
  return [listeners, clusters].every(
    ({ added, changed, removed }) => added.length + changed.length + removed.length === 0,
  )
}

function changes<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  same: (a: T, b: T) => boolean,
): Changes<T> {
  const old = new Map(before.map((resource) => [resource.name, resource]))
  const names = new Set(after.map(({ name }) => name))
  return {
    added: after.filter(({ name }) => !old.has(name)),
    changed: after.filter((resource) => {
      const previous = old.get(resource.name)
      return previous !== undefined && !same(previous, resource)
    }),
    removed: before.filter(({ name }) => !names.has(name)),
  }
}

/** Whether two listeners are the same wherever in their files they stand. */
function sameListener(a: Listener, b: Listener): boolean {
  return isDeepStrictEqual(placeless(a), placeless(b))
}

function placeless(listener: Listener): Listener {
  return {
    ...listener,
    chains: listener.chains.map((chain) => ({
      ...chain,
      manager: placelessManager(chain.manager),
    })),
  }
}

function placelessManager(manager: ConnectionManager): ConnectionManager {
  if (manager.kind === 'tcp') return manager
  return {
    ...manager,
    filters: manager.filters.map(placelessFilter),
    routes: placelessRoutes(manager.routes),
  }
}

function placelessRoutes(routes: RouteConfiguration): RouteConfiguration {
  return {
    ...routes,
    virtualHosts: routes.virtualHosts.map((host) => ({
      ...host,
      routes: host.routes.map((route) => ({
        ...route,
        perFilterConfig: Object.fromEntries(
          Object.entries(route.perFilterConfig).map(([name, it]) => [name, placelessFilter(it)]),
        ),
      })),
    })),
  }
}

function placelessFilter(filter: FilterConfig): FilterConfig {
  return { ...filter, at: '' }
}
