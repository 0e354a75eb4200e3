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
 * The name of a service that is told apart by group and version: `group/path:version`, without those that are empty. The
 * same parts give the same string object: nothing is put together for a request whose service was asked for before.
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

/** What a service's name consists of; empty where it has none of it. */
export interface ServiceParts {
  readonly group: string
  readonly path: string
  readonly version: string
}

/** The parts of such a name. */
export function serviceParts(name: string): ServiceParts {
  const pathAt = name.indexOf('/') + 1
  const colon = name.lastIndexOf(':')
  const versioned = colon >= pathAt
  return {
    group: name.slice(0, Math.max(pathAt - 1, 0)),
    path: name.slice(pathAt, versioned ? colon : name.length),
    version: versioned ? name.slice(colon + 1) : '',
  }
}
