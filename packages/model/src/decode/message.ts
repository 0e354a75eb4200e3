import { isDeepStrictEqual } from 'node:util'
import { nearest } from './nearest.ts'
import { Place } from './place.ts'
import { isObject, quoted, type Type } from './type.ts'

/** One field of a message: what reads it, and what a person should know about it. */
export interface Field<T> {
  /** null for a field that is not read. */
  readonly type: Type<unknown> | null
  /** `unused`: may be given, changes nothing here. `unsupported`: refused, because it would change something. */
  readonly support: 'required' | 'optional' | 'unused' | 'unsupported'
  readonly help: string
  /** The value when none is given. */
  readonly fallback: T
  /** That value as one would write it; empty when there is nothing to write. */
  readonly shown: string
  read(value: unknown, at: Place): T
}

export type Fields = Readonly<Record<string, Field<unknown>>>

export type Values<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/** A field that must be given. */
export function required<T>(type: Type<T>, help: string): Field<T> {
  return {
    type: type as Type<unknown>,
    support: 'required',
    help,
    fallback: undefined as T,
    shown: '',
    read: (value, at) => type.read(value, at),
  }
}

/** A field with a value of its own when none is given. */
export function optional<T>(type: Type<T>, fallback: NoInfer<T>, help: string): Field<T> {
  const shown = type.show(fallback)
  return { ...required(type, help), support: 'optional', fallback, shown }
}

/** A field that is null when not given. */
export function nullable<T>(type: Type<T>, help: string): Field<T | null> {
  return { ...required<T | null>(type, help), support: 'optional', fallback: null }
}

/** Fields that may be given and change nothing here: hints, names for statistics, defaults of other programs. */
export function unused<K extends string>(...names: readonly K[]): Record<K, Field<undefined>> {
  return each(names, () => unread('unused', () => {}))
}

/** Fields that would change something and are not built yet; `false`, an empty list and an empty string change nothing. */
export function unsupported<K extends string>(...names: readonly K[]): Record<K, Field<undefined>> {
  return each(names, () =>
    unread('unsupported', (value, at) => {
      if (value === false || value === '' || (Array.isArray(value) && value.length === 0)) return
      at.say(`"${at.key}" is not supported yet; remove it`)
    }),
  )
}

/** Fields of which only one value is supported: the one given here with the name. */
export function fixed<const D extends Readonly<Record<string, unknown>>>(
  values: D,
): { [K in keyof D]: Field<undefined> } {
  return each(Object.keys(values) as (keyof D & string)[], (name) =>
    unread('unsupported', (value, at) => {
      if (isDeepStrictEqual(value, values[name])) return
      at.say(`${quoted(value)} is not supported yet; only ${quoted(values[name])} is: remove it`)
    }),
  ) as { [K in keyof D]: Field<undefined> }
}

/** A field that is refused with a sentence of its own. */
export function refused(sentence: string): Field<undefined> {
  return unread('unsupported', (_value, at) => at.say(sentence))
}

function unread(
  support: 'unused' | 'unsupported',
  read: (value: unknown, at: Place) => void,
): Field<undefined> {
  return { type: null, support, help: '', fallback: undefined, shown: '', read } as Field<undefined>
}

function each<K extends string>(
  names: readonly K[],
  make: (name: K) => Field<undefined>,
): Record<K, Field<undefined>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, Field<undefined>>
}

/**
 * A message of the protobuf definition called `name`. Fields may be spelled as in the definition or in lowerCamelCase; a
 * field that is null counts as not given; one that nobody knows is a problem. `build` gets every field and makes the
 * model's value of them. Fields are read as they come, `ahead` before the others, for those speak of what is in it.
 */
export function message<F extends Fields, T>(
  name: string,
  fields: F,
  build: (values: Values<F>, at: Place) => T,
  ahead?: keyof F & string,
): Type<T> {
  const slots = Object.keys(fields).map((field) => ({ name: field, field: fields[field]! }))
  const bySpelling = new Map(slots.flatMap((slot) => spellings(slot.name).map((it) => [it, slot])))
  const needed = slots.filter(({ field }) => field.support === 'required').map((slot) => slot.name)
  const blanks = Object.fromEntries(
    slots.filter(({ field }) => field.type).map((slot) => [slot.name, slot.field.fallback]),
  )
  const short = name.slice(name.lastIndexOf('.') + 1)

  return {
    name: short,
    parts: slots.flatMap(({ field }) => field.type ?? []),
    message: { name, fields },
    read(value, at) {
      if (isObject(value)) return build(readFields(value, at), at)
      at.say(`must be an object (${short}), not ${quoted(value)}`)
      return this.blank()
    },
    blank() {
      const nowhere = Place.nowhere()
      return build(readFields({}, nowhere), nowhere)
    },
    show: () => '',
  }

  function readFields(source: Readonly<Record<string, unknown>>, at: Place): Values<F> {
    const values: Record<string, unknown> = { ...blanks }
    for (const key of inOrder(Object.keys(source))) {
      const value = source[key]
      const slot = bySpelling.get(key)
      if (slot === undefined) {
        sayUnknown(key, at)
      } else if (value !== null && value !== undefined) {
        const place = at.child(slot.name)
        if (key !== slot.name && Object.hasOwn(source, slot.name))
          place.say(`is given twice, as "${slot.name}" and as "${key}"; keep one`)
        values[slot.name] = slot.field.read(value, place)
        if (slot.field.type === null && place.troubled) at.puzzled = true
      }
    }
    for (const field of needed) {
      if (values[field] !== undefined) continue
      at.say(`"${field}" is missing`)
      values[field] = fields[field]!.type!.blank()
    }
    return values as Values<F>
  }

  function inOrder(keys: readonly string[]): readonly string[] {
    if (ahead === undefined) return keys
    const isAhead = (key: string) => bySpelling.get(key)?.name === ahead
    return [...keys.filter(isAhead), ...keys.filter((key) => !isAhead(key))]
  }

  function sayUnknown(key: string, at: Place): void {
    const meant = nearest(key, bySpelling.keys())
    const advice = meant ? `did you mean "${meant}"?` : `${short} has none of that name; remove it`
    at.puzzled = true
    at.child(key).say(`unknown field "${key}"; ${advice}`)
  }
}

/** `connect_timeout` and, as protobuf's JSON spells it, `connectTimeout`. */
function spellings(name: string): readonly string[] {
  const camel = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return camel === name ? [name] : [name, camel]
}
