import type { ServiceInterface, ValueType } from '@tulle/model'
import { keyOf } from '../../transcode/map-key.ts'
import { Untranslatable, type Value } from '../../transcoder.ts'
import { fieldTag, inOrder } from './members.ts'
import { bytesOf, type Output } from './stream.ts'

type Structs = ServiceInterface['structs']
type Entries = Readonly<Record<string, Value>>

/** Writes values by their declared types. */
export class ValueWriter {
  readonly #structs: Structs

  constructor(structs: Structs) {
    this.#structs = structs
  }

  /** A value of its type, as `conform` makes it. Null has no form in Tars. */
  write(out: Output, tag: number, value: Value, type: ValueType, at: string): void {
    if (value === null) throw new Untranslatable(at, 'is missing, and Tars cannot say null')
    switch (type.kind) {
      case 'bool':
        return out.writeBoolean(tag, value as boolean)
      case 'i8':
        return out.writeInt8(tag, value as number)
      case 'i16':
        return out.writeInt16(tag, value as number)
      case 'i32':
        return out.writeInt32(tag, value as number)
      case 'i64':
        return typeof value === 'bigint'
          ? out.writeInt64(tag, String(value), true)
          : out.writeInt64(tag, value as number, false)
      case 'float':
        return out.writeFloat(tag, value as number)
      case 'double':
        return out.writeDouble(tag, value as number)
      case 'string':
        return out.writeString(tag, value as string)
      case 'bytes':
        return out.writeBytes(tag, bytesOf(value as Uint8Array))
      case 'list':
        return this.#list(out, tag, value as readonly Value[], type.of, at)
      case 'map':
        return this.#map(out, tag, value as Entries, type, at)
      case 'struct':
        return out.writeStruct(tag, {
          _writeTo: (inner) => this.#fields(inner, value as Entries, type.name, at),
        })
      default:
        throw new Untranslatable(at, `Tars has no "${type.kind}"`)
    }
  }

  #list(out: Output, tag: number, value: readonly Value[], of: ValueType, at: string): void {
    let place = 0
    out.writeList(tag, {
      length: value.length,
      value,
      _proto: {
        _write: (inner, innerTag, one) =>
          this.write(inner, innerTag, one as Value, of, `${at}[${place++}]`),
      },
    })
  }

  #map(
    out: Output,
    tag: number,
    value: Entries,
    type: Extract<ValueType, { kind: 'map' }>,
    at: string,
  ): void {
    const keys = Object.keys(value)
    let here = at
    out.writeMap(tag, {
      size: () => keys.length,
      forEach(visit) {
        for (const key of keys) visit(key, value[key])
      },
      _kproto: {
        _write: (inner, innerTag, key) => {
          here = `${at}.${key}`
          this.write(inner, innerTag, keyOf(key, type.key), type.key, here)
        },
      },
      _vproto: {
        _write: (inner, innerTag, one) =>
          this.write(inner, innerTag, one as Value, type.value, here),
      },
    })
  }

  /** Fields that are missing are left out: hosts give them what their declaration says. */
  #fields(out: Output, value: Entries, name: string, at: string): void {
    for (const field of inOrder(this.#structs.get(name)!.fields)) {
      const one = value[field.name] ?? null
      if (one !== null) this.write(out, fieldTag(field), one, field.type, `${at}.${field.name}`)
    }
  }
}
