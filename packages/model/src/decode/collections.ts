import { isObject, quoted, type Type } from './type.ts'

/** A list, each of whose elements is of `type`. */
export function list<T>(type: Type<T>, min = 0): Type<readonly T[]> {
  return {
    name: `list of ${type.name}`,
    parts: [type as Type<unknown>],
    message: null,
    read(value, at) {
      if (!Array.isArray(value)) {
        at.say(`must be a list, not ${quoted(value)}`)
        return []
      }
      if (value.length < min) at.say('must not be empty')
      return value.map((element: unknown, index) => type.read(element, at.child(index)))
    },
    blank: () => [],
    show: () => '',
  }
}

/** An object with keys of the user's own choice, each of whose values is of `type`. */
export function mapOf<T>(type: Type<T>): Type<Readonly<Record<string, T>>> {
  return {
    name: `map of ${type.name}`,
    parts: [type as Type<unknown>],
    message: null,
    read(value, at) {
      if (!isObject(value)) {
        at.say(`must be an object, not ${quoted(value)}`)
        return {}
      }
      return Object.fromEntries(
        Object.keys(value).map((key) => [key, type.read(value[key], at.child(key))]),
      )
    },
    blank: () => ({}),
    show: () => '',
  }
}

/** An object of any shape, handed on as it is. */
export const struct: Type<Readonly<Record<string, unknown>>> = {
  name: 'object',
  parts: [],
  message: null,
  read(value, at) {
    if (isObject(value)) return value
    at.say(`must be an object, not ${quoted(value)}`)
    return {}
  },
  blank: () => ({}),
  show: () => '',
}
