const NOTHING = Buffer.alloc(0)

/** Bytes that came and where reading them has got to: what readers of heads and bodies take from. */
export class Cursor {
  buf: Buffer = NOTHING
  at = 0
  end = 0

  get empty(): boolean {
    return this.at === this.end
  }

  /** More bytes: behind those that are left, if any are. */
  add(chunk: Buffer): void {
    const whole = this.empty ? chunk : Buffer.concat([this.buf.subarray(this.at, this.end), chunk])
    this.set(whole, 0, whole.length)
  }

  set(buf: Buffer, at: number, end: number): void {
    this.buf = buf
    this.at = at
    this.end = end
  }

  /** Lets go of the bytes, so that a quiet connection keeps none. */
  clear(): void {
    this.set(NOTHING, 0, 0)
  }
}
