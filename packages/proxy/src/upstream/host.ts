import net from 'node:net'
import { addressText, type Endpoint, type SocketAddress, socketPath } from '@tulle/model'
import type { Candidate } from '../balancer.ts'
import type { Connection } from '../connection.ts'
import type { Dialect } from '../convert/dialect.ts'
import type { Patient, Unfit, Witness } from '../health.ts'
import type { Protocol } from '../protocol.ts'
import type { Remote } from '../transport.ts'
import type { Call } from './call.ts'
import { ClientPools } from './client-pools.ts'
import type { Cluster } from './cluster.ts'
import { Pool } from './pool.ts'
import { translated } from './translation.ts'

/** Where a socket connects to. */
export type Target = { readonly host: string; readonly port: number } | { readonly path: string }

/** One address of a cluster with its connections. It outlives changes of configuration that keep its address. */
export class Host implements Candidate, Patient {
  readonly cluster: Cluster
  readonly address: string
  /** Empty for a unix socket. */
  readonly ip: string
  /** What `net.connect` is told. */
  readonly target: Target
  /** What TLS is told: besides the address what DNS was asked for, where nothing else names the host. */
  readonly remote: Remote
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
  /** What TLS agreed on with it last, where that decides the version of HTTP; null before. */
  agreed: Protocol | null = null
  /** No longer part of its cluster: it finishes what it has. */
  gone = false
  /** What it speaks; null is whatever comes. */
  speaks: Dialect | null = null
  /** Who hears how requests end here; null when nobody watches. */
  witness: Witness | null = null
  /** One for each protocol (and key) that was used; nearly always one. */
  readonly #pools: Pool[] = []
  /** Where clients have their own: because the host is told who they are, or calls them back. Null where none has. */
  #clients: ClientPools | null = null
  /** Every client has its own. */
  readonly #private: boolean

  constructor(cluster: Cluster, endpoint: Endpoint, ip: string) {
    this.cluster = cluster
    this.ip = ip
    this.hostname = endpoint.hostname
    this.port = endpoint.address.port
    const { path } = endpoint.address
    this.address = addressText(
      path === undefined ? { host: ip, port: this.port } : endpoint.address,
    )
    this.target = path === undefined ? { host: ip, port: this.port } : { path: socketPath(path) }
    const asked = isName(endpoint.address) ? endpoint.address.host : ''
    this.remote = { address: this.address, hostname: endpoint.hostname || asked }
    this.#private = cluster.config.proxyProtocol !== 'off'
    this.weight = endpoint.weight
    this.priority = endpoint.priority
  }

  send(call: Call): void {
    this.requests++
    if (this.cluster.translator !== null && !translated(call, this, this.cluster.translator)) return
    const { exchange, outgoing } = call
    const protocol =
      exchange === null ? this.cluster.spoken(outgoing.protocol, this) : exchange.protocol
    const key = outgoing.protocol.poolKey(outgoing)
    if (!this.#private && !call.down.bound)
      return this.#pool(this.#pools, protocol, key, null).send(call)
    this.#clients ??= new ClientPools()
    const { connection } = call.down
    const pool = this.#ofClient(this.#clients, connection, protocol, key)
    pool.send(call)
    // A one-way call may come later than its client's end, of which nobody will hear again.
    if (connection.closed) pool.retire()
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
    this.#clients?.retire()
  }

  /** It has nothing left, and nothing more to do. */
  drop(pool: Pool): void {
    if (pool.onlyFor !== null) this.#clients?.drop(pool, pool.onlyFor)
    const place = this.#pools.indexOf(pool)
    if (place >= 0) this.#pools.splice(place, 1)
  }

  #pool(pools: Pool[], protocol: Protocol, key: number, client: Connection | null): Pool {
    for (const pool of pools) if (pool.protocol === protocol && pool.key === key) return pool
    const pool = new Pool(this, protocol, key, client)
    pools.push(pool)
    return pool
  }

  #ofClient(clients: ClientPools, client: Connection, protocol: Protocol, key: number): Pool {
    return this.#pool(clients.of(client), protocol, key, client)
  }
}

/** Whether an address is a name that must be resolved first. */
export function isName({ host, path }: SocketAddress): boolean {
  return path === undefined && net.isIP(host) === 0
}
