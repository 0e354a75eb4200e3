import type { Connection } from '../../connection.ts'
import type { Frame } from '../../frame.ts'
import { Framing, writeChunk, writeTrailers } from './encode.ts'

/** Writes the body of one message after another, and knows where each ends. */
export class BodyWriter {
  framing: Framing = Framing.None
  /** Bytes the Content-Length still promises. */
  left = 0
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** `length` matters where the framing is by length. */
  begin(framing: Framing, length: number): void {
    this.framing = framing
    this.left = framing === Framing.Length ? length : 0
  }

  /** False: the connection is full. What goes beyond the promised length is not written. */
  data(chunk: Buffer, last: boolean): boolean {
    const connection = this.#connection
    switch (this.framing) {
      case Framing.Chunked:
        return writeChunk(connection, chunk, last)
      case Framing.Length: {
        const length = Math.min(chunk.length, this.left)
        this.left -= length
        return length === 0 ? !connection.blocked : connection.write(chunk, 0, length)
      }
      case Framing.None:
        return !connection.blocked
      default:
        return chunk.length === 0 ? !connection.blocked : connection.write(chunk)
    }
  }

  /** Trailers end a chunked body; elsewhere there is no place for them. */
  trailers(frame: Frame): void {
    if (this.framing === Framing.Chunked) writeTrailers(this.#connection, frame)
  }
}
