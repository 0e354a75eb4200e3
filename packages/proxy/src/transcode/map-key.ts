import type { ValueType } from '@tulle/model'
import type { Value } from '../transcoder.ts'

/**
 * The key of a map as its type wants it. Keys are text in the values that all protocols share, and `conform` has seen
 * that it fits.
 */
export function keyOf(text: string, { kind }: ValueType): Value {
  switch (kind) {
    case 'bool':
      return text === 'true'
    case 'i64': {
      const number = Number(text)
      return Number.isSafeInteger(number) ? number : BigInt(text)
    }
    case 'i8':
    case 'i16':
    case 'i32':
    case 'float':
    case 'double':
      return Number(text)
    default:
      return text
  }
}
