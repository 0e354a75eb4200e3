import type { Connection } from '../connection.ts'
import { TOKEN, VALUE } from './chars.ts'

const SLAB_BYTES = 16 * 1024
const QUESTION = 63

/**
 * Where new bytes of heads are written: one block that many heads share, handed to connections as windows and left
 * to them when it is full. Short text goes in byte by byte, which is as fast as a native call and lets nothing
 * through that could end a line.
 */
export class Slab {
  /** The block, and where the next byte goes: for those who write bytes themselves, after asking for `room`. */
  buf: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  at = 0
  #from = 0

  /** Bytes put in since the last `write`. */
  get pending(): number {
    return this.at - this.#from
  }

  /** Text of ours, ASCII. */
  put(text: string): void {
    this.room(text.length)
    const buf = this.buf
    let at = this.at
    for (let i = 0; i < text.length; i++) buf[at++] = text.charCodeAt(i)
    this.at = at
  }

  /** Bytes of a head that came. */
  copy(from: Buffer, start: number, end: number): void {
    this.room(end - start)
    this.at += from.copy(this.buf, this.at, start, end)
  }

  /** A value from outside: control characters are left out, what is no single byte becomes a question mark. */
  value(text: string): void {
    this.room(text.length)
    const buf = this.buf
    let at = this.at
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 255) buf[at++] = QUESTION
      else if (VALUE[code] === 1) buf[at++] = code
    }
    this.at = at
  }

  /** One header line. A name that is no token would change the message: nothing is written. */
  line(name: string, value: string): void {
    if (!isToken(name)) return
    this.put(name)
    this.put(': ')
    this.value(value)
    this.put('\r\n')
  }

  /** A chunk's size in hexadecimal digits, with its line end. */
  chunkSize(bytes: number): void {
    this.put(bytes.toString(16))
    this.put('\r\n')
  }

  /** Queues what was put in since the last time. */
  write(connection: Connection): boolean {
    const from = this.#from
    this.#from = this.at
    return connection.write(this.buf, from, this.at)
  }

  /** Takes back what was put in since the last `write`: a copy of it. */
  take(): Buffer {
    const bytes = Buffer.from(this.buf.subarray(this.#from, this.at))
    this.at = this.#from
    return bytes
  }

  /** Sees to it that so many bytes fit behind `at`; `buf` may be another one afterwards. */
  room(bytes: number): void {
    if (this.at + bytes <= this.buf.length) return
    const begun = this.at - this.#from
    const buf = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (begun + bytes) * 2))
    this.buf.copy(buf, 0, this.#from, this.at)
    this.buf = buf
    this.#from = 0
    this.at = begun
  }
}

/** The one slab of this thread. */
export const slab: Slab = new Slab()

/** Whether a string may stand as a method or a header name. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127 || TOKEN[code] === 0) return false
  }
  return text !== ''
}
