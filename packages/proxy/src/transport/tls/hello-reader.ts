import type { Connection, ConnectionOwner } from '../../connection.ts'
import { type ClientHello, readClientHello } from './client-hello.ts'
import type { Handshake } from './handshake.ts'

/** Waits for the rest of a hello that has come in part. */
export class HelloReader implements ConnectionOwner {
  readonly #connection: Connection
  readonly #handshake: Handshake
  readonly #found: (hello: ClientHello, head: Buffer) => void
  #head: Buffer

  constructor(
    connection: Connection,
    handshake: Handshake,
    head: Buffer,
    found: (hello: ClientHello, head: Buffer) => void,
  ) {
    this.#connection = connection
    this.#handshake = handshake
    this.#head = head
    this.#found = found
    connection.owner = this
  }

  onData(chunk: Buffer): void {
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const hello = readClientHello(this.#head)
    if (hello === 'more') return
    this.#connection.owner = this.#handshake
    if (hello === 'not-tls') this.#handshake.fail('the client does not speak TLS')
    else this.#found(hello, this.#head)
  }

  passes(): boolean {
    return false
  }
  onDrain(): void {}

  onEnd(): void {
    this.#connection.owner = this.#handshake
    this.#handshake.onEnd()
  }

  onClose(error: Error | null): void {
    this.#handshake.onClose(error)
  }
}
