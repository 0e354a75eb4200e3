/** What characters occur in a text, as bits: one pass over the bytes answers every question about them. */
export const Mark = {
  /** Not of a name in HTTP/2: no token character (RFC 9110 §5.6.2), or a capital letter (RFC 9113 §8.2.1). */
  NotName: 1,
  /** Space or tab. */
  Blank: 2,
  /** NUL, CR, LF and the other control characters, DEL among them. */
  Control: 4,
  /** 0x80 and above. */
  High: 8,
} as const

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"

/** The marks of each byte. */
export const markOf: Uint8Array = new Uint8Array(256).map((_, byte) => {
  const name = TOKEN.includes(String.fromCharCode(byte)) ? 0 : Mark.NotName
  if (byte === 0x20 || byte === 0x09) return name | Mark.Blank
  if (byte < 0x20 || byte === 0x7f) return name | Mark.Control
  return byte >= 0x80 ? name | Mark.High : name
})

/** The marks of all bytes of [start, end). */
export function marksOf(buf: Uint8Array, start: number, end: number): number {
  let marks = 0
  for (let i = start; i < end; i++) marks |= markOf[buf[i]!]!
  return marks
}

/** The marks of a string whose characters stand for bytes. One that stands for none counts as a control character. */
export function marksOfText(text: string): number {
  let marks = 0
  for (let i = 0; i < text.length; i++) marks |= markOf[text.charCodeAt(i)] ?? Mark.Control
  return marks
}
