import type { ServiceInterface, ValueType } from '@tulle/model'
import { Untranslatable } from '../../transcoder.ts'
import { fields } from './field.ts'
import { fieldTag, inOrder } from './members.ts'
import { type Input, input } from './stream.ts'

type Structs = ServiceInterface['structs']

/** No field has it: looking for it walks over all there are. */
const NO_TAG = 256
/** Before keys of maps that are read: else numbers among them would change places, and some names mean something. */
const MARK = '$'

/**
 * What reads the fields of a body. Its lengths are known to be true then: the library makes room for a text before it
 * looks whether that is there.
 */
export function inputOf(body: Buffer, at: string): Input {
  fields.seek(body, 0, body.length, NO_TAG)
  if (fields.broken) throw new Untranslatable(at, 'is not written in Tars')
  return input(body)
}

/** Reads values by their declared types, as loose as `conform` takes them. */
export class ValueReader {
  readonly #structs: Structs

  constructor(structs: Structs) {
    this.#structs = structs
  }

  /** The value of a field; null where there is none. */
  read(from: Input, tag: number, type: ValueType, at: string): unknown {
    try {
      return from._skipToTag(tag, false) ? this.#present(from, tag, type, at) : null
    } catch (error) {
      if (error instanceof Untranslatable) throw error
      const name = type.kind === 'struct' ? type.name : type.kind
      throw new Untranslatable(at, `is no ${name}: ${(error as Error).message}`)
    }
  }

  #present(from: Input, tag: number, type: ValueType, at: string): unknown {
    switch (type.kind) {
      case 'bool':
        return from.readBoolean(tag, true)
      case 'i8':
        return from.readInt8(tag, true)
      case 'i16':
        return from.readInt16(tag, true)
      case 'i32':
        return from.readInt32(tag, true)
      case 'i64':
        return from.readInt64(tag, true, undefined, true)
      case 'float':
        return from.readFloat(tag, true)
      case 'double':
        return from.readDouble(tag, true)
      case 'string':
        return from.readString(tag, true)
      case 'bytes':
        return from.readBytes(tag, true).toNodeBuffer()
      case 'list':
        return this.#list(from, tag, type.of, at)
      case 'map':
        return this.#map(from, tag, type, at)
      case 'struct':
        return this.#struct(from, tag, type.name, at)
      default:
        throw new Untranslatable(at, `Tars has no "${type.kind}"`)
    }
  }

  #list(from: Input, tag: number, of: ValueType, at: string): readonly unknown[] {
    let place = 0
    const list = from.readList(tag, true, {
      _proto: {
        _classname: '',
        _read: (inner, innerTag) => this.#element(inner, innerTag, of, `${at}[${place++}]`),
      },
    })
    return list.value
  }

  #map(
    from: Input,
    tag: number,
    type: Extract<ValueType, { kind: 'map' }>,
    at: string,
  ): ReadonlyMap<string, unknown> {
    let key = ''
    const map = from.readMap(tag, true, {
      _kproto: {
        _classname: '',
        _read: (inner, innerTag) => {
          key = String(this.#element(inner, innerTag, type.key, at))
          return MARK + key
        },
      },
      _vproto: {
        _classname: '',
        _read: (inner, innerTag) => this.#element(inner, innerTag, type.value, `${at}.${key}`),
      },
    })
    return new Map(Object.entries(map.value).map(([name, one]) => [name.slice(MARK.length), one]))
  }

  #element(from: Input, tag: number, type: ValueType, at: string): unknown {
    const value = this.read(from, tag, type, at)
    if (value === null) throw new Untranslatable(at, 'is missing')
    return value
  }

  #struct(from: Input, tag: number, name: string, at: string): ReadonlyMap<string, unknown> {
    return from.readStruct(tag, true, {
      _readFrom: (inner) =>
        new Map(
          inOrder(this.#structs.get(name)!.fields).map((field) => [
            field.name,
            this.read(inner, fieldTag(field), field.type, `${at}.${field.name}`),
          ]),
        ),
    })
  }
}
