import { isUtf8 } from 'node:buffer'
import type { Place } from './place.ts'
import { quoted, type Type } from './type.ts'

function scalar<T>(
  name: string,
  blank: T,
  read: (value: unknown, at: Place) => T,
  show: (value: T) => string = (value) => JSON.stringify(value),
): Type<T> {
  return { name, parts: [], message: null, read, blank: () => blank, show }
}

/** Any string. */
export const text: Type<string> = scalar('string', '', (value, at) => {
  if (typeof value === 'string') return value
  const hint = typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : ''
  at.say(`must be a string, not ${quoted(value)}${hint}`)
  return ''
})

/** A string of at least one character. */
export const filledText: Type<string> = scalar('string', '', (value, at) => {
  if (value === '') at.say('must not be empty')
  return text.read(value, at)
})

/** `true` or `false`. */
export const boolean: Type<boolean> = scalar('boolean', false, (value, at) => {
  if (typeof value === 'boolean') return value
  at.say(`must be true or false, not ${quoted(value)}`)
  return false
})

/** Text of UTF-8 in base64. */
export const base64Text: Type<string> = scalar('bytes (base64)', '', (value, at) => {
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value)) {
    at.say(`must be bytes in base64, not ${quoted(value)}`)
    return ''
  }
  const bytes = Buffer.from(value, 'base64')
  if (!isUtf8(bytes)) at.say('must be text in UTF-8 once it is decoded')
  return bytes.toString()
})

/** A whole number within bounds; like protobuf's JSON it may stand in quotes. */
export function integer(min = 0, max = 4294967295): Type<number> {
  const bounds = max >= Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  const name = max === 4294967295 && min === 0 ? 'integer' : `integer ${bounds}`
  return scalar(name, min, (value, at) => {
    const read = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
    if (Number.isSafeInteger(read) && (read as number) >= min && (read as number) <= max)
      return read as number
    at.say(`must be a whole number ${bounds}, not ${quoted(value)}`)
    return min
  })
}

/** A number within bounds. */
export function number(min: number, max: number): Type<number> {
  return scalar(`number from ${min} to ${max}`, min, (value, at) => {
    const read = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
    if (typeof read === 'number' && read >= min && read <= max) return read
    at.say(`must be a number from ${min} to ${max}, not ${quoted(value)}`)
    return min
  })
}

/** Seconds with an `s` behind (`5s`, `0.25s`), as milliseconds; a part of a millisecond that is not nothing counts as one. */
export const duration: Type<number> = scalar('duration', 0, readDuration, showDuration)

/** A duration that may not be nothing. */
export const positiveDuration: Type<number> = scalar(
  'duration',
  1,
  (value, at) => {
    const ms = readDuration(value, at)
    if (ms === 0 && !at.troubled) at.say('must be longer than 0s')
    return ms
  },
  showDuration,
)

/** What protobuf allows: about ten thousand years. */
const LONGEST_SECONDS = 315_576_000_000

function readDuration(value: unknown, at: Place): number {
  const match = typeof value === 'string' ? /^(-?)(\d+(?:\.\d{1,9})?)s$/.exec(value) : null
  const seconds = Number(match?.[2])
  if (!match || seconds > LONGEST_SECONDS) {
    at.say(`must be a duration in seconds such as "5s" or "0.25s", not ${quoted(value)}`)
    return 0
  }
  if (match[1] === '-') {
    at.say(`must not be negative: ${quoted(value)}`)
    return 0
  }
  return seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000))
}

function showDuration(ms: number): string {
  return `${ms / 1000}s`
}
