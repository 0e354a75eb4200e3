import type { PathMatch, Rewrite } from '@tulle/model'
import { pathEnd } from './path.ts'

/** Gives a request target another path; the query stays. */
export type PathChange = (target: string) => string

/**
 * Makes the path of a rewrite or redirect ready. `prefix` puts its value in the place of what the route matched: the
 * prefix, or the whole path where the route names all of it.
 */
export function compilePathChange(change: Rewrite, match: PathMatch): PathChange {
  if (change.kind === 'prefix') {
    const { value } = change
    const matched = matchedLength(match)
    return (target) => rooted(value + target.slice(matched ?? pathEnd(target)))
  }
  const { pattern, substitution } = change
  return (target) => {
    const end = pathEnd(target)
    return rooted(target.slice(0, end).replace(pattern, substitution) + target.slice(end))
  }
}

/** How much of the path the route's words cover; null is all of it. */
function matchedLength(match: PathMatch): number | null {
  if (match.kind === 'any') return 0
  return match.kind === 'prefix' || match.kind === 'segments' ? match.value.length : null
}

/** A request's path begins with a slash, whatever a rule made of it. */
function rooted(target: string): string {
  return target.startsWith('/') ? target : `/${target}`
}
