import { bad, good, type Result } from '@tulle/core'
import type { RouteConfiguration, RouteMatch, VirtualHost } from '@tulle/model'
import type { Ask } from '../demand.ts'
import { Depth } from '../protocol.ts'
import type { CompiledRoute, RouteTable } from '../route.ts'
import type { Compilation, RouteKind } from './compilation.ts'
import { compileRoute } from './compile-route.ts'
import { Domains } from './domains.ts'
import { LevelEdits } from './edits.ts'
import { FirstMatch } from './first-match.ts'
import { compileMatch } from './match/match.ts'
import { Table } from './table.ts'

/**
 * Makes the table of a route configuration. `resolve` finds the cluster of a name, `ask` is told what is read of
 * messages. What can be wrong with a decoded configuration are format operators in values of headers; their places, and
 * those that `ask` hears, are relative to the configuration.
 */
export function compile<C>(
  config: RouteConfiguration,
  kind: RouteKind,
  resolve: (cluster: string) => C | null,
  ask: Ask = () => {},
): Result<RouteTable<C>> {
  const compilation: Compilation<C> = { kind, resolve, ask, problems: [] }
  const edits = LevelEdits.of(config, compilation, '')
  askForNames(config, compilation)
  const domains = new Domains<FirstMatch<CompiledRoute<C>>>(kind, config.ignorePortInHostMatching)
  for (const [i, host] of config.virtualHosts.entries()) {
    const routes = compileHost(host, edits, compilation, `virtual_hosts[${i}]`)
    for (const domain of host.domains) domains.add(domain, routes)
  }
  if (compilation.problems.length > 0) return bad(...compilation.problems)
  return good(new Table(config.name, kind, domains))
}

/** Services are read unless everything goes to `*`. */
function askForNames(
  { virtualHosts }: RouteConfiguration,
  { kind, ask }: Compilation<unknown>,
): void {
  if (kind === 'http') return
  for (const [i, { domains }] of virtualHosts.entries())
    for (const [j, domain] of domains.entries())
      if (domain !== '*')
        ask(
          Depth.Names,
          `a virtual host of service "${domain}"`,
          `virtual_hosts[${i}].domains[${j}]`,
        )
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
    askForMatch(route.match, compilation, `${place}.match`)
    routes.add(compileMatch(route.match, compilation.kind), compiled)
  }
  return routes
}

function askForMatch(
  { method, headers }: RouteMatch,
  { kind, ask }: Compilation<unknown>,
  at: string,
): void {
  if (kind === 'rpc' && method !== null) ask(Depth.Names, 'a route by method', `${at}.method`)
  for (const [i, { name }] of headers.entries())
    ask(Depth.Headers, `a route by header "${name}"`, `${at}.headers[${i}]`)
}
