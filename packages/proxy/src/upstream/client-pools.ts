import type { Connection } from '../connection.ts'
import type { Pool } from './pool.ts'

/**
 * The pools of a host that is told whom each connection is for: every client's connection has its own, which end with
 * it. There may be many clients, so they are found by a map.
 */
export class ClientPools {
  readonly #pools = new Map<Connection, Pool[]>()

  of(client: Connection): Pool[] {
    const known = this.#pools.get(client)
    if (known !== undefined) return known
    const pools: Pool[] = []
    this.#pools.set(client, pools)
    follow(client, this)
    return pools
  }

  drop(pool: Pool, client: Connection): void {
    const pools = this.#pools.get(client)
    if (pools === undefined) return
    const place = pools.indexOf(pool)
    if (place >= 0) pools.splice(place, 1)
    if (pools.length === 0 && client.closed) this.#pools.delete(client)
  }

  /** The host is gone. */
  retire(): void {
    for (const pools of this.#pools.values()) for (const pool of pools) pool.drain()
  }

  onClientGone(client: Connection): void {
    const pools = this.#pools.get(client)
    if (pools === undefined) return
    for (const pool of [...pools]) pool.retire()
    if (pools.length === 0) this.#pools.delete(client)
  }
}

/** Who has pools for a client: one listener on its socket for all of them. */
const followers = new WeakMap<Connection, ClientPools[]>()

function follow(client: Connection, pools: ClientPools): void {
  const known = followers.get(client)
  if (known !== undefined) {
    known.push(pools)
    return
  }
  const all = [pools]
  followers.set(client, all)
  client.socket.once('close', () => {
    for (const one of all) one.onClientGone(client)
  })
}
