import type { Connection, ConnectionOwner } from '../../connection.ts'
import type { Security } from '../../security.ts'
import type { Site } from '../../site.ts'
import { handshakeErrorText, type Peer } from './failure.ts'
import type { TlsSocket } from './tls-socket.ts'

/** Looks at what was agreed on; a sentence ends the connection. */
export type Judge = (socket: TlsSocket) => Security | string

export type Done = (failure: string | null) => void

/** One handshake under way: the connection is its own until it is done. How long it may take, its caller knows. */
export class Handshake implements ConnectionOwner {
  readonly #connection: Connection
  readonly #site: Site
  readonly #peer: Peer
  readonly #before: ConnectionOwner
  readonly #done: Done
  #over = false

  constructor(connection: Connection, site: Site, peer: Peer, done: Done) {
    this.#connection = connection
    this.#site = site
    this.#peer = peer
    this.#before = connection.owner
    this.#done = done
    connection.owner = this
  }

  get over(): boolean {
    return this.#over
  }

  /** `socket` has taken the connection over. */
  run(socket: TlsSocket, judge: Judge): void {
    socket.once('secure', () => {
      this.#site.turn.begin()
      if (this.#over) return
      socket.established()
      const judged = judge(socket)
      if (typeof judged === 'string') this.fail(judged)
      else this.#succeed(judged)
    })
  }

  /** Tells why, and closes. */
  fail(why: string): void {
    if (this.#over) return
    this.#over = true
    // OpenSSL may be in the middle of it.
    setImmediate(() => this.#connection.close())
    this.#done(why)
  }

  /** What a peer says after it was turned away. */
  onData(): void {}
  passes(): boolean {
    return false
  }
  onDrain(): void {}

  onEnd(): void {
    this.fail(handshakeErrorText(null, this.#peer))
  }

  onClose(error: Error | null): void {
    if (!this.#over) {
      this.#over = true
      this.#done(handshakeErrorText(error, this.#peer))
    }
    this.#before.onClose(error)
  }

  #succeed(security: Security): void {
    this.#over = true
    this.#connection.security = security
    this.#connection.owner = this.#before
    this.#done(null)
  }
}
