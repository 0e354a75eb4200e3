import type { LogLevel, Metrics } from '@tulle/core'
import type { CircuitBreakers } from '@tulle/model'

/** What the admin side shows and moves: a whole proxy, however many workers it has. */
export interface AdminSubject {
  /** Whether new work may be sent here; `why` is the sentence that says why not. */
  ready(): Readiness
  info(): ServerInfo
  /** The sum over all workers. */
  metrics(): Promise<Metrics>
  /** In the order of the configuration; numbers of hosts are sums over all workers. */
  clusters(): Promise<readonly ClusterView[]>
  listeners(): Promise<readonly ListenerView[]>
  /** The configuration in force. */
  configDump(): unknown
  /** Setting it changes all workers. */
  logLevel: LogLevel
  /** Stops taking connections, lets calls under way end, then ends the process. */
  drain(): void
}

export interface Readiness {
  readonly ok: boolean
  readonly why: string
}

export interface ServerInfo {
  /** `node.id` of the configuration. */
  readonly id: string
  /** Of the program. */
  readonly version: string
  /** Counts the configurations applied so far. */
  readonly configVersion: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly workers: number
  readonly pid: number
}

export interface ClusterView {
  readonly name: string
  /** `round_robin` */
  readonly balancer: string
  readonly limits: CircuitBreakers
  readonly hosts: readonly HostView[]
}

export type HealthWord = 'healthy' | 'unhealthy' | 'degraded' | 'draining'

export interface HostView {
  /** `10.0.0.1:8080` */
  readonly address: string
  readonly weight: number
  readonly priority: number
  readonly health: HealthWord
  /** Why it may not be chosen, in words; empty while it may. */
  readonly unfit: readonly string[]
  /** Requests under way. */
  readonly active: number
  readonly rq_total: number
  /** Requests that failed: an answer that meant failure, a reset, no connection. */
  readonly rq_error: number
  readonly rq_timeout: number
  readonly cx_active: number
  readonly cx_connect_fail: number
}

export interface ListenerView {
  readonly name: string
  /** As bound: `0.0.0.0:8080`. */
  readonly address: string
  readonly state: 'listening' | 'draining'
  readonly chains: readonly ChainView[]
}

/** One filter chain; `stat_prefix` and `protocol` find its numbers among the `downstream` series. */
export interface ChainView {
  readonly stat_prefix: string
  /** What its connection manager speaks: `http`, `bolt`, `tcp`. */
  readonly protocol: string
}
