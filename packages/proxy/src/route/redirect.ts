import type { PathMatch, RedirectAction } from '@tulle/model'
import type { Frame } from '../frame.ts'
import type { Redirect } from '../route.ts'
import { withoutPort } from './domains.ts'
import { pathEnd, pathOf } from './path.ts'
import { compilePathChange, type PathChange } from './path-change.ts'

const DEFAULT_PORTS = { http: ':80', https: ':443' } as const

/** Makes a redirect ready. */
export function compileRedirect(action: RedirectAction, match: PathMatch): Redirect {
  return new Elsewhere(action, compileTarget(action, match))
}

class Elsewhere implements Redirect {
  readonly kind = 'redirect'
  readonly status: number
  readonly #action: RedirectAction
  readonly #target: PathChange

  constructor(action: RedirectAction, target: PathChange) {
    this.status = action.status
    this.#action = action
    this.#target = target
  }

  location(request: Frame): string {
    // The hop has brought it into line with what proxies before us say, as far as they are believed.
    const said = request.header(':scheme') ?? request.header('x-forwarded-proto')
    const current = said?.toLowerCase() === 'https' ? 'https' : 'http'
    const scheme = this.#action.scheme ?? current
    const { host, port } = this.#action
    const authority = host ?? sameHost(request, current, scheme, port !== null)
    const suffix = port === null ? '' : `:${port}`
    return `${scheme}://${authority}${suffix}${this.#target(request.header(':path') ?? '/')}`
  }
}

/** The request's own host; its port goes where another is given, and where it was only the old scheme's default. */
function sameHost(
  request: Frame,
  current: 'http' | 'https',
  scheme: string,
  otherPort: boolean,
): string {
  const authority = request.header(':authority') ?? ''
  const host = withoutPort(authority)
  if (otherPort) return host
  const port = authority.slice(host.length)
  return scheme !== current && port === DEFAULT_PORTS[current] ? host : authority
}

/** A path that brings a query of its own keeps it, and the request's is dropped. */
function compileTarget(action: RedirectAction, match: PathMatch): PathChange {
  const { path, stripQuery } = action
  if (path === null) return stripQuery ? pathOf : (target) => target
  if (path.kind === 'path') {
    const { value } = path
    if (value.includes('?') || stripQuery) return () => value
    return (target) => value + target.slice(pathEnd(target))
  }
  const change = compilePathChange(path, match)
  return stripQuery ? (target) => pathOf(change(target)) : change
}
