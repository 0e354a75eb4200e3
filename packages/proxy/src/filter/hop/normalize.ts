/** Nothing but these can make a path need work: an escape, a backslash, a segment that begins with a dot. */
const SUSPECT = /%|\\|\/\./
const ESCAPE = /%(..?)?/gs
const HEX = /^[0-9a-f]{2}$/i
/** RFC 3986 §2.3. */
const UNRESERVED = /[\w.~-]/

/**
 * One spelling for each path, so that rules cannot be walked around by another: escapes of unreserved characters are
 * decoded (RFC 3986 §6.2.2.2), dot segments are resolved and never lead above the root (§5.2.4), a backslash counts as
 * a slash. `%2F` stays as it is: it is a character of a segment. Query and fragment are left alone.
 *
 * Null is a path that has no one meaning: it does not begin with a slash, has a per cent sign without two hex digits,
 * or an escaped NUL. `*` is the whole server and stays.
 */
export function normalizePath(target: string): string | null {
  if (!target.startsWith('/')) return target === '*' ? target : null
  if (!SUSPECT.test(target)) return target
  const end = target.search(/[?#]/)
  const path = end === -1 ? target : target.slice(0, end)
  if (!SUSPECT.test(path)) return target
  const decoded = path.includes('%') ? decodeUnreserved(path) : path
  if (decoded === null) return null
  const normal = removeDotSegments(decoded.replaceAll('\\', '/'))
  return end === -1 ? normal : normal + target.slice(end)
}

/** Several slashes in a row become one, in the path only. */
export function mergeSlashes(target: string): string {
  if (!target.includes('//')) return target
  const end = target.search(/[?#]/)
  const path = end === -1 ? target : target.slice(0, end)
  const merged = path.replace(/\/{2,}/g, '/')
  return end === -1 ? merged : merged + target.slice(end)
}

/** Null when an escape is not one, or hides a NUL. */
function decodeUnreserved(path: string): string | null {
  let sound = true
  const decoded = path.replace(ESCAPE, (found, digits: string | undefined) => {
    if (!HEX.test(digits ?? '') || digits === '00') {
      sound = false
      return found
    }
    const character = String.fromCharCode(Number.parseInt(digits as string, 16))
    return UNRESERVED.test(character) ? character : found
  })
  return sound ? decoded : null
}

/** RFC 3986 §5.2.4: a path that ends in a dot segment ends in a slash. */
function removeDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  const last = segments.length - 1
  for (const [i, segment] of segments.entries()) {
    const up = segment === '..'
    if (up) kept.pop()
    if (!up && segment !== '.') kept.push(segment)
    else if (i === last) kept.push('')
  }
  return `/${kept.join('/')}`
}
