/** Words of a line, as people write them to Redis: separated by spaces, in quotes where a word has some. */
const SPACE = 32
const QUOTE = 34
const APOSTROPHE = 39
const BACKSLASH = 92
const LETTER_X = 120

/** What a letter behind a backslash stands for, within `"`; every other one for itself. */
const ESCAPES = new Map<number, number>([
  [110, 10],
  [114, 13],
  [116, 9],
  [98, 8],
  [97, 7],
])

/** The words of a line; null when a quote has no end, or something stands right behind it. */
export function splitInline(buf: Buffer, start: number, end: number): Buffer[] | null {
  const words: Buffer[] = []
  for (let at = start; ; ) {
    while (at < end && isSpace(buf[at]!)) at++
    if (at === end) return words
    at = readWord(buf, at, end, words)
    if (at === -1) return null
  }
}

/** A command as clients that are programs write it. */
export function encodeCommand(words: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)]
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, CRLF)
  return Buffer.concat(parts)
}

const CRLF = Buffer.from('\r\n')

/** Where the word ends; -1 when it does not. */
function readWord(buf: Buffer, from: number, end: number, words: Buffer[]): number {
  const bytes: number[] = []
  let at = from
  while (at < end && !isSpace(buf[at]!)) {
    const byte = buf[at]!
    if (byte === QUOTE || byte === APOSTROPHE) {
      at = readQuoted(buf, at + 1, end, byte, bytes)
      if (at === -1 || (at < end && !isSpace(buf[at]!))) return -1
      break
    }
    bytes.push(byte)
    at++
  }
  words.push(Buffer.from(bytes))
  return at
}

/** Behind the closing quote; -1 when there is none. */
function readQuoted(buf: Buffer, from: number, end: number, quote: number, out: number[]): number {
  for (let at = from; at < end; at++) {
    const byte = buf[at]!
    if (byte === quote) return at + 1
    if (byte !== BACKSLASH || at + 1 === end) {
      out.push(byte)
      continue
    }
    const next = buf[at + 1]!
    if (quote === APOSTROPHE) {
      if (next === APOSTROPHE) at++
      out.push(next === APOSTROPHE ? next : byte)
      continue
    }
    const code = next === LETTER_X ? readHex(buf, at + 2, end) : -1
    if (code >= 0) {
      out.push(code)
      at += 3
    } else {
      out.push(ESCAPES.get(next) ?? next)
      at++
    }
  }
  return -1
}

/** The byte that two hexadecimal digits say; -1 when they are none. */
function readHex(buf: Buffer, at: number, end: number): number {
  if (at + 2 > end) return -1
  const digits = buf.toString('latin1', at, at + 2)
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : -1
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13)
}
