import type { Socket } from 'node:net'
import type { Flushable, Turn } from '@tulle/core'

/** Who reads a connection. */
export interface ConnectionOwner {
  onData(chunk: Buffer): void
  /** What was written has left: the other side may go on. */
  onDrain(): void
  /** The peer sends no more. */
  onEnd(): void
  onClose(error: Error | null): void
}

/** Whose bytes a connection counts. */
export interface Meter {
  cx_rx_bytes_total: number
  cx_tx_bytes_total: number
}

const SCRATCH_BYTES = 64 * 1024
/** Small writes of one turn meet here; replaced when the kernel did not take all of it at once. */
let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)

/** A socket that writes once per turn: everything given to it in one turn leaves in one system call. */
export class Connection implements Flushable {
  readonly socket: Socket
  readonly turn: Turn
  owner!: ConnectionOwner
  bytesIn = 0
  bytesOut = 0
  /** Who counts its bytes; another one once the protocol is known. */
  meter: Meter
  /** The peer does not keep up: writers pause until `onDrain`. */
  blocked = false
  closed = false
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** Windows to write, three entries each: buffer, start, end. */
  readonly #out: (Buffer | number)[] = []
  #outBytes = 0
  #ending = false
  #error: Error | null = null

  constructor(socket: Socket, turn: Turn, meter: Meter) {
    this.socket = socket
    this.turn = turn
    this.meter = meter
    this.remoteAddress = socket.remoteAddress ?? ''
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = socket.localAddress ?? ''
    this.localPort = socket.localPort ?? 0
    socket.on('data', (chunk: Buffer) => {
      this.bytesIn += chunk.length
      this.meter.cx_rx_bytes_total += chunk.length
      turn.begin()
      this.owner.onData(chunk)
    })
    socket.on('drain', () => {
      turn.begin()
      this.blocked = false
      this.owner.onDrain()
    })
    socket.on('end', () => {
      turn.begin()
      this.owner.onEnd()
    })
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => {
      turn.begin()
      this.closed = true
      this.owner.onClose(this.#error)
    })
  }

  /** Bytes that wait to leave. */
  get pendingBytes(): number {
    return this.#outBytes + this.socket.writableLength
  }

  /**
   * Queues a window of bytes, which nobody may change before the turn ends. False: enough is waiting, pause until
   * `onDrain`.
   */
  write(buf: Buffer, start = 0, end: number = buf.length): boolean {
    if (this.closed || this.#ending) return true
    if (this.#out.length === 0) this.turn.later(this)
    this.#out.push(buf, start, end)
    this.#outBytes += end - start
    if (this.#outBytes > SCRATCH_BYTES) this.flush()
    return !this.blocked
  }

  flush(): void {
    const out = this.#out
    const bytes = this.#outBytes
    if (out.length === 0 || this.closed) return
    this.bytesOut += bytes
    this.meter.cx_tx_bytes_total += bytes
    this.#outBytes = 0
    let taken: boolean
    if (out.length === 3) taken = this.#writeOne(out)
    else if (bytes <= SCRATCH_BYTES) taken = this.#writeMerged(out, bytes)
    else taken = this.#writeMany(out)
    out.length = 0
    if (!taken) this.blocked = true
    if (this.#ending) this.socket.end()
  }

  /** Writes what is queued, then says that no more comes. */
  end(): void {
    if (this.#ending || this.closed) return
    this.#ending = true
    if (this.#out.length === 0) this.socket.end()
  }

  /** Writes what is queued and closes, without waiting for the peer to end. */
  close(): void {
    this.flush()
    this.socket.destroySoon()
  }

  /** Closes at once; what is queued is lost. */
  destroy(): void {
    this.#out.length = 0
    this.#outBytes = 0
    this.socket.destroy()
  }

  /** Closes by RST, so that the peer cannot take what it has for the whole. */
  reset(): void {
    this.flush()
    this.socket.resetAndDestroy()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  #writeOne(out: readonly (Buffer | number)[]): boolean {
    const buf = out[0] as Buffer
    const start = out[1] as number
    const end = out[2] as number
    return this.socket.write(start === 0 && end === buf.length ? buf : buf.subarray(start, end))
  }

  /** One copy and one write cost less than a vector of small ones. */
  #writeMerged(out: readonly (Buffer | number)[], bytes: number): boolean {
    let at = 0
    for (let i = 0; i < out.length; i += 3) {
      const buf = out[i] as Buffer
      at += buf.copy(scratch, at, out[i + 1] as number, out[i + 2] as number)
    }
    const taken = this.socket.write(scratch.subarray(0, bytes))
    if (this.socket.writableLength > 0) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    return taken
  }

  #writeMany(out: readonly (Buffer | number)[]): boolean {
    let taken = true
    this.socket.cork()
    for (let i = 0; i < out.length; i += 3) {
      const buf = out[i] as Buffer
      taken = this.socket.write(buf.subarray(out[i + 1] as number, out[i + 2] as number))
    }
    this.socket.uncork()
    return taken && !this.socket.writableNeedDrain
  }
}
