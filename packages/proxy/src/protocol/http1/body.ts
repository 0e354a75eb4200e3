import { CR, HEX, LF, VALUE } from '../../http/chars.ts'
import type { Cursor } from './cursor.ts'
import { Got, type HeadLimits, HeadReader, What } from './decode.ts'
import { type Fault, Faults } from './fault.ts'
import type { Http1Head } from './head.ts'

/** What a reader of bodies found next. */
export const Part = {
  /** The bytes are used up, the body is not. */
  More: 0,
  /** Data at [from, to) of `buf`. */
  Data: 1,
  /** The same, and nothing follows. */
  LastData: 2,
  /** The body ends, without data. */
  End: 3,
  /** The body ends with trailers. */
  Trailers: 4,
  Bad: 5,
} as const
export type Part = (typeof Part)[keyof typeof Part]

/** Bytes of one chunk's extensions; nobody uses them, so more is an attack. */
const MOST_EXTENSION = 256
const MOST_SIZE_DIGITS = 16
const SEMICOLON = 59
const ZERO = 48

const NOTHING: Buffer = Buffer.alloc(0)

/** Where in the chunked coding the reader stands. */
const At = {
  Raw: 0,
  Length: 1,
  Size: 2,
  Extension: 3,
  SizeLf: 4,
  ChunkData: 5,
  DataCr: 6,
  DataLf: 7,
  Trailers: 8,
} as const
type At = (typeof At)[keyof typeof At]

/**
 * Reads the body of one message after another, and hands out its data as places in the bytes that came.
 *
 * ```
 *  size [; extension] CRLF  data CRLF  …  0 CRLF  trailers CRLF
 * ```
 */
export class BodyReader {
  buf: Buffer = NOTHING
  from = 0
  to = 0
  /** Bytes that are certain to come; in the chunked coding, those of this chunk. */
  left = 0
  /** Valid after `Part.Bad`. */
  fault: Fault = Faults.chunkSize
  readonly #limits: HeadLimits
  #at: At = At.Raw
  /** Digits of a size, or bytes of an extension. */
  #count = 0
  #trailers: HeadReader | null = null

  constructor(limits: HeadLimits) {
    this.#limits = limits
  }

  /** Valid after `Part.Trailers`. */
  get trailers(): Http1Head {
    return this.#trailers!.head
  }

  get chunked(): boolean {
    return this.#at >= At.Size
  }

  /** Lets go of the last bytes, so that a quiet connection keeps none. */
  release(): void {
    this.buf = NOTHING
    this.#trailers = null
  }

  /** A body of so many bytes, at least one. */
  beginLength(length: number): void {
    this.#at = At.Length
    this.left = length
  }

  beginChunked(): void {
    this.#at = At.Size
    this.left = 0
    this.#count = 0
  }

  /** Everything until the connection ends. */
  beginRaw(): void {
    this.#at = At.Raw
    this.left = 0
  }

  /** Whether the next so many bytes are all data. */
  isData(bytes: number): boolean {
    if (this.#at === At.Raw) return true
    return (this.#at === At.Length || this.#at === At.ChunkData) && bytes <= this.left
  }

  /** The next part of the bytes at the cursor, which moves behind it. */
  next(cursor: Cursor): Part {
    if (cursor.at === cursor.end) return Part.More
    if (this.#at === At.Raw) return this.#take(cursor, cursor.end - cursor.at)
    if (this.#at === At.Length) {
      this.#take(cursor, Math.min(this.left, cursor.end - cursor.at))
      this.left -= this.to - this.from
      return this.left === 0 ? Part.LastData : Part.Data
    }
    return this.#chunked(cursor)
  }

  #take(cursor: Cursor, length: number): Part {
    this.buf = cursor.buf
    this.from = cursor.at
    this.to = cursor.at + length
    cursor.at = this.to
    return Part.Data
  }

  #chunked(cursor: Cursor): Part {
    while (cursor.at < cursor.end) {
      if (this.#at === At.ChunkData) return this.#chunkData(cursor)
      if (this.#at === At.Trailers) return this.#readTrailers(cursor)
      const fault = this.#frame(cursor.buf[cursor.at++]!)
      if (fault !== null) return this.#bad(fault)
    }
    return Part.More
  }

  /** One byte of what is around the data. */
  #frame(byte: number): Fault | null {
    switch (this.#at) {
      case At.Size:
        return this.#size(byte)
      case At.Extension:
        if (byte === CR) this.#at = At.SizeLf
        else if (VALUE[byte] === 0 || ++this.#count > MOST_EXTENSION) return Faults.chunkExtension
        return null
      case At.SizeLf:
        if (byte !== LF) return Faults.chunkSize
        this.#at = this.left === 0 ? At.Trailers : At.ChunkData
        return null
      case At.DataCr:
        this.#at = At.DataLf
        return byte === CR ? null : Faults.chunkEnd
      default:
        this.#at = At.Size
        this.#count = 0
        return byte === LF ? null : Faults.chunkEnd
    }
  }

  #size(byte: number): Fault | null {
    const digit = HEX[byte]!
    if (digit !== 255) {
      if (++this.#count > MOST_SIZE_DIGITS) return Faults.chunkHuge
      this.left = this.left * 16 + digit
      return this.left > Number.MAX_SAFE_INTEGER ? Faults.chunkHuge : null
    }
    if (this.#count === 0) return Faults.chunkSize
    if (byte === CR) this.#at = At.SizeLf
    else if (byte === SEMICOLON) {
      this.#at = At.Extension
      this.#count = 0
    } else return Faults.chunkSize
    return null
  }

  #chunkData(cursor: Cursor): Part {
    this.#take(cursor, Math.min(this.left, cursor.end - cursor.at))
    this.left -= this.to - this.from
    if (this.left !== 0) return Part.Data
    this.#at = At.DataCr
    if (!endsHere(cursor)) return Part.Data
    cursor.at += 7
    return Part.LastData
  }

  #readTrailers(cursor: Cursor): Part {
    if (this.#trailers === null) this.#trailers = new HeadReader(What.Trailers, this.#limits)
    const got = this.#trailers.read(cursor)
    if (got === Got.More) return Part.More
    if (got === Got.Bad) return this.#bad(this.#trailers.fault)
    return this.#trailers.head.lines.length === 0 ? Part.End : Part.Trailers
  }

  #bad(fault: Fault): Part {
    this.fault = fault
    return Part.Bad
  }
}

/** Whether the last chunk without trailers follows: then the data before it can be told to be the last. */
function endsHere({ buf, at, end }: Cursor): boolean {
  return (
    at + 7 <= end &&
    buf[at] === CR &&
    buf[at + 1] === LF &&
    buf[at + 2] === ZERO &&
    buf[at + 3] === CR &&
    buf[at + 4] === LF &&
    buf[at + 5] === CR &&
    buf[at + 6] === LF
  )
}
