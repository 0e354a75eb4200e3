const MAX_NAMES = 1024

/** A name made earlier of these parts, and others of the same path. */
interface Known {
  readonly group: string
  readonly version: string
  readonly name: string
  readonly next: Known | null
}

const known = new Map<string, Known>()
let size = 0

/**
 * `group/path:version`, without group and version where they are empty. The same parts give the same string object:
 * nothing is put together for a request whose service was asked for before.
 */
export function serviceName(group: string, path: string, version: string): string {
  const first = known.get(path) ?? null
  for (let one = first; one !== null; one = one.next)
    if (one.group === group && one.version === version) return one.name
  const name = `${group === '' ? '' : `${group}/`}${path}${version === '' ? '' : `:${version}`}`
  if (size++ === MAX_NAMES) {
    known.clear()
    size = 0
    return name
  }
  known.set(path, { group, version, name, next: first })
  return name
}
