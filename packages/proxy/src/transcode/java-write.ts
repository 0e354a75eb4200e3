import type { Struct, ValueType } from '@tulle/model'
import { type CommonCall, Untranslatable, type Value } from '../transcoder.ts'
import type { Typed } from './hessian.ts'
import { isBuiltIn, isPrimitive, javaType } from './java-type.ts'
import { keyOf } from './map-key.ts'
import { kindOfNumber } from './number.ts'

const OBJECT = 'java.lang.Object'
/** Whole numbers that Java reads as a `Long` otherwise than as an `Integer`. */
const LONGS: ReadonlySet<string> = new Set([
  'long',
  'java.lang.Long',
  'java.util.concurrent.atomic.AtomicLong',
])
const REALS: ReadonlySet<string> = new Set([
  'double',
  'float',
  'java.lang.Double',
  'java.lang.Float',
  'java.lang.Number',
])
const TEXTS: ReadonlySet<string> = new Set([
  'java.lang.String',
  'java.lang.CharSequence',
  OBJECT,
  'char',
  'java.lang.Character',
])
/** What numbers are of which nobody said what they are. */
const NUMBERS = { i32: 'int', i64: 'long', double: 'double' } as const
const DECIMAL = 'java.math.BigDecimal'
/** What is made where a parameter only says what a set has to do. */
const SETS: Readonly<Record<string, string>> = {
  'java.util.Set': 'java.util.HashSet',
  'java.util.SortedSet': 'java.util.TreeSet',
  'java.util.HashSet': 'java.util.HashSet',
  'java.util.LinkedHashSet': 'java.util.LinkedHashSet',
  'java.util.TreeSet': 'java.util.TreeSet',
}

/** How objects are written: as what they are, or, for generic invocation, as maps that name their class. */
export type Objects = 'typed' | 'maps'

/** Makes of values what the libraries for Hessian write so that Java reads the types an interface declares. */
export class JavaWriting {
  readonly #structs: ReadonlyMap<string, Struct>
  readonly #objects: Objects

  constructor(structs: ReadonlyMap<string, Struct>, objects: Objects = 'typed') {
    this.#structs = structs
    this.#objects = objects
  }

  /** The arguments of a call: what is missing cannot stand for a number. */
  arguments({ method: { parameters }, args }: CommonCall): unknown[] {
    return parameters.map(({ name, type, java }, i) => {
      const value = args[i] ?? null
      const wanted = javaType(type, java, this.#structs)
      if (value !== null || !isPrimitive(wanted)) return this.value(value, type, java)
      const why = `is missing, and "${wanted}" of Java cannot be null`
      throw new Untranslatable(`arguments.${name}`, why)
    })
  }

  value(value: Value, type: ValueType, java = ''): unknown {
    if (value === null) return null
    switch (type.kind) {
      case 'void':
        return null
      case 'any':
        return this.#any(value, java)
      case 'bool':
        return value
      case 'string':
        return textOf(value as string, java)
      case 'bytes':
        return Buffer.from(value as Uint8Array)
      case 'date':
        return value
      case 'list':
        return listOf(
          (value as readonly Value[]).map((one) => this.value(one, type.of, elementOf(java))),
          java,
        )
      case 'map':
        return this.#map(value as Record<string, Value>, type.key, type.value)
      case 'struct':
        return this.#struct(value as Record<string, Value>, this.#structs.get(type.name)!)
      default:
        return numberOf(value as number | bigint, javaType(type, java, this.#structs))
    }
  }

  /** Fields that are missing are null, as in Java. A struct without a class goes as a map. */
  #struct(value: Readonly<Record<string, Value>>, { java, fields }: Struct): unknown {
    const written = fields.map(
      (one) => [one.name, this.value(value[one.name] ?? null, one.type, one.java)] as const,
    )
    if (java === '') return new Map(written)
    if (this.#objects === 'maps') return new Map([['class', java], ...written])
    return typed(java, Object.fromEntries(written))
  }

  #map(
    value: Readonly<Record<string, Value>>,
    key: ValueType,
    of: ValueType,
  ): Map<unknown, unknown> {
    return new Map(
      Object.entries(value).map(
        ([name, one]) => [this.#key(name, key), this.value(one, of)] as const,
      ),
    )
  }

  #key(name: string, type: ValueType): unknown {
    const key = keyOf(name, type)
    return typeof key === 'number' || typeof key === 'bigint' ? this.value(key, type) : key
  }

  /** By what the value is: nobody said more. */
  #any(value: Value, java: string): unknown {
    if (typeof value === 'number' || typeof value === 'bigint')
      return numberOf(value, java === '' || java === OBJECT ? NUMBERS[kindOfNumber(value)] : java)
    if (typeof value === 'string') return textOf(value, java)
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    if (value instanceof Uint8Array) return Buffer.from(value)
    const any: ValueType = { kind: 'any' }
    if (isList(value))
      return listOf(
        value.map((one) => this.#any(one, elementOf(java))),
        java,
      )
    if (java === '' || isBuiltIn(java) || this.#objects === 'maps')
      return this.#map(value, { kind: 'string' }, any)
    const fields = Object.entries(value).map(([name, one]) => [name, this.#any(one, '')] as const)
    return typed(java, Object.fromEntries(fields))
  }
}

/** A value that is written as of this class. */
export function typed(className: string, value: unknown): Typed {
  return { $class: className, $: value }
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function numberOf(value: number | bigint, java: string): unknown {
  if (java === DECIMAL) return typed(DECIMAL, { value: String(value) })
  if (REALS.has(java)) return typed('double', Number(value))
  if (LONGS.has(java)) return typed('long', typeof value === 'bigint' ? String(value) : value)
  return typed('int', Number(value))
}

/** A text whose class is another one is the name of a constant: enums are written so. */
function textOf(value: string, java: string): unknown {
  if (java === '' || TEXTS.has(java)) return value
  if (java === DECIMAL) return typed(DECIMAL, { value })
  return isBuiltIn(java) ? value : typed(java, { name: value })
}

/** Lists have no class: readers go by the type they expect. Arrays and sets have, for those who expect any object. */
function listOf(elements: readonly unknown[], java: string): unknown {
  const name = java.replace(/<.*>/, '')
  if (name.endsWith('[]')) return typed(`[${name.slice(0, -2)}`, elements)
  const set = SETS[name]
  return set === undefined ? elements : typed(set, elements)
}

/** `Item` of `Item[]` and of `java.util.List<Item>`; nothing of others. */
function elementOf(java: string): string {
  if (java.endsWith('[]')) return java.slice(0, -2)
  return /^[^<]*<([^<>,]+(?:<.*>)?)>$/.exec(java)?.[1] ?? ''
}
