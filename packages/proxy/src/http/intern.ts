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
  if (length > LONGEST) return (buf as Sliced).latin1Slice(start, end)
  const slot = (length * 131 + buf[end - 1]! * 31 + buf[start + (length >> 1)]! * 7) & (SLOTS - 1)
  const known = seen[slot]!
  if (known.length === length && equals(buf, start, known)) return known
  const made = (buf as Sliced).latin1Slice(start, end)
  seen[slot] = made
  return made
}

function equals(buf: Buffer, start: number, known: string): boolean {
  for (let i = 0; i < known.length; i++) {
    if (buf[start + i] !== known.charCodeAt(i)) return false
  }
  return true
}

/** What `toString('latin1')` comes to; going there at once saves a third of the call. */
interface Sliced extends Buffer {
  latin1Slice(start: number, end: number): string
}
