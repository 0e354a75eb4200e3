/** What consumers send that ask for no version. */
const NO_VERSION = '0.0.0'
const MAX_NAMES = 1024

/** A name made earlier of these parts, and others of the same path. */
interface Known {
  readonly group: string | undefined
  readonly version: string | undefined
  readonly name: string
  readonly next: Known | null
}

let known = new Map<string, Known>()
let size = 0

/**
 * `group/path:version`, without group and version where there are none. The same parts give the same string object:
 * nothing is put together for a request whose service was asked for before.
 */
export function serviceName(
  group: string | undefined,
  path: string,
  version: string | undefined,
): string {
  const first = known.get(path) ?? null
  for (let one = first; one !== null; one = one.next)
    if (one.group === group && one.version === version) return one.name
  const name = compose(group, path, version)
  if (size++ === MAX_NAMES) {
    known = new Map()
    size = 0
    return name
  }
  known.set(path, { group, version, name, next: first })
  return name
}

/** The path in such a name. */
export function pathIn(name: string): string {
  const behindGroup = name.slice(name.indexOf('/') + 1)
  const colon = behindGroup.lastIndexOf(':')
  return colon === -1 ? behindGroup : behindGroup.slice(0, colon)
}

function compose(group: string | undefined, path: string, version: string | undefined): string {
  const before = group === undefined || group === '' ? '' : `${group}/`
  const behind = version === undefined || version === '' || version === NO_VERSION
  return `${before}${path}${behind ? '' : `:${version}`}`
}
