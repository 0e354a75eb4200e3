import type { Struct, ValueType } from '@tulle/model'
import { keyOf } from '../../transcode/map-key.ts'
import { kindOfNumber } from '../../transcode/number.ts'
import { Untranslatable, type Value } from '../../transcoder.ts'
import { SimpleTag as Tag } from './simple.ts'

type Structs = ReadonlyMap<string, Struct>

/** A value of a type; structs go as maps. */
export function writeSimple(
  value: Value,
  type: ValueType,
  field: string,
  structs: Structs,
): Buffer {
  return new SimpleWriter(structs).value(value, type, field)
}

class SimpleWriter {
  readonly #structs: Structs

  constructor(structs: Structs) {
    this.#structs = structs
  }

  value(value: Value, type: ValueType, field: string): Buffer {
    if (value === null || type.kind === 'void') return Buffer.from([Tag.Null])
    switch (type.kind) {
      case 'string':
        return Buffer.concat([Buffer.from([Tag.Text]), sized(Buffer.from(value as string))])
      case 'bytes':
        return Buffer.concat([Buffer.from([Tag.Bytes]), sized(value as Uint8Array)])
      case 'bool':
        return Buffer.from([Tag.Bool, value === true ? 1 : 0])
      case 'i8':
        return Buffer.from([Tag.Byte, (value as number) & 0xff])
      case 'i16':
        return tagged(Tag.Short, 2, (out) => out.writeInt16BE(value as number, 1))
      case 'i32':
        return zigzag(Tag.Int, BigInt(value as number))
      case 'i64':
        return zigzag(Tag.Long, BigInt(value as number | bigint))
      case 'float':
        return tagged(Tag.Float, 4, (out) => out.writeFloatBE(value as number, 1))
      case 'double':
        return tagged(Tag.Double, 8, (out) => out.writeDoubleBE(value as number, 1))
      case 'list':
        return this.#list(value as readonly Value[], type.of, field)
      case 'map':
        return this.#map(Object.entries(value as object), type.key, type.value, field)
      case 'struct':
        return this.#struct(value as { readonly [name: string]: Value }, type.name, field)
      case 'any':
        return this.#any(value, field)
      case 'date':
        throw new Untranslatable(field, 'the simple serialisation of Motan has no times')
    }
  }

  #any(value: Value, field: string): Buffer {
    if (value instanceof Date) return this.value(value, { kind: 'date' }, field)
    if (Array.isArray(value)) return this.#list(value, { kind: 'any' }, field)
    if (value instanceof Uint8Array) return this.value(value, { kind: 'bytes' }, field)
    if (typeof value === 'object' && value !== null)
      return this.#map(Object.entries(value), { kind: 'string' }, { kind: 'any' }, field)
    if (typeof value === 'number' || typeof value === 'bigint')
      return this.value(value, { kind: kindOfNumber(value) }, field)
    return this.value(value, { kind: typeof value === 'boolean' ? 'bool' : 'string' }, field)
  }

  #list(values: readonly Value[], of: ValueType, field: string): Buffer {
    if (of.kind === 'string' && !values.includes(null))
      return container(
        Tag.Texts,
        values.map((one) => sized(Buffer.from(one as string))),
      )
    return container(
      Tag.Array,
      values.map((one, i) => this.value(one, of, `${field}[${i}]`)),
    )
  }

  #map(
    entries: readonly (readonly [string, Value])[],
    key: ValueType,
    of: ValueType,
    field: string,
  ): Buffer {
    const texts = key.kind === 'string' && of.kind === 'string'
    if (texts && entries.every(([, one]) => one !== null))
      return container(
        Tag.TextMap,
        entries.flat().map((one) => sized(Buffer.from(one as string))),
      )
    return container(
      Tag.Map,
      entries.flatMap(([name, one]) => [
        this.value(keyOf(name, key), key, field),
        this.value(one, of, `${field}.${name}`),
      ]),
    )
  }

  #struct(value: { readonly [name: string]: Value }, name: string, field: string): Buffer {
    return container(
      Tag.Map,
      this.#structs
        .get(name)!
        .fields.flatMap((one) => [
          this.value(one.name, { kind: 'string' }, field),
          this.value(value[one.name] ?? null, one.type, `${field}.${one.name}`),
        ]),
    )
  }
}

function sized(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function container(tag: number, parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([tag]), sized(Buffer.concat(parts))])
}

function tagged(tag: number, bytes: number, write: (out: Buffer) => void): Buffer {
  const out = Buffer.alloc(1 + bytes)
  out[0] = tag
  write(out)
  return out
}

/** Seven bits a byte, the lowest first; the sign is the lowest of all. */
function zigzag(tag: number, value: bigint): Buffer {
  const out = [tag]
  let left = value < 0n ? -value * 2n - 1n : value * 2n
  for (; left > 0x7fn; left >>= 7n) out.push(Number(left & 0x7fn) | 0x80)
  out.push(Number(left))
  return Buffer.from(out)
}
