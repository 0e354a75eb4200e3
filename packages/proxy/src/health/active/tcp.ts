import type { CheckedHost, Connect, ProbeConnection } from '../../health.ts'
import type { Finding, Probe } from './probe.ts'

/** The host is well when it accepts a connection. */
export class TcpProbe implements Probe {
  readonly answered = false
  readonly #host: CheckedHost
  readonly #connect: Connect
  #socket: ProbeConnection | null = null

  constructor(host: CheckedHost, connect: Connect) {
    this.#host = host
    this.#connect = connect
  }

  start(done: (finding: Finding) => void): void {
    const socket = this.#connect(this.#host)
    this.#socket = socket
    const end = (finding: Finding): void => {
      if (this.#socket !== socket) return
      this.cancel()
      done(finding)
    }
    socket.on('connect', () => end(null))
    socket.on('error', (error) => end(`cannot connect: ${error.message}`))
    socket.on('close', () => end('cannot connect: closed'))
  }

  cancel(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
  }
}
