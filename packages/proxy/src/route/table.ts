import type { Frame } from '../frame.ts'
import type { CompiledRoute, RouteTable } from '../route.ts'
import type { Stream } from '../stream.ts'
import type { RouteKind } from './compilation.ts'
import type { Domains } from './domains.ts'
import { noHost, noRoute } from './explain.ts'
import type { FirstMatch } from './first-match.ts'
import { pathOf, queryOf } from './path.ts'

const SLASH = 47

/** Finds the virtual host by authority or service, then the route by path or method and what else it asks for. */
export class Table<C> implements RouteTable<C> {
  readonly name: string
  readonly #kind: RouteKind
  readonly #hosts: Domains<FirstMatch<CompiledRoute<C>>>
  /** Only `*` answers: its routes, without reading the authority. */
  readonly #only: FirstMatch<CompiledRoute<C>> | null

  constructor(name: string, kind: RouteKind, hosts: Domains<FirstMatch<CompiledRoute<C>>>) {
    this.name = name
    this.#kind = kind
    this.#hosts = hosts
    this.#only = hosts.indifferent ? hosts.find('') : null
  }

  route(stream: Stream, random: () => number): CompiledRoute<C> | null {
    const { request } = stream
    const routes = this.#only ?? this.#hosts.find(this.#domain(request))
    if (routes === null) return null
    const draw = routes.drawsLots ? random() : 0
    if (this.#kind === 'http') return byPath(routes, stream, draw)
    const method = routes.usesKey ? (request.protocol.method(request) ?? '') : ''
    return routes.find(stream, method, '', draw, false)
  }

  explain(request: Frame): string {
    const domain = this.#domain(request)
    const routes = this.#only ?? this.#hosts.find(domain)
    if (routes === null) return noHost(this.#kind, this.name, domain, this.#hosts.names)
    return noRoute(this.#kind, routes.name, routes.size, request)
  }

  #domain(request: Frame): string {
    const http = this.#kind === 'http'
    return (http ? request.header(':authority') : request.protocol.service(request)) ?? ''
  }
}

function byPath<C>(
  routes: FirstMatch<CompiledRoute<C>>,
  stream: Stream,
  draw: number,
): CompiledRoute<C> | null {
  const { request } = stream
  const target = request.header(':path') ?? ''
  const rooted = target.charCodeAt(0) === SLASH
  const connect = (routes.hasConnect || !rooted) && request.header(':method') === 'CONNECT'
  if (connect && !rooted) return routes.findPathless(stream, draw)
  const query = routes.usesQuery ? queryOf(target) : ''
  return routes.find(stream, pathOf(target), query, draw, connect)
}
