const QUESTION_MARK = '?'
const NUMBER_SIGN = '#'

/** Where the path of a request target ends and its query or fragment begins. */
export function pathEnd(target: string): number {
  const query = target.indexOf(QUESTION_MARK)
  const fragment = target.indexOf(NUMBER_SIGN)
  if (fragment === -1) return query === -1 ? target.length : query
  return query === -1 ? fragment : Math.min(query, fragment)
}

/** A request target without query and fragment: what routes match. */
export function pathOf(target: string): string {
  const end = pathEnd(target)
  return end === target.length ? target : target.slice(0, end)
}

/** The query of a request target without its question mark; empty when there is none. */
export function queryOf(target: string): string {
  const start = target.indexOf(QUESTION_MARK)
  const fragment = target.indexOf(NUMBER_SIGN)
  if (start === -1) return ''
  if (fragment === -1) return target.slice(start + 1)
  return fragment < start ? '' : target.slice(start + 1, fragment)
}

/** The first value of a query parameter as it was sent, not decoded; undefined when it is not there. */
export function queryValue(query: string, name: string): string | undefined {
  let start = 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    if (query.startsWith(name, start)) {
      const after = start + name.length
      if (after === end) return ''
      if (after < end && query[after] === '=') return query.slice(after + 1, end)
    }
    start = end + 1
  }
  return undefined
}
