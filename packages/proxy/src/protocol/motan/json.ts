import { Untranslatable, type Value } from '../../transcoder.ts'

/** What fastjson says an object's class by. */
const CLASS = '@type'

/** What the engine offers beside the language's declarations: the text of a number, and numbers of any length. */
interface Exact {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): unknown
}
const exact = JSON as unknown as Exact

/** The value in a body of JSON; whole numbers beyond 2⁵³ come as bigints. Throws `Untranslatable`. */
export function readJson(body: Buffer, field: string): unknown {
  try {
    return exact.parse(body.toString('utf8'), (_key, value, { source }) => {
      if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? ''))
        return BigInt(source!)
      if (typeof value === 'object' && value !== null && CLASS in value) delete value[CLASS]
      return value
    })
  } catch (error) {
    throw new Untranslatable(field, `is no JSON: ${(error as Error).message}`)
  }
}

/** The same the other way round: bytes in base64, times in milliseconds. */
export function writeJson(value: Value): Buffer {
  return Buffer.from(JSON.stringify(sayable(value)))
}

function sayable(value: Value): unknown {
  if (typeof value === 'bigint') return exact.rawJSON(value.toString())
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(sayable)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sayable(one)]))
}
