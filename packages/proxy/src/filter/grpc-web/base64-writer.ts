/** What stands before a message: a byte of flags and its length. */
const PREFIX_BYTES = 5
const NOTHING = Buffer.alloc(0)

/**
 * Writes the messages of a call as base64. Three bytes make four characters, so up to two bytes wait for those that
 * follow them; but each message is padded at its end, so that a client has all of it without waiting for the next.
 */
export class Base64Writer {
  /** Bytes that wait. */
  #rest: Buffer = NOTHING
  /** How many bytes of a prefix have come; of the message behind it, how many are missing. */
  #prefix = 0
  #missing = 0

  /** The characters that can be written now; with `last` all of them. */
  write(chunk: Buffer, last: boolean): Buffer {
    let text = ''
    let from = 0
    for (let at = 0; at < chunk.length; ) {
      at = this.#advance(chunk, at)
      if (this.#prefix < PREFIX_BYTES || this.#missing > 0) continue
      text += this.#encode(chunk.subarray(from, at), true)
      this.#prefix = 0
      from = at
    }
    text += this.#encode(chunk.subarray(from), last)
    return Buffer.from(text, 'latin1')
  }

  /** Over what is left of the prefix, or of the message behind it. */
  #advance(chunk: Buffer, at: number): number {
    if (this.#prefix === PREFIX_BYTES) {
      const end = Math.min(at + this.#missing, chunk.length)
      this.#missing -= end - at
      return end
    }
    // The first byte is flags.
    this.#missing = this.#prefix === 0 ? 0 : this.#missing * 256 + chunk[at]!
    this.#prefix++
    return at + 1
  }

  #encode(bytes: Buffer, whole: boolean): string {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const waiting = whole ? 0 : all.length % 3
    const end = all.length - waiting
    this.#rest = waiting === 0 ? NOTHING : Buffer.from(all.subarray(end))
    return all.toString('base64', 0, end)
  }
}
