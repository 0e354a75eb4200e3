import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { type Handle, onread } from '../../reading.ts'
import { clarify } from './failure.ts'

/**
 * TLS around the handle of a connected socket. Node's own way is to give the old socket to the new one; then there are
 * two of them for as long as the connection lives, and bytes come as events with a buffer for each. Here a `TLSSocket`
 * that believes it will connect by itself is given the connected handle by the method that wraps handles: it reads into
 * our buffers by `onread`, and the old socket is garbage.
 *
 * What was found about TLS in Node (26, OpenSSL 3.5), and what follows from it:
 *
 * - A write is encrypted before `write` returns, from the caller's memory, into records of at most 16 KB: one write of
 *   40 KB is three records and leaves in one system call. So one write a turn is the best there is, in TLS as without.
 * - Yet each write is told to be done in the next round of the event loop, even if the kernel took it all at once.
 *   `writableLength` says nothing about memory, then: the buffer of a write is free at once, unless one came before it
 *   in the same turn. Those after the first are kept, copied into one and encrypted together (`Connection` knows).
 * - Several buffers in one write are copied into one first. A single buffer is not, so what is merged is merged by us,
 *   into memory that is used again.
 * - A read gives one record at a time: a kernel buffer of 64 KB comes as four calls of 16 KB, each copied once from
 *   OpenSSL into the buffer that `onread` names. Pausing stops the kernel's reads, not the records already read, so up
 *   to 64 KB still come after `pause()`.
 * - `'data'` events instead of `onread` cost 0.4 µs a message more, and a buffer each.
 *
 * Everything undocumented that this relies on is held by tls-socket.test.ts.
 */
export class TlsSocket extends TLSSocket {
  constructor(handle: Handle, options: TlsSocketOptions) {
    // `onread` and `allowHalfOpen` are taken where no socket is given; `handle` is for `_wrapHandle` below.
    super(null as unknown as Socket, { ...options, handle, onread, allowHalfOpen: true } as object)
    // It waits for a connection that stands already.
    ;(this as { connecting: boolean }).connecting = false
    this.on('error', clarify)
  }

  /** Called by Node's constructor. */
  _wrapHandle(): unknown {
    const handle = (this as unknown as Inside)._tlsOptions.handle
    return INSIDE._wrapHandle.call(this, null, handle, false)
  }

  /** Bytes that were read before TLS began. */
  receive(head: Buffer): void {
    inside(this)._handle?.receive(head)
  }

  /** Says hello to a server. */
  begin(serverName: string): void {
    if (serverName !== '') inside(this).setServername(serverName)
    inside(this)._start()
  }

  /** From here on errors are told like those of any socket. */
  established(): void {
    inside(this)._releaseControl()
  }

  /** What OpenSSL has against the peer's chain of certificates. */
  get chainError(): (Error & { code?: string }) | null {
    return inside(this)._handle?.verifyError() ?? null
  }

  /** Null where the peer showed none. */
  get shownCertificate(): X509Certificate | null {
    return this.getPeerX509Certificate() ?? null
  }

  /** Calls for each session that the server gives, with what `TlsSocketOptions.session` takes. */
  onSession(keep: (session: Buffer) => void): void {
    const handle = inside(this)._handle
    if (handle === null) return
    handle.onnewsession = (_id, session) => keep(session)
    handle.enableSessionCallbacks()
  }

  /** Closes by RST: only the handle inside knows how. */
  override resetAndDestroy(): this {
    const handle = inside(this)._handle
    const raw = handle?._parent
    if (typeof raw?.reset !== 'function') return this.destroy()
    handle!.close = (done) => {
      raw.reset!(() => done?.())
    }
    return this.destroy()
  }
}

export interface TlsSocketOptions {
  readonly secureContext: SecureContext
  readonly isServer: boolean
  /** In the form of RFC 7301: each name after its length. Undefined offers and takes none. */
  readonly ALPNProtocols?: Buffer
  readonly requestCert?: boolean
  /** Of a server: the handshake fails where no certificate is shown. */
  readonly rejectUnauthorized?: boolean
  readonly session?: Buffer
  readonly highWaterMark: number
}

/** Protocol names as ALPN has them on the wire. */
export function alpnList(names: readonly string[]): Buffer {
  return Buffer.concat(
    names.map((name) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1')])),
  )
}

interface Inside {
  _tlsOptions: { handle: Handle }
  _handle: TlsHandle | null
  _wrapHandle(this: TLSSocket, socket: null, handle: Handle, writing: false): unknown
  _start(): void
  setServername(name: string): void
  _releaseControl(): void
}

interface TlsHandle {
  readonly _parent: { reset?(done: () => void): number }
  onnewsession: (id: Buffer, session: Buffer) => void
  close(done?: () => void): void
  receive(head: Buffer): void
  verifyError(): (Error & { code?: string }) | undefined
  enableSessionCallbacks(): void
}

const INSIDE = TLSSocket.prototype as unknown as Inside

function inside(socket: TLSSocket): Inside {
  return socket as unknown as Inside
}
