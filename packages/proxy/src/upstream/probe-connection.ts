import { Duplex } from 'node:stream'
import type { ConnectionOwner } from '../connection.ts'
import type { CheckedHost, ProbeConnection } from '../health.ts'
import { Attempt, type Dialler } from './attempt.ts'
import type { Host } from './host.ts'

/** A connection for a health check, made as all connections to the host are: TLS, PROXY protocol and time-out included. */
export function connectProbe(host: CheckedHost): ProbeConnection {
  // Whom a cluster gives to those who watch it are its hosts.
  return new DialledProbe(host as Host)
}

/** The connection as a stream, for libraries that ask for one. */
class DialledProbe extends Duplex implements ProbeConnection, ConnectionOwner, Dialler {
  readonly source = null
  alpn = ''
  readonly #attempt: Attempt
  /** Of a write that waits until the host keeps up. */
  #written: (() => void) | null = null

  constructor(host: Host) {
    super()
    this.#attempt = new Attempt(host, this, 0)
    this.#attempt.connection.socket.unref()
  }

  onOpen({ connection }: Attempt): void {
    connection.owner = this
    connection.socket.unref()
    this.alpn = connection.security?.alpn ?? ''
    this.emit('connect')
  }

  onFailed({ timedOut }: Attempt, why: string): void {
    this.destroy(new Error(timedOut ? 'not accepted in time (connect_timeout)' : why))
  }

  onData(chunk: Buffer): void {
    this.push(chunk)
  }

  passes(): boolean {
    return false
  }

  onDrain(): void {
    const done = this.#written
    this.#written = null
    done?.()
  }

  onEnd(): void {
    this.push(null)
  }

  onClose(error: Error | null): void {
    this.destroy(error ?? undefined)
  }

  /** What comes is little and read at once. */
  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const { connection } = this.#attempt
    connection.write(chunk)
    connection.flush()
    if (connection.blocked) this.#written = done
    else done()
  }

  override _final(done: () => void): void {
    this.#attempt.connection.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#attempt.connection.destroy()
    done(error)
  }
}
