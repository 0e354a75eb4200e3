import { Untranslatable, type Value } from '../transcoder.ts'

/** What `JSON.parse` tells of a number beside its value. */
interface Source {
  readonly source?: string
}

/** What JSON says; whole numbers that a double would not hold come as bigints. */
export function parseJson(bytes: Uint8Array, field: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString(), exact)
  } catch (error) {
    throw new Untranslatable(field, `is no JSON: ${(error as Error).message}`)
  }
}

/** A value as JSON: long numbers as they are, bytes in base64, times by ISO 8601. */
export function toJson(value: Value): Buffer {
  return Buffer.from(JSON.stringify(value, shown) ?? 'null')
}

function exact(_key: string, value: unknown, context?: Source): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
}

/** `JSON.stringify` asks for the text of a date before it asks here: the holder has the date itself. */
function shown(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key]
  if (held instanceof Uint8Array) return Buffer.from(held).toString('base64')
  return typeof value === 'bigint' ? raw(String(value)) : value
}

const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON.bind(JSON)
