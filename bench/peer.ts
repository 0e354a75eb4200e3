import type { Found } from './measure/programs.ts'

/** What a proxy is asked to do in a run. */
export interface Plan {
  readonly protocol: 'http' | 'bolt'
  /** Where it listens. */
  readonly port: number
  /** Where its requests go. */
  readonly upstream: number
  /** How many further clusters it holds, each with a route of its own (`svc-N.example`). */
  readonly extraClusters: number
  /** How many client connections it must stand. */
  readonly connections: number
}

/** A proxy that can be measured. */
export interface Peer {
  /** In tables and after `--peers`. */
  readonly name: string
  /** Where its program is, or how to get it. */
  find(): Found
  /** The version it tells of itself. */
  version(program: string): string
  readonly protocols: readonly Plan['protocol'][]
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
  return index === plan.extraClusters - 1 ? plan.upstream : 1 + (index % 1000)
}

/** One value for each further cluster. */
export function forExtras<T>(plan: Plan, make: (index: number) => T): T[] {
  return Array.from({ length: plan.extraClusters }, (_, index) => make(index))
}

/** The service that the Bolt load calls. */
export const BOLT_SERVICE = 'org.example.EchoService:1.0'
