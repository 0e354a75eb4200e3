/** Numbers in frames, big-endian. They are read byte by byte: calls of a buffer's own methods cost more. */
export function u16(buf: Buffer, at: number): number {
  return (buf[at]! << 8) | buf[at + 1]!
}

/** 32 bits, signed. */
export function i32(buf: Buffer, at: number): number {
  return (buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!
}

/** 32 bits, unsigned. */
export function u32(buf: Buffer, at: number): number {
  return i32(buf, at) >>> 0
}

/** Writes the low 16 bits. */
export function put16(buf: Buffer, at: number, value: number): void {
  buf[at] = value >>> 8
  buf[at + 1] = value
}

/** Writes 32 bits, signed or not. */
export function put32(buf: Buffer, at: number, value: number): void {
  buf[at] = value >>> 24
  buf[at + 1] = value >>> 16
  buf[at + 2] = value >>> 8
  buf[at + 3] = value
}

/** Whether [start, end) has these bytes. Looked at from behind: names begin alike. */
export function isSame(buf: Buffer, start: number, end: number, bytes: Buffer): boolean {
  const { length } = bytes
  if (end - start !== length) return false
  for (let i = length - 1; i >= 0; i--) if (buf[start + i] !== bytes[i]) return false
  return true
}

const ZERO = 0x30
const MAX_NUMBER = 0x7fffffff

/** The number that the digits in [start, end) say, 2³¹ - 1 at most; 0 where something else is among them. */
export function digits(buf: Buffer, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = buf[at]! - ZERO
    if (digit < 0 || digit > 9) return 0
    value = Math.min(value * 10 + digit, MAX_NUMBER)
  }
  return value
}

/** Writes a smaller number over digits, with zeros before it, so that nothing else moves: `0950` over `3000`. */
export function putDigits(buf: Buffer, start: number, end: number, value: number): void {
  for (let at = end - 1; at >= start; at--) {
    buf[at] = ZERO + (value % 10)
    value = Math.floor(value / 10)
  }
}
