import type { Connection } from './connection.ts'

/**
 * What happens to a client's connection before its protocol is spoken: TLS. `head` is what was read of it already, to
 * find out what it wants. `done` is called once: null when the connection is ready, with `connection.security` set, or
 * the reason why it is not, in a sentence; it is closed then. The owner of the connection hears nothing meanwhile but
 * its close.
 */
export interface ServerTransport {
  accept(connection: Connection, head: Buffer, done: (failure: string | null) => void): void
}

/** The host that a connection was made to. */
export interface Remote {
  /** `10.0.0.1:8080` */
  readonly address: string
  /** What its endpoint is called in the configuration; '' without a name. */
  readonly hostname: string
}

/** The same for a connection to a host, once its socket is connected. */
export interface ClientTransport {
  connect(connection: Connection, remote: Remote, done: (failure: string | null) => void): void
  /** No more connections are made: ends what it does beside them, such as watching files. */
  stop(): void
}
