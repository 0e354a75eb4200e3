/** Classes of bytes, one table each: 1 where the byte belongs to it. */

/** What names of methods and headers are made of (RFC 9110 §5.6.2). */
export const TOKEN: Uint8Array = classOf(
  "!#$%&'*+-.^_`|~",
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x61, 0x7a],
)
/** What header values are made of: no control character but the tab. */
export const VALUE: Uint8Array = classOf('\t', [0x20, 0x7e], [0x80, 0xff])
/** What a request target is made of: visible ASCII, and no fragment. */
export const TARGET: Uint8Array = classOf('', [0x21, 0x22], [0x24, 0x7e])
/** What a host name is made of (RFC 3986 §3.2.2), less the comma: a joined pair of headers is no host. */
export const HOST: Uint8Array = classOf("-._~!$&'()*+;=%", [0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a])
/** The value of a hexadecimal digit; 255 for any other byte. */
export const HEX: Uint8Array = hexDigits()

/** Bytes that separate: line ends, white space, a name from its value. */
export const CR = 13
export const LF = 10
export const SP = 32
export const TAB = 9
export const COLON = 58

function classOf(singles: string, ...ranges: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(256)
  for (const char of singles) table[char.charCodeAt(0)] = 1
  for (const [from, to] of ranges) table.fill(1, from, to + 1)
  return table
}

function hexDigits(): Uint8Array {
  const table = new Uint8Array(256).fill(255)
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16)
    table[digit.charCodeAt(0)] = value
    table[digit.toUpperCase().charCodeAt(0)] = value
  }
  return table
}
