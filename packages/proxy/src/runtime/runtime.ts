import { isDeepStrictEqual } from 'node:util'
import { addressText } from '@tulle/model'
import { LogFiles } from '../filter/access-log/log-files.ts'
import { Listener } from '../listen/listener.ts'
import type { Reception } from '../listen/reception.ts'
import { type ServerSeries, serverFamily } from '../metrics.ts'
import type { Site } from '../site.ts'
import type { Cluster } from '../upstream/cluster.ts'
import { Discovery, type Resolve, systemResolve } from '../upstream/discovery.ts'
import { buildCluster } from './build.ts'
import { buildReception } from './build-reception.ts'
import type { Parts } from './parts.ts'
import type { ListenerPlan, Plan } from './plan.ts'

/** How long a start or an update waits for names to resolve before it goes on without. */
const DNS_WAIT_MS = 5000

/** A cluster at work. */
interface Running {
  readonly cluster: Cluster
  readonly discovery: Discovery
}

/**
 * What is configured now, at work. A new plan is built aside, swapped in by assignments, and what it replaces drains;
 * clusters and listeners that did not change keep their connections, counters and health.
 */
export class Runtime {
  readonly site: Site
  readonly files: LogFiles
  readonly stats: ServerSeries
  #parts: Parts
  readonly #resolve: Resolve
  readonly #admission: { open: number; max: number; onRefused(): void }
  /** Connections that file descriptors allow. */
  readonly #descriptors: number
  /** Several processes listen on the same ports. */
  readonly #shared: boolean
  /** Of these, the one that listens on what they cannot share: unix sockets. */
  readonly #first: boolean
  #clusters = new Map<string, Running>()
  #listeners = new Map<string, Listener>()
  plan: Plan | null = null

  constructor(
    site: Site,
    parts: Parts,
    options: {
      readonly maxConnections?: number
      readonly shared?: boolean
      readonly first?: boolean
      readonly resolve?: Resolve
    } = {},
  ) {
    this.site = site
    this.#parts = parts
    this.#shared = options.shared ?? false
    this.#first = options.first ?? true
    this.#resolve = options.resolve ?? systemResolve
    this.stats = site.metrics.series(serverFamily)
    this.files = new LogFiles(this.stats, site.log)
    this.#descriptors = options.maxConnections ?? Number.POSITIVE_INFINITY
    this.#admission = {
      open: 0,
      max: this.#descriptors,
      onRefused: () => {
        this.stats.overload_refused++
      },
    }
  }

  get listeners(): readonly Listener[] {
    return [...this.#listeners.values()]
  }

  get clusters(): readonly Cluster[] {
    return [...this.#clusters.values()].map(({ cluster }) => cluster)
  }

  get openConnections(): number {
    return this.#admission.open
  }

  get maxConnections(): number {
    return this.#admission.max
  }

  /** Takes over a plan. Throws `PORT_IN_USE` or `LISTEN_FAILED` and changes nothing when a port cannot be had. */
  async apply(plan: Plan): Promise<void> {
    this.#parts = plan.parts
    const clusters = await this.#buildClusters(plan)
    const resolve = (name: string): Cluster | null => clusters.get(name)?.cluster ?? null
    const opened: Listener[] = []
    try {
      await this.#openListeners(plan, resolve, opened)
    } catch (error) {
      for (const listener of opened) listener.destroy()
      this.#discard(clusters)
      throw error
    }
    this.site.name = plan.bootstrap.node.id || 'tulle'
    this.#admission.max = Math.min(
      this.#descriptors,
      plan.bootstrap.overload.maxConnections || Number.POSITIVE_INFINITY,
    )
    this.#swap(plan, clusters, opened, resolve)
  }

  /** Clusters that were built and are not to be used: what they told the numbers is taken back. */
  #discard(clusters: ReadonlyMap<string, Running>): void {
    for (const [name, running] of clusters) {
      const present = this.#clusters.get(name)
      if (present === running) continue
      retire(running)
      if (present === undefined) running.cluster.forget()
      else present.cluster.publish()
    }
  }

  /** Accepts no more. Connections end as their protocol allows, by force after `drainMs`. */
  drain(drainMs: number): void {
    for (const listener of this.#listeners.values()) listener.drain(drainMs)
  }

  async stop(): Promise<void> {
    for (const listener of this.#listeners.values()) listener.destroy()
    for (const running of this.#clusters.values()) retire(running)
    this.site.wheel.stop()
    await this.files.stop()
  }

  /** Unchanged clusters as they are, the others new and, as far as names resolve in time, with hosts. */
  async #buildClusters(plan: Plan): Promise<Map<string, Running>> {
    const next = new Map<string, Running>()
    const starting: Promise<void>[] = []
    for (const one of plan.clusters) {
      const known = this.#clusters.get(one.config.name)
      if (known !== undefined && isDeepStrictEqual(known.cluster.config, one.config)) {
        next.set(one.config.name, known)
        continue
      }
      const cluster = buildCluster(one, this.site, this.#parts)
      const discovery = new Discovery(this.site, cluster, this.#resolve)
      starting.push(discovery.start())
      next.set(one.config.name, { cluster, discovery })
    }
    await Promise.race([Promise.all(starting), waited(DNS_WAIT_MS)])
    return next
  }

  /** Opens sockets for addresses that are new; they go to work with the new chains at once. */
  async #openListeners(
    plan: Plan,
    resolve: (name: string) => Cluster | null,
    opened: Listener[],
  ): Promise<void> {
    for (const one of plan.listeners) {
      if (this.#listeners.has(keyOf(one))) continue
      const reception = this.#reception(one, null, resolve)
      const listener = new Listener(this.site, reception, this.#admission)
      if (this.#first || one.config.address.path === undefined) await listener.open(this.#shared)
      opened.push(listener)
    }
  }

  #swap(
    plan: Plan,
    clusters: Map<string, Running>,
    opened: readonly Listener[],
    resolve: (name: string) => Cluster | null,
  ): void {
    const before = this.#listeners
    const listeners = new Map<string, Listener>()
    const fresh = new Set(opened)
    for (const one of plan.listeners) {
      const key = keyOf(one)
      const listener =
        before.get(key) ?? opened.find(({ reception }) => reception.config === one.config)!
      if (!fresh.has(listener)) this.#reconfigure(listener, one, resolve)
      listeners.set(key, listener)
    }
    for (const [key, listener] of before) if (!listeners.has(key)) listener.drain(drainMs(listener))
    for (const { config, tongues } of plan.clusters) {
      const running = this.#clusters.get(config.name)
      if (running !== undefined && clusters.get(config.name) === running)
        running.cluster.translator?.learn(tongues)
    }
    for (const [name, running] of this.#clusters) {
      if (clusters.get(name) === running) continue
      retire(running)
      if (!clusters.has(name)) running.cluster.forget()
    }
    this.#listeners = listeners
    this.#clusters = clusters
    this.plan = plan
    this.stats.config_updates++
    this.stats.config_version++
  }

  #reconfigure(
    listener: Listener,
    plan: ListenerPlan,
    resolve: (name: string) => Cluster | null,
  ): void {
    const { intakes, chains } = listener
    listener.reception = this.#reception(plan, listener.reception, resolve)
    const kept = new Set(listener.intakes)
    for (const intake of intakes) if (!kept.has(intake)) intake.drain()
    const secure = new Set(listener.chains.map(({ transport }) => transport))
    for (const { transport } of chains) if (!secure.has(transport)) transport?.stop()
  }

  #reception(
    plan: ListenerPlan,
    before: Reception | null,
    resolve: (name: string) => Cluster | null,
  ): Reception {
    const { site, files } = this
    return buildReception(plan, before, { site, files, resolve, parts: this.#parts })
  }
}

/** A listener is its address: another name for the same socket is the same listener. Port 0 is always another one. */
function keyOf({ config: { name, address } }: ListenerPlan): string {
  if (address.path !== undefined) return addressText(address)
  return `${address.host}|${address.port === 0 ? name : address.port}`
}

function drainMs(listener: Listener): number {
  return Math.max(...listener.intakes.map(({ settings }) => settings.drainTimeoutMs))
}

function retire({ cluster, discovery }: Running): void {
  discovery.stop()
  cluster.retire()
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
