import type { Member, ValueType } from '@tulle/model'

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

/** Classes in Java whose values its own reader of such serialisation makes: for the rest it needs Hessian. */
const READ: ReadonlySet<string> = new Set([
  '',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'byte[]',
  'java.lang.Boolean',
  'java.lang.Byte',
  'java.lang.Short',
  'java.lang.Integer',
  'java.lang.Long',
  'java.lang.Float',
  'java.lang.Double',
  'java.lang.Object',
  'java.lang.String',
  'java.lang.String[]',
  'java.util.ArrayList',
  'java.util.Collection',
  'java.util.HashMap',
  'java.util.List',
  'java.util.Map',
  'java.util.Set',
])

/** The same of a parameter, whose class may have been said. */
export function isSimpleMember({ type, java }: Member): boolean {
  return isSimple(type) && READ.has(java)
}
