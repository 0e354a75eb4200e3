import type { Place } from './place.ts'
import { quoted, type Type } from './type.ts'

/**
 * A protobuf enum, by name or number. `names` are all that Envoy knows, each at the index of its number (null where there
 * is none); `values` gives those a meaning which are supported here.
 */
export function choice<const T>(
  names: readonly (string | null)[],
  values: Readonly<Record<string, T>>,
): Type<T> {
  const known = Object.keys(values)
  const blank = values[known[0]!]!
  return {
    name: `one of ${known.join(', ')}`,
    parts: [],
    message: null,
    read: (value, at) => readChoice(value, at),
    blank: () => blank,
    show: (value) => known.find((name) => values[name] === value) ?? '',
  }

  function readChoice(value: unknown, at: Place): T {
    const name = typeof value === 'number' ? names[value] : value
    if (typeof name === 'string') {
      if (Object.hasOwn(values, name)) return values[name]!
      if (names.includes(name)) {
        at.say(`${name} is not supported yet; ${expected(known)}`)
        return blank
      }
    }
    at.say(`must be one of ${known.join(', ')}, not ${quoted(value)}`)
    return blank
  }
}

function expected(known: readonly string[]): string {
  return known.length === 1 ? `only ${known[0]} is` : `choose one of ${known.join(', ')}`
}
