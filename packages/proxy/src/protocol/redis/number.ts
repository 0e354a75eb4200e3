/** What `readNumber` says instead of a number. */
export const MORE = -2
export const BAD = -3

const CR = 13
const LF = 10
const MINUS = 45
const ZERO = 48
/** Far more than any length that a limit lets through. */
const MOST_DIGITS = 12

/** Where the bytes behind the number that was read last begin. */
export let behind = 0

/**
 * The length or count that ends a line at `at`: 0 or more, -1 for null; `MORE` while its line is not whole, `BAD` when it
 * is nothing of these.
 */
export function readNumber(buf: Buffer, at: number, end: number): number {
  if (at < end && buf[at] === MINUS) return readNull(buf, at + 1, end)
  let value = 0
  let place = at
  for (; place < end; place++) {
    const digit = buf[place]! - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
    if (place - at >= MOST_DIGITS) return BAD
  }
  if (place === end) return MORE
  if (buf[place] !== CR || place === at) return BAD
  if (place + 1 === end) return MORE
  if (buf[place + 1] !== LF) return BAD
  behind = place + 2
  return value
}

const NULL = [ZERO + 1, CR, LF] as const

function readNull(buf: Buffer, at: number, end: number): number {
  for (let i = 0; i < NULL.length; i++) {
    if (at + i === end) return MORE
    if (buf[at + i] !== NULL[i]) return BAD
  }
  behind = at + NULL.length
  return -1
}
