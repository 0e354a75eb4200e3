import { bad, good, type Problem, type Result } from '@tulle/core'
import {
  type Bootstrap,
  type Cluster as ClusterConfig,
  type ConnectionManager,
  type FilterChain,
  type FilterConfig,
  type HttpManager,
  type Listener as ListenerConfig,
  RPC_OPTIONS,
  type RpcManager,
} from '@tulle/model'
import { type Ask, Demand, type Reads } from '../demand.ts'
import { type AccessLog, configureAccessLogs } from '../filter/access-log/access-log.ts'
import type { FilterKind } from '../filter.ts'
import { Depth, type Protocol } from '../protocol.ts'
import { compile } from '../route/compile.ts'
import type { Tongue } from '../transcoder.ts'
import { type Material, readMaterial } from '../transport/tls/material.ts'
import type { Balancing } from '../upstream/cluster.ts'
import { HTTP1, HTTP2, type Parts } from './parts.ts'
import { configureTongues, dialectsOf } from './tongues.ts'

/** A configuration whose every part has been found and has read its settings: nothing in it can be wrong any more. */
export interface Plan {
  readonly bootstrap: Bootstrap
  /** What it was planned with, and runs with. */
  readonly parts: Parts
  readonly clusters: readonly ClusterPlan[]
  readonly listeners: readonly ListenerPlan[]
}

export interface ClusterPlan {
  readonly config: ClusterConfig
  readonly balancing: Balancing
  /** Its certificates as they are now, and where they stand in the configuration; null without TLS. */
  readonly tls: { readonly material: Material; readonly at: string } | null
  /** How calls of its services are said, by dialect; a sentence where they cannot be. */
  readonly tongues: ReadonlyMap<string, Tongue | string>
}

export interface ListenerPlan {
  readonly config: ListenerConfig
  readonly chains: readonly ChainPlan[]
}

export interface ChainPlan {
  readonly config: FilterChain
  /** What its manager speaks; the first takes bytes that are none of the others'. */
  readonly protocols: readonly Protocol[]
  /** Its certificates as they are now, and where they stand in the configuration; null without TLS of its own. */
  readonly tls: { readonly material: Material; readonly at: string } | null
  readonly filters: readonly { readonly kind: FilterKind<unknown>; readonly settings: unknown }[]
  readonly accessLogs: readonly AccessLog[]
  /** How deep its rules read messages. */
  readonly reads: Reads
}

const TCP_READS: Reads = { depth: 'nothing', why: 'tcp_proxy passes bytes on as they come' }
const HTTP_READS: Reads = { depth: 'headers', why: 'HTTP is read by the heads of its messages' }

/** Finds every part that a configuration names and lets it read its settings. Pure: nothing is opened or started. */
export function plan(bootstrap: Bootstrap, parts: Parts): Result<Plan> {
  const planner = new Planner(parts)
  const clusters = bootstrap.clusters.map((config, i) => planner.cluster(config, `clusters[${i}]`))
  const listeners = bootstrap.listeners.map((config, i) =>
    planner.listener(config, `listeners[${i}]`),
  )
  if (planner.problems.length > 0) return bad(...planner.problems)
  return good({ bootstrap, parts, clusters, listeners })
}

class Planner {
  readonly #parts: Parts
  readonly problems: Problem[] = []
  /** Clusters whose hosts hear calls in other words than their callers'. */
  readonly #translating = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  cluster(config: ClusterConfig, place: string): ClusterPlan {
    const at = `static_resources.${place}`
    const { name, settings } = config.balancer
    const kind = this.#parts.balancers.get(name) ?? this.#parts.balancers.parts[0]!
    if (kind.name !== name) this.#say(`${at}.lb_policy`, this.#unknown('balancer', name))
    const configured = kind.configure(settings, `${at}.lb_policy`)
    this.problems.push(...(configured.ok ? [] : configured.problems))
    for (const [i, { probe }] of config.healthChecks.entries())
      if (probe.kind === 'heartbeat' && this.#parts.protocols.get(probe.protocol) === null)
        this.#say(`${at}.health_checks[${i}]`, this.#unknown('protocol', probe.protocol))
    const balancing = { kind, settings: configured.ok ? configured.value : null }
    const tongues = this.#tongues(config, at)
    if (tongues.size > 0 || config.rpc.wrapped) this.#translating.add(config.name)
    return { config, balancing, tls: this.#clusterTls(config, at), tongues }
  }

  #tongues(config: ClusterConfig, place: string): ClusterPlan['tongues'] {
    const at = `${place}.typed_extension_protocol_options[${JSON.stringify(RPC_OPTIONS)}]`
    const { protocols, dialects, transcoders } = this.#parts
    for (const name of dialectsOf(config))
      if (protocols.get(name)?.speech !== 'rpc' && dialects.get(name) === null)
        this.#say(`${at}.protocol`, this.#unknown('protocol', name))
    return configureTongues(config, transcoders, at, this.problems)
  }

  #clusterTls({ tls }: ClusterConfig, at: string): ClusterPlan['tls'] {
    if (tls === null) return null
    const here = `${at}.transport_socket.typed_config`
    const material = readMaterial(tls, here)
    if (material.ok) return { material: material.value, at: here }
    this.problems.push(...material.problems)
    return null
  }

  listener(config: ListenerConfig, place: string): ListenerPlan {
    const at = `static_resources.${place}`
    const chains = config.chains.map((chain, i) => this.#chain(chain, `${at}.filter_chains[${i}]`))
    return { config, chains }
  }

  #chain(config: FilterChain, here: string): ChainPlan {
    const { manager } = config
    const protocols = this.#matched(config, this.#spoken(manager, here), here)
    const tls = this.#tls(config, protocols, here)
    const at = `${here}.filters[0].typed_config`
    if (manager.kind === 'tcp') {
      const accessLogs = this.#accessLogs(manager, at)
      return { config, protocols, tls, filters: [], accessLogs, reads: TCP_READS }
    }
    const demand = new Demand(manager.kind, protocols)
    this.#routes(manager, demand, `${at}.route_config`)
    const filters = manager.filters.flatMap((filter) => this.#filter(filter, demand))
    const accessLogs = this.#accessLogs(manager, at, demand)
    this.problems.push(...demand.problems)
    const reads = manager.kind === 'http' ? HTTP_READS : demand.reads
    return { config, protocols, tls, filters, accessLogs, reads }
  }

  #routes({ kind, routes }: HttpManager | RpcManager, demand: Demand, at: string): void {
    const ask: Ask = (depth, who, inside) => demand.ask(depth, who, `${at}.${inside}`)
    for (const { action } of routes.virtualHosts.flatMap((host) => host.routes))
      for (const { name } of action.kind === 'forward' ? action.clusters : [])
        if (this.#translating.has(name))
          demand.note(Depth.Headers, `saying calls in the words of cluster "${name}"`, at)
    const table = compile(routes, kind, () => null, ask)
    if (table.ok) return
    for (const { at: inside, what } of table.problems) this.#say(`${at}.${inside}`, what)
  }

  #accessLogs(manager: ConnectionManager, at: string, demand?: Demand): readonly AccessLog[] {
    const logs = configureAccessLogs(manager.accessLogs, `${at}.access_log`, demand)
    if (logs.ok) return logs.value
    this.problems.push(...logs.problems)
    return []
  }

  /** Of what the manager speaks, what comes to this chain; in the clear its match tells. */
  #matched(
    { protocols: names, transport }: FilterChain,
    spoken: readonly Protocol[],
    here: string,
  ): readonly Protocol[] {
    if (transport === 'tls' || names.length === 0) return spoken
    const known = spoken.map(({ name }) => name)
    for (const name of names)
      if (!known.includes(name))
        this.#say(
          `${here}.filter_chain_match`,
          `connections of "${name}" cannot go to a chain that speaks ${known.join(' and ')}`,
        )
    const matched = spoken.filter(({ name }) => names.includes(name))
    return matched.length > 0 ? matched : spoken
  }

  #tls(config: FilterChain, protocols: readonly Protocol[], here: string): ChainPlan['tls'] {
    const { tls, transport, manager } = config
    if (tls === null) {
      if (transport === 'tls' && manager.kind !== 'tcp')
        this.#say(
          `${here}.filter_chain_match`,
          'connections with TLS cannot be read without "transport_socket"; only tcp_proxy passes them on as they are',
        )
      return null
    }
    const at = `${here}.transport_socket.typed_config`
    for (const name of tls.alpn)
      if ((name === HTTP1 || name === HTTP2) && protocols.every((one) => one.name !== name))
        this.#say(
          `${at}.common_tls_context.alpn_protocols`,
          `"${name}" must not be offered: the chain speaks ${protocols.map((one) => one.name).join(' and ')}`,
        )
    const material = readMaterial(tls, at)
    if (material.ok) return { material: material.value, at }
    this.problems.push(...material.problems)
    return null
  }

  #filter(config: FilterConfig, demand: Demand): ChainPlan['filters'] {
    const kinds = this.#parts.filters.parts
    const kind = kinds.find(({ types }) => types.includes(config.type))
    if (kind === undefined) {
      const known = kinds.flatMap(({ types }) => types).join(', ')
      this.#say(config.at, `no filter is configured by "${config.type}"; known: ${known}`)
      return []
    }
    const settings = kind.configure(config.settings, config.at, demand)
    if (settings.ok) return [{ kind, settings: settings.value }]
    this.problems.push(...settings.problems)
    return []
  }

  #spoken(manager: ConnectionManager, at: string): readonly Protocol[] {
    const { protocols } = this.#parts
    if (manager.kind === 'http') return this.#http(manager, at)
    if (manager.kind === 'tcp') return [protocols.find('tcp')]
    return this.#rpc(manager, at)
  }

  /** Those that are named, in the order in which first bytes are tried; every one where none is. */
  #rpc(manager: RpcManager, at: string): readonly Protocol[] {
    const rpc = this.#parts.protocols.parts.filter(({ speech }) => speech === 'rpc')
    for (const name of manager.protocols)
      if (!rpc.some((one) => one.name === name))
        this.#say(`${at}.filters[0].typed_config.protocol`, this.#unknown('protocol', name))
    const named = rpc.filter(({ name }) => manager.protocols.includes(name))
    return named.length > 0 ? named : rpc
  }

  /** HTTP/1 first: it has words for clients that speak nothing. */
  #http({ codec }: HttpManager, at: string): readonly Protocol[] {
    const { protocols } = this.#parts
    const first = protocols.find(HTTP1)
    const second = protocols.get(HTTP2)
    if (codec === 'http1' || (codec === 'auto' && second === null)) return [first]
    if (codec === 'auto') return [first, second!]
    if (second !== null) return [second]
    this.#say(`${at}.filters[0].typed_config.codec_type`, this.#unknown('protocol', HTTP2))
    return [first]
  }

  #unknown(what: 'balancer' | 'protocol', name: string): string {
    const catalog = what === 'balancer' ? this.#parts.balancers : this.#parts.protocols
    const known = catalog.names.filter((one) => one !== HTTP1 && one !== HTTP2 && one !== 'tcp')
    return `no ${what} "${name}"; known: ${known.join(', ')}`
  }

  #say(at: string, what: string): void {
    this.problems.push({ at, what })
  }
}
