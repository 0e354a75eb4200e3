const SLOTS = 1024
const LONGEST = 96

/**
 * Strings made of the same bytes again and again — authorities, paths — come from here: comparing the bytes with the
 * string of the last time costs a third of making a new one. One string per slot; the latest wins.
 */
const seen = new Array<string>(SLOTS).fill('')

/** The bytes of [start, end) as a string, one character each. */
export function text(buf: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > LONGEST) return latin1(buf, start, end)
  const slot = (length * 131 + buf[end - 1]! * 31 + buf[start + (length >> 1)]! * 7) & (SLOTS - 1)
  const known = seen[slot]!
  if (known.length === length && equals(buf, start, known)) return known
  const made = latin1(buf, start, end)
  seen[slot] = made
  return made
}

function equals(buf: Buffer, start: number, known: string): boolean {
  for (let i = 0; i < known.length; i++) {
    if (buf[start + i] !== known.charCodeAt(i)) return false
  }
  return true
}

const names = new Array<string>(SLOTS).fill('')

/** The name of a header with small letters, made once for all heads that bear it, however they spell it. */
export function lowerName(buf: Buffer, start: number, end: number): string {
  const length = end - start
  if (length === 0 || length > LONGEST) return latin1(buf, start, end).toLowerCase()
  // Without the bit that tells letters apart by case; other bytes may share a slot by it, no more.
  const first = buf[start]! | 0x20
  const middle = buf[start + (length >> 1)]! | 0x20
  const slot = (length * 131 + (buf[end - 1]! | 0x20) * 31 + middle * 7 + first) & (SLOTS - 1)
  const known = names[slot]!
  if (known.length === length && equalsLower(buf, start, known)) return known
  const made = latin1(buf, start, end).toLowerCase()
  names[slot] = made
  return made
}

function equalsLower(buf: Buffer, start: number, known: string): boolean {
  for (let i = 0; i < known.length; i++) {
    const byte = buf[start + i]!
    const small = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (small !== known.charCodeAt(i)) return false
  }
  return true
}

function latin1(buf: Buffer, start: number, end: number): string {
  return (buf as Sliced).latin1Slice(start, end)
}

/** What `toString('latin1')` comes to; going there at once saves a third of the call. */
interface Sliced extends Buffer {
  latin1Slice(start: number, end: number): string
}
