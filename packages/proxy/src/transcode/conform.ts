import type { Struct, ValueType } from '@tulle/model'
import { Untranslatable, type Value } from '../transcoder.ts'

/** Deeper than this nothing honest is nested. */
const MAX_DEPTH = 64
/** No whole number of 64 bits has more digits. */
const WHOLE = /^-?\d{1,19}$/
/** What is no number in JSON is text there. */
const UNNUMBERED: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])
const MAX_I64 = 2n ** 63n - 1n
const MIN_I64 = -(2n ** 63n)
const ANY: ValueType = { kind: 'any' }
const TEXT: ValueType = { kind: 'string' }
/** How far each kind of whole number reaches. */
const LARGEST = { i8: 127, i16: 32_767, i32: 2_147_483_647 } as const

/**
 * Makes of a loose value, such as JSON has, what a type wants: numbers in range, long ones that came as text, bytes that
 * came as base64, times that came as text or milliseconds. Null fits every type. Throws `Untranslatable`, with `field` for
 * where the value stands. Fields that nobody declared are refused in what a caller says, or it would not see that they are
 * lost; in answers they are dropped, so that a service may come to say more.
 */
export function conform(
  value: unknown,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  field: string,
  undeclared: 'refuse' | 'drop' = 'refuse',
): Value {
  return new Conforming(structs, undeclared).value(value, type, field, 0)
}

class Conforming {
  readonly #structs: ReadonlyMap<string, Struct>
  readonly #refuses: boolean

  constructor(structs: ReadonlyMap<string, Struct>, undeclared: 'refuse' | 'drop') {
    this.#structs = structs
    this.#refuses = undeclared === 'refuse'
  }

  value(value: unknown, type: ValueType, at: string, depth: number): Value {
    if (value === null || value === undefined) return null
    if (depth > MAX_DEPTH) throw new Untranslatable(at, `nested deeper than ${MAX_DEPTH}`)
    switch (type.kind) {
      case 'void':
        return null
      case 'any':
        return this.#any(value, at, depth)
      case 'bool':
        return typeof value === 'boolean' ? value : wrong(value, 'true or false', at)
      case 'string':
        return typeof value === 'string' ? value : wrong(value, 'text', at)
      case 'i8':
      case 'i16':
      case 'i32':
        return whole(value, LARGEST[type.kind], type.kind, at)
      case 'i64':
        return long(value, at)
      case 'float':
      case 'double':
        return real(value, at)
      case 'bytes':
        return bytes(value, at)
      case 'date':
        return date(value, at)
      case 'list':
        return this.#list(value, type.of, at, depth)
      case 'map':
        return this.#map(value, type.key, type.value, at, depth)
      case 'struct':
        return this.#struct(value, type.name, at, depth)
    }
  }

  #list(value: unknown, of: ValueType, at: string, depth: number): Value {
    const elements = value instanceof Set ? [...value] : value
    if (!Array.isArray(elements)) return wrong(value, 'a list', at)
    return elements.map((one: unknown, i) => this.value(one, of, `${at}[${i}]`, depth + 1))
  }

  #map(value: unknown, key: ValueType, of: ValueType, at: string, depth: number): Value {
    return record(entriesOf(value, 'a map', at), (name, one) => {
      needKey(name, key, `${at} (key)`)
      return this.value(one, of, `${at}.${name}`, depth + 1)
    })
  }

  #struct(value: unknown, name: string, at: string, depth: number): Value {
    const struct = this.#structs.get(name)!
    const given = new Map(entriesOf(value, `a ${name}`, at))
    for (const key of given.keys())
      if (this.#refuses && !struct.fields.some((one) => one.name === key))
        throw new Untranslatable(
          at === '' ? key : `${at}.${key}`,
          `${name} has no such field; it has ${struct.fields.map((one) => one.name).join(', ')}`,
        )
    return record(
      struct.fields.filter((one) => given.has(one.name)).map((one) => [one.name, one] as const),
      (key, one) => this.value(given.get(key), one.type, `${at}.${key}`, depth + 1),
    )
  }

  #any(value: unknown, at: string, depth: number): Value {
    switch (typeof value) {
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return value
      default:
    }
    if (value instanceof Date || value instanceof Uint8Array) return value
    if (Array.isArray(value) || value instanceof Set) return this.#list(value, ANY, at, depth)
    return this.#map(value, TEXT, ANY, at, depth)
  }
}

function record<T>(entries: Iterable<readonly [string, T]>, make: (name: string, one: T) => Value) {
  const made: Record<string, Value> = Object.create(null) as Record<string, Value>
  for (const [name, one] of entries) made[name] = make(name, one)
  return made
}

/** Keys are text in the values that all protocols share, and have to be what their type wants all the same. */
function needKey(name: string, { kind }: ValueType, at: string): void {
  switch (kind) {
    case 'bool':
      if (name !== 'true' && name !== 'false') wrong(name, 'true or false', at)
      return
    case 'i8':
    case 'i16':
    case 'i32':
      whole(WHOLE.test(name) ? Number(name) : name, LARGEST[kind], kind, at)
      return
    case 'i64':
      long(name, at)
      return
    case 'float':
    case 'double':
      if (name.trim() === '' || (Number.isNaN(Number(name)) && !UNNUMBERED.has(name)))
        wrong(name, 'a number', at)
      return
    default:
  }
}

function entriesOf(
  value: unknown,
  wanted: string,
  at: string,
): readonly (readonly [string, unknown])[] {
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].map(([key, one]) => [String(key), one] as const)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value)
  return wrong(value, wanted, at)
}

function whole(value: unknown, largest: number, kind: string, at: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number))
    return wrong(value, `a whole number (${kind})`, at)
  if (number > largest || number < -largest - 1)
    throw new Untranslatable(at, `${number} does not fit ${kind}`)
  return number
}

/** A bigint only where a number would not hold it. */
function long(value: unknown, at: string): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  const big = typeof value === 'bigint' ? value : digits(value, at)
  if (big > MAX_I64 || big < MIN_I64) throw new Untranslatable(at, `${big} does not fit i64`)
  const number = Number(big)
  return Number.isSafeInteger(number) ? number : big
}

function digits(value: unknown, at: string): bigint {
  if (typeof value === 'string' && WHOLE.test(value)) return BigInt(value)
  return wrong(value, 'a whole number (i64), as text where it is beyond 2⁵³', at)
}

function real(value: unknown, at: string): number {
  if (typeof value === 'number') return value
  if (UNNUMBERED.has(value)) return Number(value)
  return typeof value === 'bigint' ? Number(value) : wrong(value, 'a number', at)
}

function bytes(value: unknown, at: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value))
    return Buffer.from(value, 'base64')
  return wrong(value, 'bytes in base64', at)
}

function date(value: unknown, at: string): Date {
  const made =
    value instanceof Date
      ? value
      : typeof value === 'string' || typeof value === 'number'
        ? new Date(value)
        : null
  if (made !== null && !Number.isNaN(made.getTime())) return made
  return wrong(value, 'a time (ISO 8601, or milliseconds since 1970)', at)
}

function wrong(value: unknown, wanted: string, at: string): never {
  throw new Untranslatable(at, `must be ${wanted}, not ${shown(value)}`)
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
