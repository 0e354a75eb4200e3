import type { Socket } from 'node:net'
import type { Flushable, Turn } from '@tulle/core'
import {
  BULK_BYTES,
  giveBuffer,
  type Handle,
  isPassing,
  isShared,
  passingBuffer,
  type Reader,
  readFor,
  releaseHandle,
  setPassing,
  sharedBuffer,
  takeBuffer,
} from './reading.ts'
import type { Security } from './security.ts'

/** Who reads a connection. */
export interface ConnectionOwner {
  onData(chunk: Buffer): void
  /**
   * Whether the next `bytes` are all data that is passed on at once. They may then lie in a buffer that is used again:
   * whoever holds a chunk beyond the call takes `stable(chunk)`.
   */
  passes(bytes: number): boolean
  /** What was written has left: the other side may go on. */
  onDrain(): void
  /** The peer sends no more. */
  onEnd(): void
  onClose(error: Error | null): void
}

/** The two ends of a client's connection to the proxy before us, as its PROXY protocol header tells them. */
export interface Source {
  readonly address: string
  readonly port: number
  /** Where the client connected to. */
  readonly localAddress: string
  readonly localPort: number
}

/** Whose bytes a connection counts. */
export interface Meter {
  cx_rx_bytes_total: number
  cx_tx_bytes_total: number
}

/** Who keeps count of connections. */
export interface Keeper {
  forget(connection: Connection): void
}

const SCRATCH_BYTES = 64 * 1024
const NOTHING: Buffer = Buffer.alloc(0)
/** Small writes of one turn meet here; replaced when the kernel did not take all of it at once. */
let scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)

const CONNECTION = Symbol('connection')
type OwnedSocket = Socket & { [CONNECTION]: Connection }

/**
 * A socket that writes once per turn: everything given to it in one turn leaves in one system call. Its socket is made
 * with `onread` (reading.ts). Where TLS begins, another socket takes over the handle, and the connection stays the same.
 */
export class Connection implements Flushable, Reader {
  socket: Socket
  readonly turn: Turn
  owner!: ConnectionOwner
  bytesIn = 0
  bytesOut = 0
  /** Who counts its bytes; another one once the protocol is known. */
  meter: Meter
  /** What TLS agreed on; null in the clear. */
  security: Security | null = null
  /** The peer as a PROXY protocol header tells it; null where the socket knows. */
  source: Source | null = null
  /** What is said of the peer with every request on the connection; only who wrote it looks inside. */
  memo: unknown = null
  /** The peer does not keep up: writers pause until `onDrain`. */
  blocked = false
  closed = false
  readonly #keeper: Keeper | null
  /** Windows to write, three entries each: buffer, start, end. */
  readonly #out: (Buffer | number)[] = []
  #outBytes = 0
  #ending = false
  /** Writes copy what they are given (TLS encrypts it), unless another one is still under way. */
  #copies = false
  #error: Error | null = null
  /** A read buffer that the kernel has not taken all of; free again when everything has left. */
  #lent: Buffer | null = null

  constructor(socket: Socket, turn: Turn, meter: Meter, keeper: Keeper | null = null) {
    this.socket = socket
    this.turn = turn
    this.meter = meter
    this.#keeper = keeper
    this.#hear(socket)
  }

  /** Known while the connection is open, and afterwards if it was asked for before. */
  get remoteAddress(): string {
    return this.source?.address ?? this.socket.remoteAddress ?? ''
  }
  get remotePort(): number {
    return this.source?.port ?? this.socket.remotePort ?? 0
  }
  get localAddress(): string {
    return this.source?.localAddress ?? this.socket.localAddress ?? ''
  }
  get localPort(): number {
    return this.source?.localPort ?? this.socket.localPort ?? 0
  }

  /**
   * Goes on over a socket that encrypts, made around the handle of the one it has. What was written before must have
   * left (`whenWritten`). Null: the connection has closed meanwhile, and its owner hears that as always.
   */
  replaceSocket<T extends Socket>(make: (handle: Handle, highWaterMark: number) => T): T | null {
    const before = this.socket
    const handle = releaseHandle(before)
    if (handle === null) return null
    before.off('drain', onDrain)
    before.off('end', onEnd)
    before.off('error', onError)
    before.off('close', onClose)
    const socket = make(handle, before.writableHighWaterMark)
    this.socket = socket
    this.#copies = true
    this.#hear(socket)
    return socket
  }

  /** Calls when everything written so far is the kernel's: as a rule that is now. */
  whenWritten(done: () => void): void {
    this.flush()
    if (this.socket.writableLength === 0) done()
    else this.socket.write(NOTHING, () => done())
  }

  /** Bytes that wait to leave. */
  get pendingBytes(): number {
    return this.#outBytes + this.socket.writableLength
  }

  onRead(bytes: number, buf: Buffer): Buffer | null {
    this.bytesIn += bytes
    this.meter.cx_rx_bytes_total += bytes
    this.turn.begin()
    const passes = this.owner.passes(bytes)
    if (isShared(buf)) {
      if (passes && bytes >= BULK_BYTES) return this.#pass(bytes, ownCopyOf(buf, bytes))
      this.owner.onData(copyOf(buf, bytes))
      return null
    }
    if (passes) return this.#pass(bytes, buf)
    this.owner.onData(copyOf(buf, bytes))
    giveBuffer(buf)
    return sharedBuffer
  }

  /**
   * Queues a window of bytes, which nobody may change before the turn ends; bytes that are only passing leave at once.
   * False: enough is waiting, pause until `onDrain`.
   */
  write(buf: Buffer, start = 0, end: number = buf.length): boolean {
    if (this.closed || this.#ending) return true
    const bytes = end - start
    // Small windows leave together by one copy each; only large ones are worth a vector.
    if (this.#outBytes + bytes > SCRATCH_BYTES && bytes < BULK_BYTES) this.flush()
    const out = this.#out
    const { length } = out
    if (length === 0) this.turn.later(this)
    // What follows in the same block needs no window of its own: heads written one after the other leave as one.
    if (length !== 0 && out[length - 1] === start && out[length - 3] === buf) out[length - 1] = end
    else out.push(buf, start, end)
    this.#outBytes += bytes
    if (isPassing(buf)) this.#flushPassing()
    else if (this.#outBytes > SCRATCH_BYTES) this.flush()
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

  /** Closes by RST, so that the peer cannot take what it has for the whole. A unix socket has none: it just closes. */
  reset(): void {
    this.flush()
    if (this.socket.remoteFamily === undefined) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** For the socket's events. */
  drained(): void {
    this.turn.begin()
    this.blocked = false
    if (this.#lent !== null) giveBuffer(this.#lent)
    this.#lent = null
    this.owner.onDrain()
  }

  ended(): void {
    this.turn.begin()
    this.owner.onEnd()
  }

  failed(error: Error): void {
    this.#error = error
    // TLS tells of some errors, such as bytes that cannot be decrypted, and leaves the socket open.
    this.socket.destroy()
  }

  gone(): void {
    this.turn.begin()
    this.closed = true
    this.#keeper?.forget(this)
    this.owner.onClose(this.#error)
  }

  #hear(socket: Socket): void {
    ;(socket as OwnedSocket)[CONNECTION] = this
    readFor(socket, this)
    // One function for all connections: closures of their own would be a tenth of an idle connection's memory.
    socket.on('drain', onDrain)
    socket.on('end', onEnd)
    socket.on('error', onError)
    socket.on('close', onClose)
  }

  /**
   * Whether the memory of the latest write is still needed. What the kernel took is not; what TLS encrypted is not
   * either, though it counts as unwritten until the next round: only behind a write under way it is kept as it is.
   */
  #keeps(before: number): boolean {
    return this.#copies ? before > 0 : this.socket.writableLength > 0
  }

  /**
   * Passes on what lies in a buffer of this connection's own, and finds one for the next read. A connection that may be
   * quiet from now on keeps none; one that is paused will go on as it did.
   */
  #pass(bytes: number, buf: Buffer): Buffer {
    lent = false
    setPassing(buf)
    this.owner.onData(bytes === buf.length ? buf : buf.subarray(0, bytes))
    setPassing(null)
    const more = bytes >= BULK_BYTES && (this.owner.passes(1) || this.socket.isPaused())
    if (more) return lent ? takeBuffer() : buf
    if (!lent) giveBuffer(buf)
    return sharedBuffer
  }

  /** What the kernel does not take at once goes on needing the buffer. */
  #flushPassing(): void {
    const merged = this.#out.length > 3 && this.#outBytes <= SCRATCH_BYTES
    const before = this.socket.writableLength
    this.flush()
    if (merged || !this.#keeps(before)) return
    lent = true
    // Without a drain to come it is the write's own, gone when that is done.
    this.#lent = this.socket.writableNeedDrain ? passingBuffer() : null
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
    const before = this.socket.writableLength
    const taken = this.socket.write(scratch.subarray(0, bytes))
    if (this.#keeps(before)) scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    return taken
  }

  #writeMany(out: readonly (Buffer | number)[]): boolean {
    this.socket.cork()
    for (let i = 0; i < out.length; i += 3) {
      const buf = out[i] as Buffer
      this.socket.write(buf.subarray(out[i + 1] as number, out[i + 2] as number))
    }
    this.socket.uncork()
    return !this.socket.writableNeedDrain
  }
}

/** Some write of the chunk being passed on still needs its buffer. */
let lent = false

function copyOf(buf: Buffer, bytes: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes)
  buf.copy(copy, 0, 0, bytes)
  return copy
}

/** The same in a buffer that can be used again. */
function ownCopyOf(buf: Buffer, bytes: number): Buffer {
  const own = takeBuffer()
  buf.copy(own, 0, 0, bytes)
  return own
}

function onDrain(this: Socket): void {
  ;(this as OwnedSocket)[CONNECTION].drained()
}
function onEnd(this: Socket): void {
  ;(this as OwnedSocket)[CONNECTION].ended()
}
function onError(this: Socket, error: Error): void {
  ;(this as OwnedSocket)[CONNECTION].failed(error)
}
function onClose(this: Socket): void {
  ;(this as OwnedSocket)[CONNECTION].gone()
}
