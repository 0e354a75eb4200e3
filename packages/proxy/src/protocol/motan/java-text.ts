import { javaBytes } from '../../transcode/java-text.ts'

/** How long a text of a length of 16 bits may be. */
const MAX_UTF_BYTES = 0xffff

/**
 * The text in [at, end), in Java's own form of UTF-8. What is no such text comes out as some text or other, as from any
 * UTF-8 reader.
 */
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

/** A text behind its length of 16 bits, as `writeUTF` has it; null when it is too long for that. */
export function utf(text: string): Buffer | null {
  const bytes = javaBytes(text)
  if (bytes.length > MAX_UTF_BYTES) return null
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}
