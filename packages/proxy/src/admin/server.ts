import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, type Logger, MeshError, systemClock } from '@tulle/core'
import { addressText, type SocketAddress } from '@tulle/model'
import { isExposed, refusal } from './guard.ts'
import { type Reply, text } from './reply.ts'
import { createRouter, type Router } from './router.ts'
import type { AdminSubject } from './subject.ts'

export interface AdminOptions {
  readonly subject: AdminSubject
  /** `Bootstrap.admin`. */
  readonly address: SocketAddress
  readonly log: Logger
  readonly clock?: Clock
}

/** The admin listener. It has no password: whoever reaches its address may read and move everything. */
export class AdminServer {
  readonly #address: SocketAddress
  readonly #log: Logger
  readonly #router: Router
  readonly #server: Server

  constructor({ subject, address, log, clock = systemClock }: AdminOptions) {
    this.#address = address
    this.#log = log
    this.#router = createRouter(subject, clock)
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 30_000 },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.maxConnections = 256
  }

  /** Begins to listen; the address it got. Throws `PORT_IN_USE` or `LISTEN_FAILED`. */
  async listen(): Promise<SocketAddress> {
    const { host, port } = this.#address
    try {
      this.#server.listen(port, host)
      await once(this.#server, 'listening')
    } catch (cause) {
      throw listenError(this.#address, cause)
    }
    this.#server.on('error', (error) =>
      this.#log.error('admin listener failed', { error: error.message }),
    )
    const bound = this.#server.address() as AddressInfo
    if (isExposed(host))
      this.#log.warn('admin listens beyond loopback and has no password', {
        host,
        port: bound.port,
      })
    return { host, port: bound.port }
  }

  /** Stops listening and closes what is open. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A body would mean nothing here; it is read away so that the connection can be used again.
    request.resume()
    response.on('error', (error) =>
      this.#log.debug('admin reader went away', { error: error.message }),
    )
    const reply = await this.#reply(request)
    response.writeHead(reply.status, {
      ...SAFETY,
      'content-type': reply.type,
      'content-length': Buffer.byteLength(reply.body),
      ...(reply.allow === undefined ? {} : { allow: reply.allow }),
    })
    response.end(reply.body)
  }

  async #reply(request: IncomingMessage): Promise<Reply> {
    const refused = refusal(request, this.#address.host)
    if (refused !== null) return text(refused, 403)
    const url = URL.parse(request.url ?? '/', 'http://admin')
    if (url === null) return text('this is not a path', 400)
    const { pathname: path, searchParams: query } = url
    try {
      return await this.#router.answer(request.method!, { path, query, headers: request.headers })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.error('admin request failed', { path, error: reason })
      return text(`${path} failed: ${reason}`, 500)
    }
  }
}

/** The page needs nothing from anywhere else, and nobody needs it inside another page. */
const SAFETY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

function listenError(address: SocketAddress, cause: unknown): MeshError {
  const where = addressText(address)
  const { code, message } = cause as NodeJS.ErrnoException
  return code === 'EADDRINUSE'
    ? new MeshError(
        'PORT_IN_USE',
        `the admin listener cannot use ${where}: another process listens there; stop it or give "admin" another port`,
        { cause },
      )
    : new MeshError('LISTEN_FAILED', `the admin listener cannot use ${where}: ${message}`, {
        cause,
      })
}
