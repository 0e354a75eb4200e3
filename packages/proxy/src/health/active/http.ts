import type { Socket } from 'node:net'
import type { HealthCheck } from '@tulle/model'
import type { CheckedHost } from '../../health.ts'
import type { Connect } from './connect.ts'
import type { Finding, Probe } from './probe.ts'
import { readStatus } from './status.ts'

type Settings = Extract<HealthCheck['probe'], { kind: 'http' }>

/** Of the answer's head, and of the body that is let through behind it. */
const MAX_BYTES = 64 * 1024

/** The host is well when it answers a GET with an expected status. Each check has a connection of its own. */
export class HttpProbe implements Probe {
  answered = false
  readonly #host: CheckedHost
  readonly #settings: Settings
  readonly #request: string
  readonly #connect: Connect
  #socket: Socket | null = null

  /** `cluster` is the host header's last resort. */
  constructor(host: CheckedHost, settings: Settings, cluster: string, connect: Connect) {
    this.#host = host
    this.#settings = settings
    this.#connect = connect
    const name = settings.host || host.hostname || cluster
    this.#request = [
      `GET ${settings.path} HTTP/1.1`,
      `host: ${name}`,
      'user-agent: tulle-health-check',
      'connection: close',
      '\r\n',
    ].join('\r\n')
  }

  start(done: (finding: Finding) => void): void {
    this.cancel()
    this.answered = false
    const socket = this.#connect(this.#host)
    this.#socket = socket
    let asking = true
    const end = (finding: Finding): void => {
      if (!asking || this.#socket !== socket) return
      asking = false
      done(finding)
    }
    let head = ''
    let bytes = 0
    socket.on('connect', () => socket.write(this.#request))
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (asking) {
        head += chunk.toString('latin1')
        this.#read(head, end)
      }
      if (bytes > MAX_BYTES) {
        end('the head of the answer is too large')
        socket.destroy()
      }
    })
    socket.on('error', (error) => end(`no answer: ${error.message}`))
    socket.on('close', () => end('no answer: the connection was closed'))
  }

  /** Also ends the wait for the rest of an answer whose status is known. */
  cancel(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
  }

  #read(head: string, end: (finding: Finding) => void): void {
    const status = readStatus(head)
    if (status === null) return
    if (status === 0) {
      end('the answer is not HTTP/1')
      this.#socket?.destroy()
      return
    }
    this.answered = true
    end(this.#expects(status) ? null : `answered ${status}`)
  }

  #expects(status: number): boolean {
    const ranges = this.#settings.expectedStatuses
    if (ranges.length === 0) return status === 200
    return ranges.some(({ start, end }) => status >= start && status < end)
  }
}
