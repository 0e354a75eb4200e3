import type { CheckedHost, Ping } from '../../health.ts'
import type { Finding, Probe } from './probe.ts'

/** The host is well when it answers the heartbeat of its protocol. */
export class HeartbeatProbe implements Probe {
  readonly answered = false
  readonly #host: CheckedHost
  readonly #protocol: string
  readonly #timeoutMs: number
  readonly #ping: Ping
  /** Which question is open: answers to others come too late. */
  #question = 0

  constructor(host: CheckedHost, protocol: string, timeoutMs: number, ping: Ping) {
    this.#host = host
    this.#protocol = protocol
    this.#timeoutMs = timeoutMs
    this.#ping = ping
  }

  start(done: (finding: Finding) => void): void {
    const question = ++this.#question
    this.#ping(this.#protocol, this.#host, this.#timeoutMs, (alive) => {
      if (question !== this.#question) return
      this.#question++
      done(alive ? null : 'the heartbeat was not answered')
    })
  }

  cancel(): void {
    this.#question++
  }
}
