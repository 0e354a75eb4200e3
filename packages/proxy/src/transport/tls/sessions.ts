import type { X509Certificate } from 'node:crypto'

/** Hosts whose sessions are kept; the one asked for longest ago makes room. */
const MAX_HOSTS = 1024

/** Node shows the certificate of a host only when the host does: it is kept with the session that it began. */
export interface KeptSession {
  readonly session: Buffer
  readonly certificate: X509Certificate
}

/** Sessions that servers gave, to be gone on with: the latest first. */
export class Sessions {
  readonly #perHost: number
  readonly #hosts = new Map<string, KeptSession[]>()

  constructor(perHost: number) {
    this.#perHost = perHost
  }

  latest(host: string): KeptSession | null {
    const kept = this.#hosts.get(host)
    if (kept === undefined) return null
    this.#hosts.delete(host)
    this.#hosts.set(host, kept)
    // Each is used once where there are others, so that nobody sees that two connections are one client's.
    return (kept.length > 1 ? kept.shift() : kept[0]) ?? null
  }

  keep(host: string, session: KeptSession): void {
    if (this.#perHost === 0) return
    const kept = this.#hosts.get(host) ?? []
    kept.unshift(session)
    kept.length = Math.min(kept.length, this.#perHost)
    this.#hosts.set(host, kept)
    if (this.#hosts.size > MAX_HOSTS) this.#hosts.delete(this.#hosts.keys().next().value!)
  }

  /** They are of no use any more. */
  forget(host: string): void {
    this.#hosts.delete(host)
  }

  clear(): void {
    this.#hosts.clear()
  }
}
