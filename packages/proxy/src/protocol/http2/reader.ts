import { ErrorCode, Flag, FRAME_BYTES, FrameType, HEAD_BYTES, PREFACE } from './wire.ts'

/** Who is told what comes. Bytes are windows that hold until the call returns. */
export interface FrameSink {
  /** A piece of DATA; `end` with the last piece of the last frame. `overhead` is padding that counts for windows. */
  onData(id: number, chunk: Buffer, overhead: number, end: boolean): void
  /** Every other frame, whole. */
  onFrame(type: number, flags: number, id: number, buf: Buffer, start: number, end: number): void
  /** The bytes break the protocol: nothing more is read. */
  onBroken(code: ErrorCode, what: string): void
}

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Cuts what comes into frames. DATA is handed on in pieces as it comes; of every other frame the bytes are held until it
 * is whole.
 *
 * ```
 *   chunk │ head │ payload │ head │ DATA ······ │ head │ pa…   the rest is held, at most one frame of 16 KB
 * ```
 */
export class FrameReader {
  /** How many frames have begun that were read or handed on. */
  frames = 0
  readonly #sink: FrameSink
  #stopped = false
  /** The beginning of a frame (or of the preface) that is not whole. */
  #held: Buffer = NOTHING
  #heldEnd = 0
  #preface: boolean
  /** Of the DATA frame under way. */
  #dataId = 0
  #dataEnd = false
  #inData = false
  #dataLeft = 0
  #padLeft = 0
  #overhead = 0

  /** `preface`: the peer is a client, which begins with one. */
  constructor(sink: FrameSink, preface: boolean) {
    this.#sink = sink
    this.#preface = preface
  }

  /** Whether data is under way: what comes next is mostly passed on. */
  get inData(): boolean {
    return this.#inData
  }

  /** A frame has begun and is not whole. */
  get partial(): boolean {
    return this.#heldEnd !== 0
  }

  stop(): void {
    this.#stopped = true
    this.#held = NOTHING
    this.#heldEnd = 0
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#stopped) {
      if (this.#inData) at = this.#data(chunk, at)
      else if (this.#heldEnd !== 0) at = this.#fill(chunk, at)
      else at = this.#frame(chunk, at, chunk.length)
    }
  }

  /** Reads one frame at `at`, or holds what is there of it. Returns where reading goes on. */
  #frame(buf: Buffer, at: number, end: number): number {
    const need = this.#need(buf, at, end)
    if (this.#stopped) return end
    if (need > end - at) {
      this.#hold(buf, at, end, need)
      return end
    }
    return at + this.#take(buf, at)
  }

  /** How many bytes must be there to go on: of DATA its head alone. */
  #need(buf: Buffer, at: number, end: number): number {
    if (this.#preface) {
      const bytes = Math.min(end - at, PREFACE.length)
      if (PREFACE.compare(buf, at, at + bytes, 0, bytes) !== 0)
        this.#broken(ErrorCode.ProtocolError, 'no client preface')
      return PREFACE.length
    }
    if (end - at < HEAD_BYTES) return HEAD_BYTES
    const length = (buf[at]! << 16) | (buf[at + 1]! << 8) | buf[at + 2]!
    if (length > FRAME_BYTES) {
      this.#broken(ErrorCode.FrameSizeError, `a frame of ${length} bytes`)
      return 0
    }
    if (buf[at + 3] !== FrameType.Data) return HEAD_BYTES + length
    return (buf[at + 4]! & Flag.Padded) !== 0 && length > 0 ? HEAD_BYTES + 1 : HEAD_BYTES
  }

  /** All that is needed lies in `buf`. Returns how many bytes it was. */
  #take(buf: Buffer, at: number): number {
    if (this.#preface) {
      this.#preface = false
      return PREFACE.length
    }
    this.frames++
    const length = (buf[at]! << 16) | (buf[at + 1]! << 8) | buf[at + 2]!
    const type = buf[at + 3]!
    const flags = buf[at + 4]!
    const id =
      ((buf[at + 5]! & 127) << 24) | (buf[at + 6]! << 16) | (buf[at + 7]! << 8) | buf[at + 8]!
    if (type === FrameType.Data) return this.#beginData(buf, at, length, flags, id)
    const start = at + HEAD_BYTES
    this.#sink.onFrame(type, flags, id, buf, start, start + length)
    return HEAD_BYTES + length
  }

  #beginData(buf: Buffer, at: number, length: number, flags: number, id: number): number {
    const padded = (flags & Flag.Padded) !== 0
    const pad = padded ? (length > 0 ? buf[at + HEAD_BYTES]! : -1) : 0
    if (pad < 0 || (padded && pad >= length)) {
      this.#broken(ErrorCode.ProtocolError, 'padding longer than its frame')
      return HEAD_BYTES
    }
    this.#inData = true
    this.#dataId = id
    this.#dataEnd = (flags & Flag.EndStream) !== 0
    this.#padLeft = pad
    this.#overhead = padded ? pad + 1 : 0
    this.#dataLeft = length - this.#overhead
    if (this.#dataLeft === 0) this.#piece(NOTHING)
    return padded ? HEAD_BYTES + 1 : HEAD_BYTES
  }

  /** A piece of the data under way, or of its padding. */
  #data(buf: Buffer, at: number): number {
    if (this.#dataLeft > 0) {
      const bytes = Math.min(this.#dataLeft, buf.length - at)
      this.#dataLeft -= bytes
      this.#piece(bytes === buf.length ? buf : buf.subarray(at, at + bytes))
      return at + bytes
    }
    const bytes = Math.min(this.#padLeft, buf.length - at)
    this.#padLeft -= bytes
    if (this.#padLeft === 0) this.#inData = false
    return at + bytes
  }

  #piece(chunk: Buffer): void {
    const overhead = this.#overhead
    this.#overhead = 0
    const last = this.#dataLeft === 0
    if (last && this.#padLeft === 0) this.#inData = false
    this.#sink.onData(this.#dataId, chunk, overhead, last && this.#dataEnd)
  }

  /** Keeps the beginning of a frame, in room for the whole of it: bytes that trickle in are copied once. */
  #hold(buf: Buffer, at: number, end: number, need: number): void {
    if (this.#held.length < need) this.#held = Buffer.allocUnsafeSlow(need)
    buf.copy(this.#held, 0, at, end)
    this.#heldEnd = end - at
  }

  /** Adds to what is held as much as is missing. */
  #fill(chunk: Buffer, at: number): number {
    const before = this.#heldEnd
    const need = this.#need(this.#held, 0, before)
    if (this.#stopped) return chunk.length
    if (this.#held.length < need) {
      const larger = Buffer.allocUnsafeSlow(need)
      this.#held.copy(larger, 0, 0, before)
      this.#held = larger
    }
    const bytes = Math.min(need - before, chunk.length - at)
    chunk.copy(this.#held, before, at, at + bytes)
    const end = before + bytes
    this.#heldEnd = end
    if (end < need) return at + bytes
    // The head is whole now: it may say that more is needed.
    if (this.#need(this.#held, 0, end) > end || this.#stopped) return at + bytes
    const held = this.#held
    this.#held = NOTHING
    this.#heldEnd = 0
    this.#take(held, 0)
    return at + bytes
  }

  #broken(code: ErrorCode, what: string): void {
    this.stop()
    this.#sink.onBroken(code, what)
  }
}
