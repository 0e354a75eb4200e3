import { isPlain, plainStart } from './text.ts'

const SLASH = 0x2f
const SEMICOLON = 0x3b
const CLASS = 0x4c
const ARRAY = 0x5b

/**
 * How many parameters the descriptor in [at, end) names, such as 2 of `Ljava/lang/String;[I`; -1 when it is not written
 * as the JVM writes it. Java looks for what it knows and leaves out the rest, so that of anything else nobody could say
 * how many values follow.
 */
export function countArguments(buf: Buffer, at: number, end: number): number {
  if (!isPlain(buf, at, end)) return -1
  at = plainStart(buf, at)
  let count = 0
  while (at < end) {
    const type = buf[at++]!
    if (type === ARRAY) {
      if (at === end) return -1
      continue
    }
    if (type === CLASS) {
      at = skipClassName(buf, at, end)
      if (at === -1) return -1
    } else if (!isPrimitive(type)) return -1
    count++
  }
  return count
}

/** Names between slashes, up to a semicolon. Returns the place behind it. */
function skipClassName(buf: Buffer, at: number, end: number): number {
  let begins = true
  while (at < end) {
    const char = buf[at++]!
    if (isLetter(char)) begins = false
    else if (begins) return -1
    else if (char === SEMICOLON) return at
    else if (char === SLASH) begins = true
    else if (char < 0x30 || char > 0x39) return -1
  }
  return -1
}

/** Also `_` and `$`. */
function isLetter(char: number): boolean {
  return (
    (char >= 0x61 && char <= 0x7a) ||
    (char >= 0x41 && char <= 0x5a) ||
    char === 0x24 ||
    char === 0x5f
  )
}

/** One of `ZBCDFIJSV`. */
function isPrimitive(type: number): boolean {
  switch (type) {
    case 0x5a:
    case 0x42:
    case 0x43:
    case 0x44:
    case 0x46:
    case 0x49:
    case 0x4a:
    case 0x53:
    case 0x56:
      return true
    default:
      return false
  }
}
