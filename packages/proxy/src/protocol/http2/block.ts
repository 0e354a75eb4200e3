/** Frames of one header block; more of them than this carry nothing. */
const MOST_FRAMES = 64
/** What a block may have beyond the limit on heads: it is counted before it is decoded. */
const SLACK_BYTES = 16 * 1024
const NOTHING: Buffer = Buffer.alloc(0)

/** A header block that comes in several frames: HEADERS and its CONTINUATIONs. */
export class Block {
  /** Of the lane; 0 while no block is open. */
  id = 0
  last = false
  onItself = false
  #pieces: Buffer[] = []
  #bytes = 0
  #frames = 0

  get open(): boolean {
    return this.id !== 0
  }

  begin(
    id: number,
    last: boolean,
    onItself: boolean,
    buf: Buffer,
    start: number,
    end: number,
  ): void {
    this.id = id
    this.last = last
    this.onItself = onItself
    this.#bytes = end - start
    this.#frames = 0
    this.#pieces = [Buffer.from(buf.subarray(start, end))]
  }

  /** False: it is longer than a block whose head is within the limit. */
  add(buf: Buffer, start: number, end: number, maxHeaderBytes: number): boolean {
    this.#bytes += end - start
    this.#frames++
    if (this.#frames > MOST_FRAMES) return false
    if (maxHeaderBytes !== 0 && this.#bytes > maxHeaderBytes + SLACK_BYTES) return false
    if (end > start) this.#pieces.push(Buffer.from(buf.subarray(start, end)))
    return true
  }

  /** All of it; the block is closed. */
  take(): Buffer {
    const bytes = this.#pieces.length === 0 ? NOTHING : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.id = 0
    return bytes
  }
}
