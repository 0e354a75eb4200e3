/** A varint of 32 bits has no more bytes than this. */
const MAX_BYTES = 5

let read = 0

/**
 * Steps over the varint at `at`: seven bits a byte, the lowest first, the high bit while more follow. Returns the place
 * behind it; 0 when `end` comes before its last byte, -1 when it does not fit 32 bits. `lastVarint` has its value.
 */
export function skipVarint(buf: Buffer, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < MAX_BYTES; i++) {
    if (at + i >= end) return 0
    const byte = buf[at + i]!
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) {
      if (i === MAX_BYTES - 1 && byte > 0x0f) return -1
      read = value >>> 0
      return at + i + 1
    }
  }
  return -1
}

/** What the varint stepped over last said, unsigned. */
export function lastVarint(): number {
  return read
}

/** How many bytes a number of 32 bits takes. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) bytes++
  return bytes
}

/** Writes a varint; returns the place behind it. */
export function putVarint(buf: Buffer, at: number, value: number): number {
  let rest = value >>> 0
  while (rest > 0x7f) {
    buf[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buf[at++] = rest
  return at
}
