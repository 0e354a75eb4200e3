import type { Member, Struct, ValueType } from '@tulle/model'
import { Untranslatable, type Value } from '../../transcoder.ts'
import type { Form } from './frame.ts'
import { fromInt64, isUnderrun, reading, type Source, TType, type Wire, wireType } from './wire.ts'

/** Deeper than this nothing honest is nested. */
const MAX_DEPTH = 64
const LARGEST: Readonly<Record<string, number>> = { i8: 0x7f, i16: 0x7fff, i32: 0x7fffffff }
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(TType).map(([name, type]) => [type, name.toLowerCase()]),
)

/**
 * Reads the struct that a message's body is, by what its fields are declared to be. Fields that are not declared are
 * stepped over: they are from another version of the service. Returns what is there by its number. `at` stands before
 * each field's name in what is said of it. Throws `Untranslatable`.
 */
export function readBody(
  form: Form,
  bytes: Buffer,
  members: readonly Member[],
  structs: ReadonlyMap<string, Struct>,
  at: string,
): ReadonlyMap<number, Value> {
  const body = new BodyReader(form, bytes, structs, at)
  const fields = new Map<number, Value>()
  try {
    body.fields(members, at, 0, ({ id }, value) => fields.set(id, value))
    return fields
  } catch (error) {
    if (error instanceof Untranslatable) throw error
    const why = isUnderrun(error) ? 'its bytes end too early' : (error as Error).message
    throw new Untranslatable(body.at, `cannot be read: ${why}`)
  }
}

class BodyReader {
  /** What is being read. */
  at: string
  readonly #wire: Wire
  readonly #from: Source
  readonly #structs: ReadonlyMap<string, Struct>

  constructor(form: Form, bytes: Buffer, structs: ReadonlyMap<string, Struct>, at: string) {
    const { wire, from } = reading(form, bytes)
    this.at = at
    this.#wire = wire
    this.#from = from
    this.#structs = structs
  }

  fields(
    members: readonly Member[],
    at: string,
    depth: number,
    put: (member: Member, value: Value) => void,
  ): void {
    const wire = this.#wire
    this.#checkDepth(depth)
    wire.readStructBegin()
    for (;;) {
      this.at = at
      const { ftype, fid } = wire.readFieldBegin()
      if (ftype === TType.Stop) break
      const member = members.find(({ id }) => id === fid)
      if (member === undefined) wire.skip(ftype)
      else {
        const place = at === '' ? member.name : `${at}.${member.name}`
        put(member, this.#value(member.type, ftype, place, depth, false))
      }
      wire.readFieldEnd()
    }
    wire.readStructEnd()
  }

  /** `element` is a value in a list or a map, whose booleans are bytes of their own in every form. */
  #value(type: ValueType, wireIs: number, at: string, depth: number, element: boolean): Value {
    this.at = at
    this.#need(type, wireIs)
    const wire = this.#wire
    switch (type.kind) {
      case 'bool':
        // The package takes any byte of a compact list for false.
        return element ? wire.readByte() === 1 : wire.readBool()
      case 'i8':
      case 'i16':
      case 'i32':
        return this.#small(type.kind, wireIs)
      case 'i64':
        return this.#whole(wireIs)
      case 'date':
        return new Date(Number(this.#whole(wireIs)))
      case 'float':
      case 'double':
        return wire.readDouble()
      case 'string':
        return wire.readString()
      case 'bytes':
        return Uint8Array.from(wire.readBinary())
      case 'list':
        return this.#list(type.of, at, depth + 1)
      case 'map':
        return this.#map(type.key, type.value, at, depth + 1)
      case 'struct':
        return this.#struct(type.name, at, depth + 1)
      default:
        return null
    }
  }

  /** Whole numbers of one width may be declared as such of another, and what is declared as a list may be a set. */
  #need(type: ValueType, wireIs: number): void {
    const wanted = wireType(type)
    if (wireIs === wanted || (wireIs === TType.Set && wanted === TType.List)) return
    if (isWhole(wireIs) && isWhole(wanted)) return
    const found = NAMES.get(wireIs) ?? `of type ${wireIs}`
    throw new Untranslatable(this.at, `must be ${NAMES.get(wanted)}, and is ${found}`)
  }

  #small(kind: string, wireIs: number): number {
    const value = this.#whole(wireIs)
    const largest = LARGEST[kind]!
    if (value > largest || value < -largest - 1)
      throw new Untranslatable(this.at, `${value} does not fit ${kind}`)
    return Number(value)
  }

  #whole(wireIs: number): number | bigint {
    const wire = this.#wire
    if (wireIs === TType.I8) return (wire.readByte() << 24) >> 24
    if (wireIs === TType.I16) return (wire.readI16() << 16) >> 16
    return wireIs === TType.I32 ? wire.readI32() : fromInt64(wire.readI64())
  }

  #list(of: ValueType, at: string, depth: number): Value {
    const { etype, size } = this.#wire.readListBegin()
    this.#checkSize(size)
    this.#checkDepth(depth)
    const list: Value[] = []
    for (let i = 0; i < size; i++) list.push(this.#value(of, etype, `${at}[${i}]`, depth, true))
    this.#wire.readListEnd()
    return list
  }

  #map(keys: ValueType, values: ValueType, at: string, depth: number): Value {
    const { ktype, vtype, size } = this.#wire.readMapBegin()
    this.#checkSize(size)
    this.#checkDepth(depth)
    const map = Object.create(null) as Record<string, Value>
    for (let i = 0; i < size; i++) {
      const key = String(this.#value(keys, ktype, `${at} (key ${i})`, depth, true))
      map[key] = this.#value(values, vtype, `${at}.${key}`, depth, true)
    }
    this.#wire.readMapEnd()
    return map
  }

  #struct(name: string, at: string, depth: number): Value {
    const struct = Object.create(null) as Record<string, Value>
    this.fields(this.#structs.get(name)!.fields, at, depth, (member, value) => {
      struct[member.name] = value
    })
    return struct
  }

  /** No element has fewer bytes than one. */
  #checkSize(size: number): void {
    const left = this.#from.inBuf.length - this.#from.readPos
    if (size < 0 || size > left)
      throw new Untranslatable(this.at, `says it has ${size} elements, and ${left} bytes are left`)
  }

  #checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) throw new Untranslatable(this.at, `nested deeper than ${MAX_DEPTH}`)
  }
}

function isWhole(type: number): boolean {
  return type === TType.I8 || type === TType.I16 || type === TType.I32 || type === TType.I64
}
