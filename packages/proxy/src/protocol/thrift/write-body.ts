import type { Member, Struct, ValueType } from '@tulle/model'
import { conform } from '../../transcode/conform.ts'
import { keyOf } from '../../transcode/map-key.ts'
import { Untranslatable, type Value } from '../../transcoder.ts'
import type { Form } from './frame.ts'
import { toInt64, type Wire, wireType, writing } from './wire.ts'

/**
 * Writes values as the struct that a message's body is. What is null is left out, which is how Thrift says that nothing
 * is there. `at` stands before each field's name in what is said of it. Throws `Untranslatable`.
 */
export function writeBody(
  form: Form,
  members: readonly Member[],
  values: readonly Value[],
  structs: ReadonlyMap<string, Struct>,
  at: (member: Member) => string,
): Buffer {
  const { wire, bytes } = writing(form)
  const body = new BodyWriter(wire, structs)
  wire.writeStructBegin('')
  for (const [i, member] of members.entries()) {
    const place = at(member)
    body.field(member, conform(values[i], member.type, structs, place), place)
  }
  wire.writeFieldStop()
  wire.writeStructEnd()
  return bytes()
}

class BodyWriter {
  readonly #wire: Wire
  readonly #structs: ReadonlyMap<string, Struct>

  constructor(wire: Wire, structs: ReadonlyMap<string, Struct>) {
    this.#wire = wire
    this.#structs = structs
  }

  field({ name, type, id }: Member, value: Value, at: string): void {
    if (value === null) return
    this.#wire.writeFieldBegin(name, wireType(type), id)
    this.#value(type, value, at)
    this.#wire.writeFieldEnd()
  }

  #value(type: ValueType, value: Value, at: string): void {
    const wire = this.#wire
    switch (type.kind) {
      case 'bool':
        return wire.writeBool(value as boolean)
      case 'i8':
        return wire.writeByte(value as number)
      case 'i16':
        return wire.writeI16(value as number)
      case 'i32':
        return wire.writeI32(value as number)
      case 'i64':
        return wire.writeI64(toInt64(value as number | bigint))
      case 'date':
        return wire.writeI64(toInt64((value as Date).getTime()))
      case 'float':
      case 'double':
        return wire.writeDouble(value as number)
      case 'string':
        return wire.writeString(value as string)
      case 'bytes':
        return wire.writeBinary(Buffer.from(value as Uint8Array))
      case 'list':
        return this.#list(type.of, value as readonly Value[], at)
      case 'map':
        return this.#map(type.key, type.value, value as Readonly<Record<string, Value>>, at)
      case 'struct':
        return this.#struct(type.name, value as Readonly<Record<string, Value>>, at)
      default:
    }
  }

  #list(of: ValueType, values: readonly Value[], at: string): void {
    const wire = this.#wire
    wire.writeListBegin(wireType(of), values.length)
    for (const [i, one] of values.entries()) this.#element(of, one, `${at}[${i}]`)
    wire.writeListEnd()
  }

  #map(keys: ValueType, values: ValueType, map: Readonly<Record<string, Value>>, at: string): void {
    const wire = this.#wire
    const pairs = Object.entries(map)
    wire.writeMapBegin(wireType(keys), wireType(values), pairs.length)
    for (const [key, value] of pairs) {
      this.#element(keys, keyOf(key, keys), `${at}.${key}`)
      this.#element(values, value, `${at}.${key}`)
    }
    wire.writeMapEnd()
  }

  #struct(name: string, values: Readonly<Record<string, Value>>, at: string): void {
    const wire = this.#wire
    wire.writeStructBegin(name)
    for (const member of this.#structs.get(name)!.fields)
      this.field(member, values[member.name] ?? null, `${at}.${member.name}`)
    wire.writeFieldStop()
    wire.writeStructEnd()
  }

  #element(of: ValueType, value: Value, at: string): void {
    if (value === null)
      throw new Untranslatable(at, 'is null, which Thrift has not within a list or a map')
    this.#value(of, value, at)
  }
}
