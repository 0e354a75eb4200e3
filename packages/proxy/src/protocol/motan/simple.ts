import type { ValueType } from '@tulle/model'
import { Untranslatable, type Value } from '../../transcoder.ts'

/**
 * Motan's simple serialisation: a type, and what belongs to it. Several values stand one after the other.
 *
 * ```
 *   0 null    1 text      u32 bytes, UTF-8            5 bool   u8           20 map    u32 bytes, key, value, key …
 *             2 text map  u32 bytes, texts, no types  6 byte   i8           21 array  u32 bytes, values
 *             3 bytes     u32 bytes                   7 short  i16          10 float  4 bytes
 *             4 texts     u32 bytes, texts, no types  8 int, 9 long zigzag  11 double 8 bytes
 * ```
 */
export const SimpleTag = {
  Null: 0,
  Text: 1,
  TextMap: 2,
  Bytes: 3,
  Texts: 4,
  Bool: 5,
  Byte: 6,
  Short: 7,
  Int: 8,
  Long: 9,
  Float: 10,
  Double: 11,
  Map: 20,
  Array: 21,
} as const

/** Whether hosts of every language read such values where they expect them: objects of a class are no maps to them. */
export function isSimple(type: ValueType): boolean {
  switch (type.kind) {
    case 'any':
    case 'date':
    case 'struct':
      return false
    case 'list':
      return isSimple(type.of)
    case 'map':
      return isSimple(type.key) && isSimple(type.value)
    default:
      return true
  }
}

/** A map's key as its type wants it: those of objects are text. */
export function keyOf(name: string, type: ValueType, field: string): Value {
  switch (type.kind) {
    case 'bool':
      if (name === 'true' || name === 'false') return name === 'true'
      break
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
      if (/^-?\d{1,19}$/.test(name)) return type.kind === 'i64' ? BigInt(name) : Number(name)
      break
    case 'float':
    case 'double':
      if (name !== '' && Number.isFinite(Number(name))) return Number(name)
      break
    default:
      return name
  }
  throw new Untranslatable(field, `has the key ${JSON.stringify(name)}, which is no ${type.kind}`)
}
