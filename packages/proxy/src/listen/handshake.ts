import type { Connection } from '../connection.ts'
import { Detector } from './detect.ts'
import type { ServedChain } from './served-chain.ts'
import { type Port, Undecided } from './undecided.ts'

/** TLS with a client, until it stands and the protocol inside is known. */
export class Handshake extends Undecided {
  readonly #chain: ServedChain
  /** Asked for now: a handshake that fails may have lost its socket by then. */
  readonly #client: string
  #over = false

  constructor(connection: Connection, port: Port, chain: ServedChain) {
    super(connection, port)
    this.#chain = chain
    this.#client = connection.remoteAddress
  }

  start(head: Buffer): void {
    this.wait(this.#chain.config.handshakeTimeoutMs)
    this.#chain.transport!.accept(this.connection, head, (failure) => this.#done(failure))
  }

  onData(): void {}
  onEnd(): void {}

  onClose(error: Error | null): void {
    this.#fail(error === null ? 'the client closed the connection' : error.message)
  }

  override onLate(): void {
    const ms = this.#chain.config.handshakeTimeoutMs
    this.#fail(`the handshake took longer than ${ms} ms (transport_socket_connect_timeout)`)
    this.connection.destroy()
  }

  /** A handshake under way may end in its own time; the session that follows is told to drain. */
  override drain(): void {}

  #done(failure: string | null): void {
    if (failure !== null) return this.#fail(failure)
    if (this.#over) return
    this.#over = true
    this.rest()
    const { connection, port } = this
    const chain = this.#chain
    chain.main.stats.tls_handshakes++
    const agreed = chain.agreed(connection.security?.alpn ?? '')
    if (agreed !== null) port.attach(connection, agreed)
    else if (chain.intakes.length === 1) port.attach(connection, chain.main)
    else new Detector(connection, port, chain)
  }

  #fail(why: string): void {
    if (this.#over) return
    this.#over = true
    this.rest()
    this.#chain.main.stats.tls_errors++
    this.port.complain('a TLS handshake failed', this.#client, why)
  }
}
