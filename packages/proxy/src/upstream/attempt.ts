import net from 'node:net'
import { Timed } from '@tulle/core'
import { Connection, type ConnectionOwner, type Source } from '../connection.ts'
import { writeProxyHeader } from '../proxy-protocol.ts'
import { onread, waterMark } from '../reading.ts'
import type { Host } from './host.ts'

/** Who wants a connection to a host. */
export interface Dialler {
  /** Whom the connection is for, where hosts are told; null is the proxy itself. */
  readonly source: Source | null
  /** It stands, and what is asked of every connection (TLS) is agreed on. The dialler gives it another owner. */
  onOpen(attempt: Attempt): void
  /** It does not come about; `why` is told to those who wait for it. */
  onFailed(attempt: Attempt, why: string): void
}

/** A connection to a host that is being made. */
export class Attempt extends Timed implements ConnectionOwner {
  readonly connection: Connection
  /** How many requests the one who dials expects it to take. */
  readonly room: number
  timedOut = false
  /** The socket is connected, and TLS is being agreed on. */
  securing = false
  readonly #host: Host
  readonly #dialler: Dialler
  #over = false

  constructor(host: Host, dialler: Dialler, room: number) {
    super()
    this.room = room
    this.#host = host
    this.#dialler = dialler
    const { cluster } = host
    const { config, site } = cluster
    const options = {
      ...host.target,
      noDelay: true,
      allowHalfOpen: true,
      keepAlive: config.keepalive !== null,
      keepAliveInitialDelay: config.keepalive?.timeMs ?? 0,
      onread,
      highWaterMark: waterMark(config.bufferLimitBytes),
    }
    const socket = net.connect(options as net.NetConnectOpts)
    this.connection = new Connection(socket, site.turn, cluster.stats)
    this.connection.owner = this
    site.wheel.set(this, config.connectTimeoutMs, site.turn.begin())
    socket.once('connect', () => {
      site.turn.begin()
      this.#connected()
    })
  }

  onData(): void {}
  passes(): boolean {
    return false
  }
  onDrain(): void {}
  onEnd(): void {}

  onClose(error: Error | null): void {
    this.#fail(plain(error))
  }

  override onDue(): void {
    this.timedOut = true
    this.connection.destroy()
  }

  #connected(): void {
    const { transport, config } = this.#host.cluster
    writeProxyHeader(this.connection, config.proxyProtocol, this.#dialler.source)
    if (transport === null) return this.#open()
    if (this.#over) return
    this.securing = true
    transport.connect(this.connection, this.#host.remote, (failure) => {
      if (failure === null) this.#open()
      else this.#fail(failure)
    })
  }

  #open(): void {
    if (this.#over) return
    this.#over = true
    if (this.securing) this.#host.cluster.stats.tls_handshakes++
    this.#host.cluster.site.wheel.clear(this)
    this.#dialler.onOpen(this)
  }

  #fail(why: string): void {
    if (this.#over) return
    this.#over = true
    if (this.securing) this.#host.cluster.stats.tls_errors++
    this.#host.cluster.site.wheel.clear(this)
    this.#dialler.onFailed(this, why)
  }
}

function plain(error: Error | null): string {
  if (error === null) return 'the connection closed'
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such socket'
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'no route to the host'
  if (code === 'EMFILE' || code === 'ENFILE') return 'the process has no file descriptors left'
  return error.message
}
