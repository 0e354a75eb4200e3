/** Of the descriptors there are, clients leave so many to the connections to hosts that their requests need. */
const CLIENTS_SHARE = 0.9

/**
 * How many connections the process has and may have. The last tenth of them is for hosts: when descriptors run short,
 * new clients are refused while the requests of those who are in still find their way.
 */
export class Descriptors {
  /** Connections that file descriptors allow. */
  readonly limit: number
  /** Connections from clients and to hosts. */
  clients = 0
  hosts = 0

  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.limit = limit
  }

  /** Why no client may come in; null while one may. */
  get clientRefusal(): string | null {
    if (this.clients + this.hosts < this.limit * CLIENTS_SHARE) return null
    return `file descriptors are short: ${this.#inUse}`
  }

  /** Why no host may be called; null while one may. */
  get hostRefusal(): string | null {
    return this.clients + this.hosts < this.limit
      ? null
      : `no file descriptor is left: ${this.#inUse}`
  }

  get #inUse(): string {
    return `${this.clients} clients and ${this.hosts} hosts of ${this.limit} connections`
  }
}
