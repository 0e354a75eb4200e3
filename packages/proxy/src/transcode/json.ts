import { isUtf8 } from 'node:buffer'
import { Untranslatable, type Value } from '../transcoder.ts'

/** What `JSON.parse` tells of a number beside its value. */
interface Source {
  readonly source?: string
}

/** Numbers of so many digits, or so large, may be more than a double holds: looking at each costs tens of times more. */
const LARGE = /\d{16}|\d[eE]\+?\d{3}/
const MAX_I64 = 2n ** 63n - 1n
const MIN_I64 = -(2n ** 63n)
/** Digits that a whole number of 64 bits has at most. */
const WHOLE = /^-?\d{1,19}$/

/**
 * What JSON says; whole numbers of 64 bits that a double would not hold come as bigints, numbers that are too large for
 * one as their text.
 */
export function parseJson(bytes: Uint8Array, field: string): unknown {
  if (!isUtf8(bytes)) throw new Untranslatable(field, 'is no JSON: its text is not UTF-8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  try {
    return LARGE.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deep' : (error as Error).message
    throw new Untranslatable(field, `is no JSON: ${why}`)
  }
}

/** A value as JSON: long numbers as they are, `NaN` and infinities as text, bytes in base64, times by ISO 8601. */
export function toJson(value: Value): Buffer {
  return Buffer.from(JSON.stringify(value, shown) ?? 'null')
}

function exact(_key: string, value: unknown, context?: Source): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  if (source === undefined) return value
  if (!Number.isFinite(value)) return source
  if (!WHOLE.test(source)) return value
  const whole = BigInt(source)
  return whole <= MAX_I64 && whole >= MIN_I64 ? whole : value
}

/** `JSON.stringify` asks for the text of a date before it asks here: the holder has the date itself. */
function shown(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key]
  if (held instanceof Uint8Array) return Buffer.from(held).toString('base64')
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'bigint' ? raw(String(value)) : value
}

const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON.bind(JSON)
