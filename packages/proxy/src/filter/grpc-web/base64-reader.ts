const PAD = 61
const BAD = 255
const VALUES = values()

/** Reads base64 that comes in pieces, cut anywhere; each message may be padded for itself. */
export class Base64Reader {
  /** Of the four characters that make three bytes: how many have come, how many of them were padding, and their bits. */
  #characters = 0
  #pads = 0
  #bits = 0

  /** Nothing of a group of four is missing. */
  get whole(): boolean {
    return this.#characters === 0
  }

  /** The bytes of what is complete, as a buffer of their own; null when it is no base64. */
  read(chunk: Buffer): Buffer | null {
    const bytes = Buffer.allocUnsafe(((chunk.length + this.#characters) >> 2) * 3)
    let characters = this.#characters
    let pads = this.#pads
    let bits = this.#bits
    let at = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === PAD) {
        if (characters < 2) return null
        pads++
        bits <<= 6
      } else {
        const value = VALUES[byte]!
        if (value === BAD || pads > 0) return null
        bits = (bits << 6) | value
      }
      if (++characters < 4) continue
      bytes[at++] = bits >> 16
      if (pads < 2) bytes[at++] = bits >> 8
      if (pads < 1) bytes[at++] = bits
      characters = 0
      pads = 0
      bits = 0
    }
    this.#characters = characters
    this.#pads = pads
    this.#bits = bits
    return at === bytes.length ? bytes : bytes.subarray(0, at)
  }
}

/** RFC 4648 §4. */
function values(): Uint8Array {
  const table = new Uint8Array(256).fill(BAD)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  for (let i = 0; i < alphabet.length; i++) table[alphabet.charCodeAt(i)] = i
  return table
}
