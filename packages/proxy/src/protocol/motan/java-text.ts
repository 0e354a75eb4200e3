/**
 * Java's own form of UTF-8, as `DataOutput.writeUTF` and Hessian have it: characters beyond 16 bits come as two
 * surrogates of three bytes each. `writeUTF` also has two bytes for NUL; readers take either.
 */

/** How long a text of a length of 16 bits may be. */
export const MAX_UTF_BYTES = 0xffff

/** The text in [at, end). What is no such text comes out as some text or other, as from any UTF-8 reader. */
export function javaText(buf: Buffer, at: number, end: number): string {
  for (let i = at; i < end; i++) if (buf[i]! > 0x7f) return units(buf, at, end)
  return buf.toString('latin1', at, end)
}

function units(buf: Buffer, at: number, end: number): string {
  let text = ''
  while (at < end) {
    const first = buf[at]!
    if (first < 0x80) {
      text += String.fromCharCode(first)
      at++
    } else if (first < 0xe0) {
      text += String.fromCharCode(((first & 0x1f) << 6) | (buf[at + 1]! & 0x3f))
      at += 2
    } else if (first < 0xf0) {
      const unit = ((first & 0x0f) << 12) | ((buf[at + 1]! & 0x3f) << 6) | (buf[at + 2]! & 0x3f)
      text += String.fromCharCode(unit)
      at += 3
    } else {
      // No Java writes these; Go does.
      text += buf.toString('utf8', at, Math.min(at + 4, end))
      at += 4
    }
  }
  return text
}

/** The bytes of a text. */
export function javaBytes(text: string): Buffer {
  const out = Buffer.allocUnsafe(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80 && unit > 0) out[at++] = unit
    else if (unit < 0x800) {
      out[at++] = 0xc0 | (unit >> 6)
      out[at++] = 0x80 | (unit & 0x3f)
    } else {
      out[at++] = 0xe0 | (unit >> 12)
      out[at++] = 0x80 | ((unit >> 6) & 0x3f)
      out[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return out.subarray(0, at)
}

/** A text behind its length of 16 bits, as `writeUTF` has it; null when it is too long for that. */
export function utf(text: string): Buffer | null {
  const bytes = javaBytes(text)
  if (bytes.length > MAX_UTF_BYTES) return null
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A text in Hessian 2.0, of up to 65 535 characters. */
export function hessianText(text: string): Buffer {
  const { length } = text
  const head =
    length < 32
      ? [length]
      : length < 1024
        ? [0x30 + (length >> 8), length & 0xff]
        : [0x53, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), javaBytes(text)])
}
