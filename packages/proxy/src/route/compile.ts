import { bad, good, type Result } from '@tulle/core'
import type { RouteConfiguration, VirtualHost } from '@tulle/model'
import type { CompiledRoute, RouteTable } from '../route.ts'
import type { Compilation, RouteKind } from './compilation.ts'
import { compileRoute } from './compile-route.ts'
import { Domains } from './domains.ts'
import { LevelEdits } from './edits.ts'
import { FirstMatch } from './first-match.ts'
import { compileMatch } from './match/match.ts'
import { Table } from './table.ts'

/**
 * Makes the table of a route configuration. `resolve` finds the cluster of a name. What can be wrong with a decoded
 * configuration are format operators in values of headers; their places are relative to the configuration.
 */
export function compile<C>(
  config: RouteConfiguration,
  kind: RouteKind,
  resolve: (cluster: string) => C | null,
): Result<RouteTable<C>> {
  const compilation: Compilation<C> = { kind, resolve, problems: [] }
  const edits = LevelEdits.of(config, compilation, '')
  const domains = new Domains<FirstMatch<CompiledRoute<C>>>(kind, config.ignorePortInHostMatching)
  for (const [i, host] of config.virtualHosts.entries()) {
    const routes = compileHost(host, edits, compilation, `virtual_hosts[${i}]`)
    for (const domain of host.domains) domains.add(domain, routes)
  }
  if (compilation.problems.length > 0) return bad(...compilation.problems)
  return good(new Table(config.name, kind, domains))
}

function compileHost<C>(
  host: VirtualHost,
  outer: LevelEdits,
  compilation: Compilation<C>,
  at: string,
): FirstMatch<CompiledRoute<C>> {
  const edits = LevelEdits.of(host, compilation, at).within(outer)
  const routes = new FirstMatch<CompiledRoute<C>>(host.name)
  for (const [i, route] of host.routes.entries()) {
    const place = `${at}.routes[${i}]`
    const compiled = compileRoute(route, host, edits, compilation, place)
    routes.add(compileMatch(route.match, compilation.kind), compiled)
  }
  return routes
}
