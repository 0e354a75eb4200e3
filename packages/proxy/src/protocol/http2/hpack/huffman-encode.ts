import { codeBits, codes } from './huffman-code.ts'

/** How many bytes `huffmanEncode` will write. */
export function huffmanBytes(text: string): number {
  let bits = 0
  for (let i = 0; i < text.length; i++) bits += codeBits[text.charCodeAt(i) & 0xff]!
  return (bits + 7) >> 3
}

/**
 * Writes a text in the Huffman code; returns where it ends. The encoder writes plain octets instead: its peers read
 * both, and coding costs many times what copying does (bench/micro/hpack.ts has the figures).
 */
export function huffmanEncode(text: string, buf: Buffer, at: number): number {
  // The low `bits` bits of `pending` are not written yet, at most seven of them between two pieces.
  let pending = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff
    let left = codeBits[symbol]!
    while (left > 0) {
      // Not more at a time than fits behind what is pending.
      const piece = Math.min(left, 24)
      left -= piece
      pending = (pending << piece) | ((codes[symbol]! >> left) & (0xffffff >> (24 - piece)))
      bits += piece
      while (bits >= 8) {
        bits -= 8
        buf[at++] = pending >> bits
      }
    }
  }
  if (bits > 0) buf[at++] = (pending << (8 - bits)) | (0xff >> bits)
  return at
}
