import type { Frame } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'

/** What a decoder calls, in the order of the bytes. */
export interface FrameSink {
  onFrame(frame: Frame): void
  /** The bytes break the protocol: nothing more can be read from this connection. */
  onInvalid(what: string): void
  /** A frame above the limit; `head` is what can be answered of it. Nothing more can be read. */
  onTooLarge(head: Frame | null, bytes: number): void
}

/** Cuts a byte stream into frames and owns what is left of the last chunk. */
export class FrameDecoder {
  readonly #codec: FramedCodec
  readonly #sink: FrameSink
  readonly #maxFrameBytes: number
  /** Chunks of a frame that is not complete, joined once when it is. */
  #parts: Buffer[] = []
  #held = 0
  /** Bytes that must be there before another look is worth it. */
  #need = 0
  #stopped = false

  constructor(codec: FramedCodec, sink: FrameSink, maxFrameBytes: number) {
    this.#codec = codec
    this.#sink = sink
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Bytes of a frame whose end has not come. */
  get held(): number {
    return this.#held
  }

  /** Reads no more, also of what lies in the chunk being read. */
  stop(): void {
    this.#stopped = true
    this.#parts = []
    this.#held = 0
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return
    if (this.#held === 0) {
      this.#cut(chunk)
      return
    }
    this.#parts.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#need) return
    const joined = Buffer.concat(this.#parts, this.#held)
    this.#parts = []
    this.#held = 0
    this.#cut(joined)
  }

  #cut(buf: Buffer): void {
    const codec = this.#codec
    const end = buf.length
    let start = 0
    while (start < end && !this.#stopped) {
      const length = codec.measure(buf, start, end)
      if (length < 0) return this.#invalid('bytes that begin no frame')
      if (length > this.#maxFrameBytes) return this.#tooLarge(buf, start, end, length)
      if (length === 0 || end - start < length) return this.#hold(buf, start, length)
      const frame = codec.read(buf, start, start + length)
      if (frame === null) return this.#invalid('a frame whose inside contradicts its lengths')
      start += length
      this.#sink.onFrame(frame)
    }
  }

  #hold(buf: Buffer, start: number, length: number): void {
    this.#held = buf.length - start
    this.#need = length === 0 ? this.#held + 1 : length
    this.#parts.push(start === 0 ? buf : buf.subarray(start))
  }

  #invalid(what: string): void {
    this.stop()
    this.#sink.onInvalid(`${this.#codec.name}: ${what}`)
  }

  #tooLarge(buf: Buffer, start: number, end: number, length: number): void {
    this.stop()
    this.#sink.onTooLarge(this.#codec.readHead(buf, start, end), length)
  }
}
