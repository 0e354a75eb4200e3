import { bad, good, type Problem, type Result } from '@tulle/core'
import type {
  Bootstrap,
  Cluster as ClusterConfig,
  ConnectionManager,
  FilterConfig,
  Listener as ListenerConfig,
} from '@tulle/model'
import { type AccessLog, configureAccessLogs } from '../filter/access-log/access-log.ts'
import type { FilterKind } from '../filter.ts'
import type { Protocol } from '../protocol.ts'
import { compile } from '../route/compile.ts'
import type { Balancing } from '../upstream/cluster.ts'
import { HTTP1, type Parts } from './parts.ts'

/** A configuration whose every part has been found and has read its settings: nothing in it can be wrong any more. */
export interface Plan {
  readonly bootstrap: Bootstrap
  readonly clusters: readonly ClusterPlan[]
  readonly listeners: readonly ListenerPlan[]
}

export interface ClusterPlan {
  readonly config: ClusterConfig
  readonly balancing: Balancing
}

export interface ListenerPlan {
  readonly config: ListenerConfig
  readonly chains: readonly ChainPlan[]
}

export interface ChainPlan {
  readonly name: string
  readonly manager: ConnectionManager
  readonly protocol: Protocol
  /** Takes connections whose first bytes speak its protocol; otherwise whatever no other chain does. */
  readonly detected: boolean
  readonly filters: readonly { readonly kind: FilterKind<unknown>; readonly settings: unknown }[]
  readonly accessLogs: readonly AccessLog[]
}

/** Finds every part that a configuration names and lets it read its settings. Pure: nothing is opened or started. */
export function plan(bootstrap: Bootstrap, parts: Parts): Result<Plan> {
  const planner = new Planner(parts)
  const clusters = bootstrap.clusters.map((config, i) => planner.cluster(config, `clusters[${i}]`))
  const listeners = bootstrap.listeners.map((config, i) =>
    planner.listener(config, `listeners[${i}]`),
  )
  if (planner.problems.length > 0) return bad(...planner.problems)
  return good({ bootstrap, clusters, listeners })
}

class Planner {
  readonly #parts: Parts
  readonly problems: Problem[] = []

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
    return { config, balancing: { kind, settings: configured.ok ? configured.value : null } }
  }

  listener(config: ListenerConfig, place: string): ListenerPlan {
    const at = `static_resources.${place}`
    const chains = config.chains.map(({ name, protocols, manager }, i) => {
      const here = `${at}.filter_chains[${i}]`
      const protocol = this.#protocol(manager, here)
      for (const named of protocols)
        if (named !== protocol.name)
          this.#say(
            `${here}.filter_chain_match`,
            `connections of "${named}" cannot go to a chain that speaks ${protocol.name}`,
          )
      return this.#chain(
        name,
        manager,
        protocol,
        protocols.length > 0,
        `${here}.filters[0].typed_config`,
      )
    })
    return { config, chains }
  }

  #chain(
    name: string,
    manager: ConnectionManager,
    protocol: Protocol,
    detected: boolean,
    at: string,
  ): ChainPlan {
    const logs = configureAccessLogs(manager.accessLogs, `${at}.access_log`)
    if (!logs.ok) this.problems.push(...logs.problems)
    const accessLogs = logs.ok ? logs.value : []
    if (manager.kind === 'tcp')
      return { name, manager, protocol, detected, filters: [], accessLogs }
    const speech = manager.kind
    const table = compile(manager.routes, speech, () => null)
    if (!table.ok)
      for (const { at: inside, what } of table.problems)
        this.#say(`${at}.route_config.${inside}`, what)
    const filters = manager.filters.flatMap((filter) => this.#filter(filter, speech))
    return { name, manager, protocol, detected, filters, accessLogs }
  }

  #filter(config: FilterConfig, speech: 'http' | 'rpc'): ChainPlan['filters'] {
    const kinds = this.#parts.filters.parts
    const kind = kinds.find(({ types }) => types.includes(config.type))
    if (kind === undefined) {
      const known = kinds.flatMap(({ types }) => types).join(', ')
      this.#say(config.at, `no filter is configured by "${config.type}"; known: ${known}`)
      return []
    }
    const settings = kind.configure(config.settings, config.at, speech)
    if (settings.ok) return [{ kind, settings: settings.value }]
    this.problems.push(...settings.problems)
    return []
  }

  #protocol(manager: ConnectionManager, at: string): Protocol {
    const { protocols } = this.#parts
    if (manager.kind === 'http') return protocols.find(HTTP1)
    if (manager.kind === 'tcp') return protocols.find('tcp')
    const protocol = protocols.get(manager.protocol)
    if (protocol !== null && protocol.name !== HTTP1 && protocol.name !== 'tcp') return protocol
    this.#say(`${at}.filters[0].typed_config.protocol`, this.#unknown('protocol', manager.protocol))
    return protocols.find('tcp')
  }

  #unknown(what: 'balancer' | 'protocol', name: string): string {
    const catalog = what === 'balancer' ? this.#parts.balancers : this.#parts.protocols
    const known = catalog.names.filter((one) => one !== HTTP1 && one !== 'tcp')
    return `no ${what} "${name}"; known: ${known.join(', ')}`
  }

  #say(at: string, what: string): void {
    this.problems.push({ at, what })
  }
}
