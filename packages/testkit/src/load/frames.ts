import { frameLength } from './bolt-frame.ts'

/** Cuts the bytes of one connection into Bolt frames; keeps what is not whole yet. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)

  /** Calls back with the place of each whole frame; the bytes hold until it returns. */
  push(chunk: Buffer, onFrame: (bytes: Buffer, at: number, end: number) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const length = frameLength(bytes, at)
      if (length === 0 || bytes.length - at < length) break
      onFrame(bytes, at, at + length)
      at += length
    }
    this.#rest = bytes.subarray(at)
  }
}
