import { lookup } from 'node:dns/promises'
import { Backoff, Timed } from '@tulle/core'
import { addressText, type Cluster as ClusterConfig, type Endpoint } from '@tulle/model'
import type { Site } from '../site.ts'
import type { Cluster } from './cluster.ts'
import { isName } from './host.ts'

/** Turns a name into addresses; `family` 0 asks for both. Rejects when there are none. */
export type Resolve = (name: string, family: 0 | 4 | 6) => Promise<readonly string[]>

export const systemResolve: Resolve = async (name, family) =>
  (await lookup(name, { all: true, family })).map(({ address }) => address)

/**
 * Keeps a cluster's hosts up to date: at once for STATIC, from DNS again and again for the others. STRICT_DNS uses
 * every address of a name, LOGICAL_DNS the first. A name that does not resolve keeps the addresses it had.
 */
export class Discovery extends Timed {
  readonly #site: Site
  readonly #cluster: Cluster
  readonly #config: ClusterConfig
  readonly #resolve: Resolve
  readonly #backoff: Backoff
  /** What each name meant last. */
  readonly #known = new Map<string, readonly string[]>()
  #stopped = false
  #last = ''

  constructor(site: Site, cluster: Cluster, resolve: Resolve) {
    super()
    this.#site = site
    this.#cluster = cluster
    this.#config = cluster.config
    this.#resolve = resolve
    this.#backoff = new Backoff(500, this.#config.dnsRefreshMs, site.random)
  }

  /** Resolves when the hosts are known, or known not to be to be had for now. */
  async start(): Promise<void> {
    if (this.#config.endpoints.every(({ address }) => !isName(address))) this.#publish()
    else await this.#refresh()
  }

  stop(): void {
    this.#stopped = true
    this.#site.wheel.clear(this)
  }

  override onDue(): void {
    this.#refresh().catch((error: unknown) => this.#site.log.error('discovery failed', { error }))
  }

  async #refresh(): Promise<void> {
    const names = this.#config.endpoints.flatMap(({ address }) =>
      isName(address) ? [address.host] : [],
    )
    const failures = await Promise.all([...new Set(names)].map((name) => this.#lookUp(name)))
    if (this.#stopped) return
    this.#publish()
    const failed = failures.some((failure) => failure)
    if (!failed) this.#backoff.reset()
    const waitMs = failed ? Math.max(100, this.#backoff.next()) : this.#config.dnsRefreshMs
    this.#site.wheel.set(this, waitMs, this.#site.turn.begin())
  }

  /** Whether it failed. */
  async #lookUp(name: string): Promise<boolean> {
    try {
      const addresses = await this.#byFamily(name)
      this.#known.set(
        name,
        this.#config.discovery === 'logical-dns' ? addresses.slice(0, 1) : addresses,
      )
      return false
    } catch (error) {
      this.#cluster.stats.update_failed++
      this.#site.log.warn('a host name does not resolve', {
        cluster: this.#cluster.name,
        name,
        error: error instanceof Error ? error.message : String(error),
      })
      return true
    }
  }

  async #byFamily(name: string): Promise<readonly string[]> {
    switch (this.#config.dnsFamily) {
      case 'v4':
        return await this.#resolve(name, 4)
      case 'v6':
        return await this.#resolve(name, 6)
      case 'all':
        return await this.#resolve(name, 0)
      case 'v4-preferred':
        return await this.#resolve(name, 4).catch(() => this.#resolve(name, 6))
      case 'auto':
        return await this.#resolve(name, 6).catch(() => this.#resolve(name, 4))
    }
  }

  #publish(): void {
    const found: { endpoint: Endpoint; ip: string }[] = []
    for (const endpoint of this.#config.endpoints) {
      const { host } = endpoint.address
      const addresses = isName(endpoint.address) ? (this.#known.get(host) ?? []) : [host]
      for (const ip of addresses) found.push({ endpoint, ip })
    }
    const now = found
      .map(({ endpoint: { address }, ip }) => addressText({ ...address, host: ip }))
      .join()
    if (now === this.#last) return
    this.#last = now
    this.#cluster.update(found)
  }
}
