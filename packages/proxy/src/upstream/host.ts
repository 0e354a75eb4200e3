import net from 'node:net'
import { addressText, type Endpoint } from '@tulle/model'
import type { Candidate } from '../balancer.ts'
import type { Patient, Unfit, Witness } from '../health.ts'
import type { Protocol } from '../protocol.ts'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { Pool } from './pool.ts'

/** One address of a cluster with its connections. It outlives changes of configuration that keep its address. */
export class Host implements Candidate, Patient {
  readonly cluster: Cluster
  readonly address: string
  readonly ip: string
  /** What its endpoint is called in the configuration; empty when it has no name. */
  readonly hostname: string
  readonly port: number
  weight: number
  priority: number
  /** Requests under way at this moment. */
  active = 0
  connections = 0
  requests = 0
  errors = 0
  timeouts = 0
  connectFailures = 0
  /** Bits of `Unfit`. */
  unfit = 0
  /** No longer part of its cluster: it finishes what it has. */
  gone = false
  /** Who hears how requests end here; null when nobody watches. */
  witness: Witness | null = null
  /** One for each protocol (and key) that was used; nearly always one. */
  readonly #pools: Pool[] = []

  constructor(cluster: Cluster, endpoint: Endpoint, ip: string) {
    this.cluster = cluster
    this.ip = ip
    this.hostname = endpoint.hostname
    this.port = endpoint.address.port
    this.address = addressText({ host: ip, port: this.port })
    this.weight = endpoint.weight
    this.priority = endpoint.priority
  }

  send(call: Call): void {
    const protocol = this.cluster.spoken(call.request.protocol)
    this.requests++
    this.#pool(protocol, call.request.protocol.poolKey(call.request)).send(call)
  }

  mark(reason: Unfit, unfit: boolean): void {
    const before = this.unfit
    this.unfit = unfit ? before | reason : before & ~reason
    if (this.unfit !== before) this.cluster.publish()
  }

  /** Leaves the cluster: no new requests, connections close when their last answer is in. */
  retire(): void {
    this.gone = true
    for (const pool of this.#pools) pool.drain()
  }

  drop(pool: Pool): void {
    const place = this.#pools.indexOf(pool)
    if (place >= 0) this.#pools.splice(place, 1)
  }

  #pool(protocol: Protocol, key: number): Pool {
    for (const pool of this.#pools) if (pool.protocol === protocol && pool.key === key) return pool
    const pool = new Pool(this, protocol, key)
    this.#pools.push(pool)
    return pool
  }
}

/** Whether a name needs no resolving. */
export function isIp(host: string): boolean {
  return net.isIP(host) !== 0
}
