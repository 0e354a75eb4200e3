import type { Struct, ValueType } from '@tulle/model'
import { Untranslatable, type Value } from '../transcoder.ts'
import type { Callee } from './callees.ts'
import { conform } from './conform.ts'
import { JavaObject } from './hessian.ts'

/** Deeper than this nothing honest is nested; what points to itself has no end. */
const MAX_DEPTH = 64
/** More than any message holds: values that point to each other over and over would grow without end. */
const MAX_VALUES = 1_000_000
const ANY: ValueType = { kind: 'any' }

/** Makes of what a `HessianReader` has read the value that an interface declares. Throws `Untranslatable`. */
export function fromJava(
  read: unknown,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  field: string,
): Value {
  return conform(new Loosening(structs).of(read, type, field, 0), type, structs, field)
}

/** The arguments of a call of this method, as they were read. */
export function argumentsFromJava(
  read: readonly unknown[],
  { service: { structs }, method: { name, parameters } }: Callee,
): Value[] {
  if (read.length !== parameters.length) {
    const why = `are ${read.length}; "${name}" takes ${parameters.length}`
    throw new Untranslatable('arguments', why)
  }
  return parameters.map((one, i) => fromJava(read[i], one.type, structs, `arguments.${one.name}`))
}

/** Objects become records of their fields, maps such of text; the rest stays, and whether it fits is not asked here. */
class Loosening {
  readonly #structs: ReadonlyMap<string, Struct>
  #values = 0

  constructor(structs: ReadonlyMap<string, Struct>) {
    this.#structs = structs
  }

  of(read: unknown, type: ValueType, at: string, depth: number): unknown {
    if (depth > MAX_DEPTH)
      throw new Untranslatable(at, `points to itself, or is nested deeper than ${MAX_DEPTH}`)
    if (++this.#values > MAX_VALUES)
      throw new Untranslatable(at, `holds more than ${MAX_VALUES} values`)
    if (read instanceof JavaObject) return this.#object(read, type, at, depth)
    if (read instanceof Map) return this.#map(read, type, at, depth)
    if (read instanceof Date && Number.isNaN(read.getTime()))
      throw new Untranslatable(at, 'is a time that is none')
    if (!Array.isArray(read)) return read
    const of = type.kind === 'list' ? type.of : ANY
    return read.map((one: unknown, i) => this.of(one, of, `${at}[${i}]`, depth + 1))
  }

  #object({ className, fields }: JavaObject, type: ValueType, at: string, depth: number): unknown {
    const wrapped = fields.size === 1 ? wrappedIn(className, fields, type) : undefined
    if (wrapped !== undefined) return wrapped
    return this.#record(fields, type, at, depth)
  }

  #map(read: ReadonlyMap<unknown, unknown>, type: ValueType, at: string, depth: number): unknown {
    if (type.kind !== 'struct') return this.#record(read, type, at, depth)
    // As generic invocation has objects: their class stands among the fields.
    const struct = this.#structs.get(type.name)!
    const fields = new Map(read)
    if (!struct.fields.some(({ name }) => name === 'class')) fields.delete('class')
    return this.#record(fields, type, at, depth)
  }

  #record(
    read: ReadonlyMap<unknown, unknown>,
    type: ValueType,
    at: string,
    depth: number,
  ): Map<string, unknown> {
    const struct = type.kind === 'struct' ? this.#structs.get(type.name)! : null
    const of = type.kind === 'map' ? type.value : ANY
    const record = new Map<string, unknown>()
    for (const [key, one] of read) {
      const name = nameOf(key, at)
      const declared = struct?.fields.find((field) => field.name === name)
      // A field that the class has and the interface leaves out is of no interest to it.
      if (struct !== null && declared === undefined) continue
      record.set(name, this.of(one, declared?.type ?? of, `${at}.${name}`, depth + 1))
    }
    return record
  }
}

/** Values that Java keeps in objects of one field: large numbers, constants, times of databases. */
function wrappedIn(
  className: string,
  fields: ReadonlyMap<string, unknown>,
  type: ValueType,
): unknown {
  const value = fields.get('value')
  if (className === 'java.math.BigDecimal' && typeof value === 'string')
    return type.kind === 'double' || type.kind === 'float' ? Number(value) : value
  if (value instanceof Date && className.startsWith('java.sql.')) return value
  if (typeof value === 'number' && className.startsWith('java.util.concurrent.atomic.'))
    return value
  return type.kind === 'string' ? fields.get('name') : undefined
}

function nameOf(key: unknown, at: string): string {
  if (typeof key === 'object' && key !== null && !(key instanceof Date)) {
    const name = key instanceof JavaObject ? key.fields.get('name') : undefined
    if (typeof name === 'string') return name
    throw new Untranslatable(at, 'has a key that is no text')
  }
  if (!(key instanceof Date)) return String(key)
  if (Number.isNaN(key.getTime())) throw new Untranslatable(at, 'has a key that is no time')
  return key.toISOString()
}
