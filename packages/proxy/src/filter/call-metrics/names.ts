import { Outcome } from '../../outcome.ts'
import type { Stream } from '../../stream.ts'

/** What stands in the place of a name that is not told. */
export const OTHER = 'other'

/** Longer names belong to nobody: they are counted as others. */
export const MOST_NAME_CHARS = 256

const HTTP_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
])

/** Anybody can make up methods of HTTP: those that are not in its specifications are one. */
export function httpMethod(method: string): string {
  return HTTP_METHODS.has(method) ? method : OTHER
}

/** What a call of gRPC calls. */
export interface Called {
  readonly service: string
  readonly method: string
}

/** What `/service/method` calls; null where a path has not this form. Two paths never call the same. */
export function byPath(path: string): Called | null {
  const slash = path.lastIndexOf('/')
  if (slash < 2 || path.charCodeAt(0) !== 47 || slash === path.length - 1) return null
  return { service: path.slice(1, slash), method: path.slice(slash + 1) }
}

/** Rules of the configuration have answered, where no cluster was chosen. */
const BY_RULE: ReadonlySet<Outcome> = new Set<Outcome>([
  Outcome.DirectResponse,
  Outcome.Redirect,
  Outcome.FaultAbort,
])

/**
 * Whether a call may bring names to be counted by. Those that no route takes, or that are refused before, bear whatever
 * names their callers like: they must not use up what there is room for.
 */
export function mayBegin({ clusterName, outcome }: Stream): boolean {
  return clusterName !== '' || BY_RULE.has(outcome)
}
