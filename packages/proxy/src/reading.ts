import net from 'node:net'

/**
 * Reading without a buffer for each read. Node offers it by the option `onread`, which `net.connect` takes; a socket
 * that was accepted is made anew around its handle, because servers do not pass the option on.
 *
 * ```
 *               ┌ copied: the chunk is its holder's      usual: heads and frames are small, and they are held
 *  shared 32 KB ┤
 *               └ a large body begins: the next reads go to a buffer of the connection's own
 *
 *  own 32 KB    ─ passing: the chunk is gone when the call returns; whoever holds it asks for `stable(chunk)`;
 *                 a write the kernel did not take at once keeps the buffer, and the next read gets another
 * ```
 */
export interface Reader {
  /** `n` bytes lie in `buf`. Returns the buffer for the next read; null: the same. */
  onRead(n: number, buf: Buffer): Buffer | null
}

/** Below a socket's high-water mark, so that a full read written on does not ask for a pause; 64 KB cost half as much again. */
export const READ_BYTES: number = 32 * 1024
/** Node's own; configured limits above it change nothing, as pausing earlier only saves memory. */
const WATER_MARK = 64 * 1024
/** Reads from so many bytes on are worth a buffer of their own. */
export const BULK_BYTES: number = 16 * 1024
/** Buffers kept for the next connections in need of one. */
const SPARE_MAX = 32

const shared = Buffer.allocUnsafeSlow(READ_BYTES)
const spare: Buffer[] = []
const READER = Symbol('reader')
/** What the latest read asked to have next; null leaves what there is. */
let next: Buffer | null = null
/** A read has just been handled: whoever asks for a buffer now is that socket, not one that begins. */
let answering = false
/** The buffer whose bytes are being passed on; null outside. */
let passing: Buffer | null = null

type ReadingSocket = net.Socket & { [READER]?: Reader }

/** For `net.connect`: the socket reads for the reader that `readFor` gives it. */
export const onread: net.OnReadOpts = {
  // Called for a new socket, and after each read; what is no buffer leaves the socket the one it has.
  buffer: () => {
    if (!answering) return shared
    answering = false
    return next as Buffer
  },
  callback(this: ReadingSocket, bytes: number, buf: Uint8Array): boolean {
    const wanted = this[READER]!.onRead(bytes, buf as Buffer)
    next = wanted
    answering = true
    return true
  },
}

/** Tells a socket made with `onread` who reads it. */
export function readFor(socket: net.Socket, reader: Reader): void {
  ;(socket as ReadingSocket)[READER] = reader
}

/** What Node has of a socket below its streams. */
export type Handle = { readonly handle: unique symbol }

/** Takes the handle out of a socket, which is of no use then; null when it has none any more. */
export function releaseHandle(socket: net.Socket): Handle | null {
  const inner = socket as unknown as { _handle: Handle | null }
  const handle = inner._handle
  inner._handle = null
  return handle
}

/** An accepted socket, as if it had been made with `onread`. The server must accept with `pauseOnConnect`. */
export function adopt(accepted: net.Socket, bufferBytes: number = WATER_MARK): net.Socket {
  const handle = releaseHandle(accepted)
  // `handle` is no documented option; a test holds that it works.
  const options = {
    handle,
    onread,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    highWaterMark: waterMark(bufferBytes),
  }
  return new net.Socket(options as unknown as net.SocketConstructorOpts)
}

/** Where a socket asks its writer to pause: what waits to leave may be a lot more than any reader needs. */
export function waterMark(bufferBytes: number): number {
  return Math.min(bufferBytes, WATER_MARK)
}

/** Whether this read came to the buffer that all sockets share. */
export function isShared(buf: Buffer): boolean {
  return buf === shared
}

export const sharedBuffer: Buffer = shared

export function takeBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
}

export function giveBuffer(buf: Buffer): void {
  if (spare.length < SPARE_MAX) spare.push(buf)
}

/** Says that chunks in this buffer are only good until the call returns; null ends it. */
export function setPassing(buf: Buffer | null): void {
  passing = buf
}

/** What `setPassing` said last. */
export function passingBuffer(): Buffer | null {
  return passing
}

/** Whether these bytes are good only for the moment. */
export function isPassing(chunk: Buffer): boolean {
  return passing !== null && chunk.buffer === passing.buffer
}

/** The same bytes for those who hold them beyond the call. */
export function stable(chunk: Buffer): Buffer {
  return isPassing(chunk) ? Buffer.from(chunk) : chunk
}
