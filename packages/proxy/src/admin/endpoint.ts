import type { IncomingHttpHeaders } from 'node:http'
import type { Reply } from './reply.ts'

/** What was asked, taken apart. */
export interface Ask {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
}

/** One path of the admin side. GET only shows; whatever changes something is a POST. */
export interface Endpoint {
  readonly path: string
  /** For `/help` and docs/admin.md. */
  readonly help: string
  get(ask: Ask): Reply | Promise<Reply>
  /** null where there is nothing to change. */
  readonly post: ((ask: Ask) => Reply) | null
}
