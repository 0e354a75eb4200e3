import type { Found } from './measure/programs.ts'

/** How a proxy speaks HTTP with one of its sides. */
export interface Side {
  readonly version: 1 | 2
  /** `server`: the one who listens shows a certificate; `mutual`: both do. */
  readonly tls: 'none' | 'server' | 'mutual'
}

/** What a proxy is asked to do in a work, whoever it is. */
export interface Task {
  readonly protocol: 'http' | 'bolt' | 'dubbo' | 'motan' | 'thrift' | 'tars' | 'redis'
  readonly downstream: Side
  readonly upstream: Side
  /** Whether every request gets what a sidecar adds: an id, tracing headers, `x-forwarded-*`. */
  readonly sidecar: boolean
  /** How calls find their route where it is RPC. */
  readonly rpc: RpcRoute | null
}

/** The one route that calls of RPC take, and what is done to them on the way. */
export interface RpcRoute {
  /** The service, `*` for any. */
  readonly domain: string
  /** What else is asked of them, as a configuration has it. */
  readonly match: object
  /** All three; those that leave headers alone, where a protocol has none; or not one. */
  readonly filters: 'all' | 'no-headers' | 'none'
}

/** What a proxy is asked to do in a run. */
export interface Plan extends Task {
  /** Where it listens. */
  readonly port: number
  /** Where its requests go. */
  readonly to: number
  /** How many further clusters it holds, each with a route of its own (`svc-N.example`). */
  readonly extraClusters: number
  /** How many client connections it must stand. */
  readonly connections: number
  /** The folder of the certificates, for sides with TLS. */
  readonly pki: string
}

export const PLAIN_1: Side = { version: 1, tls: 'none' }
export const PLAIN_2: Side = { version: 2, tls: 'none' }

/** HTTP/1.1 in and out. */
export const HTTP: Task = {
  protocol: 'http',
  downstream: PLAIN_1,
  upstream: PLAIN_1,
  sidecar: false,
  rpc: null,
}
/** HTTP/2 without TLS in and out. */
export const H2C: Task = { ...HTTP, downstream: PLAIN_2, upstream: PLAIN_2 }
/** Bolt, routed by service. */
export const BOLT: Task = {
  ...HTTP,
  protocol: 'bolt',
  rpc: { domain: 'org.example.EchoService:1.0', match: { prefix: '' }, filters: 'all' },
}
/** Redis, routed by the prefix of keys; headers cannot be added to commands. */
export const REDIS: Task = {
  ...HTTP,
  protocol: 'redis',
  rpc: { domain: 'user', match: { prefix: '' }, filters: 'no-headers' },
}

/** A proxy that can be measured. */
export interface Peer {
  /** In tables and after `--peers`. */
  readonly name: string
  /** Where its program is, or how to get it. */
  find(): Found
  /** The version it tells of itself. */
  version(program: string): string
  /** Whether it is made for such a task. */
  can(task: Task): boolean
  /** Writes its configuration into the folder; the command that runs it in the foreground with one worker. */
  prepare(program: string, plan: Plan, folder: string): readonly string[]
}

/** Host of the route that every request takes: the last of the further ones, so that tables must be looked up. */
export function hostOf(plan: Pick<Plan, 'extraClusters'>): string {
  return plan.extraClusters > 0 ? extraHost(plan.extraClusters - 1) : 'bench.example'
}

/** Host of a further route. */
export function extraHost(index: number): string {
  return `svc-${index}.example`
}

/** Port of a further cluster: nobody is there, but for the one that requests take. */
export function extraPort(plan: Plan, index: number): number {
  return index === plan.extraClusters - 1 ? plan.to : 1 + (index % 1000)
}

/** One value for each further cluster. */
export function forExtras<T>(plan: Plan, make: (index: number) => T): T[] {
  return Array.from({ length: plan.extraClusters }, (_, index) => make(index))
}

/** The key that the Redis load reads. */
export const REDIS_KEY = 'user:1000:name'

/** What stands before and behind the request's id in the `traceparent` that a sidecar adds. */
export const TRACEPARENT = ['00-', '-00f067aa0ba902b7-01'] as const
