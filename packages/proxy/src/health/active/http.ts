import type { HealthCheck } from '@tulle/model'
import type { CheckedHost, Connect, ProbeConnection } from '../../health.ts'
import { askHttp2 } from './ask-http2.ts'
import type { Finding, Probe } from './probe.ts'
import { readStatus } from './status.ts'

type Settings = Extract<HealthCheck['probe'], { kind: 'http' }>

/** Of the answer's head, and of the body that is let through behind it. */
const MAX_BYTES = 64 * 1024
const USER_AGENT = 'tulle-health-check'

/** The host is well when it answers a GET with an expected status. Each check has a connection of its own. */
export class HttpProbe implements Probe {
  answered = false
  readonly #host: CheckedHost
  readonly #settings: Settings
  readonly #authority: string
  readonly #scheme: 'http' | 'https'
  readonly #connect: Connect
  #connection: ProbeConnection | null = null

  /** `cluster` is the host header's last resort. */
  constructor(
    host: CheckedHost,
    settings: Settings,
    cluster: string,
    scheme: 'http' | 'https',
    connect: Connect,
  ) {
    this.#host = host
    this.#settings = settings
    this.#connect = connect
    this.#scheme = scheme
    this.#authority = settings.host || host.hostname || cluster
  }

  start(done: (finding: Finding) => void): void {
    this.cancel()
    this.answered = false
    const connection = this.#connect(this.#host)
    this.#connection = connection
    let asking = true
    const end = (finding: Finding): void => {
      if (!asking || this.#connection !== connection) return
      asking = false
      done(finding)
    }
    connection.on('connect', () => {
      if (this.#settings.http2 || connection.alpn === 'h2') this.#askHttp2(connection, end)
      else this.#askHttp1(connection, end)
    })
    connection.on('error', (error) => end(`no answer: ${error.message}`))
    connection.on('close', () => end('no answer: the connection was closed'))
  }

  /** Also ends the wait for the rest of an answer whose status is known. */
  cancel(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.destroy()
  }

  #askHttp1(connection: ProbeConnection, end: (finding: Finding) => void): void {
    let head = ''
    let bytes = 0
    connection.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (!this.answered) {
        head += chunk.toString('latin1')
        const status = readStatus(head)
        if (status !== null && status !== 0) this.#judge(status, end)
        if (status === 0) {
          end('the answer is not HTTP/1')
          connection.destroy()
        }
      }
      if (bytes > MAX_BYTES) {
        end('the head of the answer is too large')
        connection.destroy()
      }
    })
    const lines = [
      `GET ${this.#settings.path} HTTP/1.1`,
      `host: ${this.#authority}`,
      `user-agent: ${USER_AGENT}`,
      'connection: close',
      '\r\n',
    ]
    connection.write(lines.join('\r\n'))
  }

  #askHttp2(connection: ProbeConnection, end: (finding: Finding) => void): void {
    const headers = {
      ':method': 'GET',
      ':scheme': this.#scheme,
      ':authority': this.#authority,
      ':path': this.#settings.path,
      'user-agent': USER_AGENT,
    }
    askHttp2(connection, headers, null, {
      onHead: (told) => this.#judge(Number(told[':status']), end),
      onEnd: () => {},
      onFailure: (why) => {
        end(`no answer: ${why}`)
        connection.destroy()
      },
    })
  }

  #judge(status: number, end: (finding: Finding) => void): void {
    this.answered = true
    end(this.#expects(status) ? null : `answered ${status}`)
  }

  #expects(status: number): boolean {
    const ranges = this.#settings.expectedStatuses
    if (ranges.length === 0) return status === 200
    return ranges.some(({ start, end }) => status >= start && status < end)
  }
}
