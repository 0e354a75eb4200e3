import type { Cluster as ClusterConfig, Endpoint } from '@tulle/model'
import type { BalancerKind, Picker } from '../balancer.ts'
import { type Dialect, GRPC } from '../convert/dialect.ts'
import type { Translator } from '../convert/translator.ts'
import type { Frame } from '../frame.ts'
import { Unfit, type Witness } from '../health.ts'
import { GrpcCounts } from '../http/grpc-counts.ts'
import { type ClusterSeries, clusterFamily, clusterGrpcFamily } from '../metrics.ts'
import type { Protocol } from '../protocol.ts'
import type { Site } from '../site.ts'
import type { ClientTransport } from '../transport.ts'
import { Host } from './host.ts'
import { eligible } from './panic.ts'

/** Watches the hosts of a cluster and moves their `unfit` bits. */
export interface Watcher {
  /** The hosts there are now. */
  watch(hosts: readonly Host[]): void
  stop(): void
}

/** A balancer with its settings, ready to make pickers. */
export interface Balancing {
  readonly kind: BalancerKind<unknown>
  readonly settings: unknown
}

/** How hosts are spoken to. */
export interface Speech {
  /** The version of HTTP; null is the client's. */
  readonly http: Protocol | null
  /** Where TLS negotiates: the version for hosts that do not agree on that one. */
  readonly fallback: Protocol | null
  /** Says calls as hosts want them; null: hosts hear what callers say. */
  readonly translator: Translator | null
  /** What is agreed on with every connection before it is used (TLS); null: nothing. */
  readonly transport: ClientTransport | null
}

/** A named set of hosts. Changes of hosts or health replace `picker`; requests in flight keep the host they have. */
export class Cluster {
  readonly name: string
  readonly config: ClusterConfig
  readonly site: Site
  readonly stats: ClusterSeries
  /** Calls of gRPC by the status that hosts gave them. */
  readonly calls: GrpcCounts
  readonly #balancing: Balancing
  picker: Picker<Host>
  hosts: readonly Host[] = []
  /** Retries under way. */
  retries = 0
  /** Made when the cluster is built: they watch for as long as it lives. */
  watchers: readonly Watcher[] = []
  /** Gives each new host its witness; null when nobody watches answers. */
  witness: ((host: Host) => Witness) | null = null
  readonly transport: ClientTransport | null
  readonly translator: Translator | null
  /** Where hosts speak different things: those that speak each. */
  #pickers: ReadonlyMap<Dialect, Picker<Host>> | null = null
  readonly #speech: Speech
  #panicking = false

  constructor(config: ClusterConfig, site: Site, balancing: Balancing, speech: Speech) {
    this.name = config.name
    this.config = config
    this.site = site
    this.#balancing = balancing
    this.#speech = speech
    this.transport = speech.transport
    this.translator = speech.translator
    this.stats = site.metrics.series(clusterFamily, config.name)
    this.calls = new GrpcCounts(site.metrics, clusterGrpcFamily, config.name)
    this.picker = balancing.kind.picker<Host>([], balancing.settings, null, site.random)
  }

  /** The protocol in which a request that came in `asked` goes to a host that speaks as its caller does. */
  spoken(asked: Protocol, host: Host): Protocol {
    if (asked.speech !== 'http') return asked
    if (host.speaks === GRPC) return this.translator!.http2
    return this.#speech.http ?? asked
  }

  /** TLS decides the version of HTTP, connection by connection. */
  get negotiates(): boolean {
    return this.#speech.fallback !== null
  }

  /** The protocol of a connection that was made for `wanted` and agreed on `alpn`. */
  agreed(wanted: Protocol, alpn: string): Protocol {
    const { http, fallback } = this.#speech
    return fallback !== null && wanted === http && alpn !== http.name ? fallback : wanted
  }

  /** Takes over a new list of endpoints, each with an address. Hosts that stay keep their connections and health. */
  update(endpoints: readonly { readonly endpoint: Endpoint; readonly ip: string }[]): void {
    const known = new Map(this.hosts.map((host) => [host.address, host]))
    const next = new Map<string, Host>()
    for (const { endpoint, ip } of endpoints) {
      const fresh = new Host(this, endpoint, ip)
      const host = known.get(fresh.address) ?? fresh
      host.weight = endpoint.weight
      host.priority = endpoint.priority
      host.speaks = spokenBy(endpoint, this.config)
      if (host === fresh && this.witness !== null) host.witness = this.witness(host)
      host.unfit = isFit(endpoint) ? host.unfit & ~Unfit.Registry : host.unfit | Unfit.Registry
      next.set(host.address, host)
    }
    for (const host of this.hosts) if (next.get(host.address) !== host) host.retire()
    this.hosts = [...next.values()]
    this.stats.update_total++
    for (const watcher of this.watchers) watcher.watch(this.hosts)
    this.publish()
  }

  /** Makes a picker of the hosts that may be chosen now. */
  publish(): void {
    const { hosts, panic } = eligible(this.hosts, this.config.panicThresholdPercent)
    if (panic && !this.#panicking) {
      this.stats.lb_panic++
      this.site.log.warn('too few healthy hosts: all are used', {
        cluster: this.name,
        hosts: this.hosts.length,
      })
    }
    this.#panicking = panic
    this.stats.hosts = this.hosts.length
    this.stats.hosts_healthy = this.hosts.filter((host) => host.unfit === 0).length
    const { kind, settings } = this.#balancing
    this.picker = kind.picker<Host>(hosts, settings, this.picker, this.site.random)
    this.#pickers = this.#byDialect(hosts)
  }

  /** Who chooses a host for a request: of hosts that speak different things, one that speaks as the caller does. */
  pickerFor(request: Frame): Picker<Host> {
    if (this.#pickers === null) return this.picker
    return this.#pickers.get(this.translator!.asked(request)) ?? this.picker
  }

  /** Whether a host would be a choice for a request. */
  suits(host: Host, request: Frame): boolean {
    if (this.#pickers === null || host.speaks === null) return true
    const asked = this.translator!.asked(request)
    return host.speaks === asked || !this.#pickers.has(asked)
  }

  #byDialect(hosts: readonly Host[]): ReadonlyMap<Dialect, Picker<Host>> | null {
    const spoken = new Set(hosts.map(({ speaks }) => speaks))
    if (spoken.size < 2 || this.translator === null) return null
    const { kind, settings } = this.#balancing
    const pickers = new Map<Dialect, Picker<Host>>()
    for (const dialect of spoken) {
      if (dialect === null) continue
      const able = hosts.filter(({ speaks }) => speaks === null || speaks === dialect)
      const before = this.#pickers?.get(dialect) ?? null
      pickers.set(dialect, kind.picker<Host>(able, settings, before, this.site.random))
    }
    return pickers
  }

  /** The cluster is gone from the configuration: what is under way ends in peace. */
  retire(): void {
    for (const watcher of this.watchers) watcher.stop()
    for (const host of this.hosts) host.retire()
    this.transport?.stop()
  }

  /** Takes its numbers back: no cluster of this name is left. */
  forget(): void {
    this.site.metrics.drop(clusterFamily, this.name)
    this.calls.drop()
  }
}

/** What a host speaks: its own metadata says, or its cluster; null is whatever the caller does. */
export function spokenBy({ metadata }: Endpoint, { rpc }: ClusterConfig): Dialect | null {
  const said = (metadata.tulle as { protocol?: unknown } | undefined)?.protocol
  return typeof said === 'string' ? said : rpc.protocol
}

function isFit(endpoint: Endpoint): boolean {
  return endpoint.healthStatus !== 'unhealthy' && endpoint.healthStatus !== 'draining'
}
