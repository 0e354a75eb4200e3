import { causeOf } from './causes.ts'
import type { Outcome } from './peer.ts'
import { PATHS, type Path } from './sidecars.ts'

/** One case of one client at one server, by all paths. */
export interface Cell {
  readonly client: string
  readonly server: string
  readonly name: string
  readonly results: readonly Result[]
}

/** One case by one path. */
export interface Result {
  readonly path: Path
  readonly mark: '✓' | '✗' | '–'
  readonly why: string
}

/** What the outcomes by each path mean, with what is known of these two. */
export function judge(
  client: string,
  server: string,
  name: string,
  outcomes: readonly Outcome[],
): Cell {
  const cause = causeOf(client, server, name)
  const results = outcomes.map(({ how, why }, i): Result => {
    const path = PATHS[i]!
    if (how === 'skip') return { path, mark: '–', why }
    if (how === 'not ok') return { path, mark: cause === null ? '✗' : '–', why: cause?.why ?? why }
    if (cause !== null && cause.sometimes !== true && path === 'direct')
      return { path, mark: '✗', why: `it holds, though causes.ts says: ${cause.why}` }
    return { path, mark: '✓', why: '' }
  })
  return { client, server, name, results }
}

/** All cases of two peers that are not asked. */
export function greyRow(
  client: string,
  server: string,
  cases: readonly string[],
  why: string,
): Cell[] {
  const results = PATHS.map((path): Result => ({ path, mark: '–', why }))
  return cases.map((name) => ({ client, server, name, results }))
}
