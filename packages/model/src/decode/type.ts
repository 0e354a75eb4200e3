import { good, type Result } from '@tulle/core'
import type { Fields } from './message.ts'
import { Place, Report } from './place.ts'

/**
 * Reads one kind of value out of plain data. A type never throws and always gives a value: when what it finds is wrong
 * it says so at the place and gives a stand-in, so that the reading goes on and finds everything else that is wrong.
 */
export interface Type<T> {
  /** For people: `string`, `duration`, `list of Cluster`. */
  readonly name: string
  /** The types this one is made of. */
  readonly parts: readonly Type<unknown>[]
  /** Set where this type is a message: what it is called and holds. */
  readonly message: { readonly name: string; readonly fields: Fields } | null
  read(value: unknown, at: Place): T
  /** The stand-in. */
  blank(): T
  /** A value as one would write it in a file; empty when there is no short way. */
  show(value: T): string
}

/** Reads `value`, which stands at the path `at`: the value, or everything that is wrong with it. */
export function decode<T>(type: Type<T>, value: unknown, at = ''): Result<T> {
  const report = new Report()
  const decoded = type.read(value, new Place(null, at, report))
  return report.problems.length === 0 ? good(decoded) : { ok: false, problems: report.problems }
}

/** A type of another type's values: `build` turns them into what the program wants, and may complain. */
export function mapped<A, B>(
  type: Type<A>,
  build: (value: A, at: Place) => B,
  name: string = type.name,
): Type<B> {
  return {
    name,
    parts: [type as Type<unknown>],
    message: null,
    read: (value, at) => build(type.read(value, at), at),
    blank: () => build(type.blank(), Place.nowhere()),
    show: () => '',
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as it may stand in a sentence: short, on one line. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
