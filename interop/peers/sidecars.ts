import { bootstrap, cluster } from '../config.ts'
import { startTulle, type Tulle } from '../tulle.ts'
import type { Peer } from './peer.ts'
import { type ProtocolName, spoken } from './protocols.ts'

/** The ways from a client to a server, in the order the table shows them. */
export const PATHS = ['direct', 'one sidecar', 'two sidecars'] as const
export type Path = (typeof PATHS)[number]

/** A server at work. */
export interface Place {
  readonly peer: Peer
  readonly port: number
}

/**
 * Two proxies between all clients and all servers of a protocol:
 *
 *   client ─────────────────────────────▶ server   direct
 *   client ───────────────▶ near server ─▶ server   one sidecar
 *   client ─▶ near client ─▶ near server ─▶ server   two sidecars
 */
export class Sidecars {
  readonly #places: readonly Place[]
  readonly #nearServer: Tulle
  readonly #nearClient: Tulle

  private constructor(places: readonly Place[], nearServer: Tulle, nearClient: Tulle) {
    this.#places = places
    this.#nearServer = nearServer
    this.#nearClient = nearClient
  }

  static async start(protocol: ProtocolName, places: readonly Place[]): Promise<Sidecars> {
    const nearServer = await startTulle(configuration(protocol, places))
    try {
      const behind = places.map((place, i) => ({ ...place, port: nearServer.port(nameOf(i)) }))
      return new Sidecars(places, nearServer, await startTulle(configuration(protocol, behind)))
    } catch (error) {
      await nearServer.stop()
      throw error
    }
  }

  /** The port where a client that takes this path finds the server. */
  port(path: Path, place: Place): number {
    const name = nameOf(this.#places.indexOf(place))
    if (path === 'direct') return place.port
    return (path === 'one sidecar' ? this.#nearServer : this.#nearClient).port(name)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#nearClient.stop(), this.#nearServer.stop()])
  }
}

function configuration(protocol: ProtocolName, places: readonly Place[]): object {
  const { listener, cluster: more } = spoken(protocol)
  return bootstrap(
    places.map((_, i) => listener(nameOf(i), nameOf(i))),
    places.map(({ port }, i) => ({ ...cluster(nameOf(i), port), ...more })),
  )
}

function nameOf(server: number): string {
  return `server-${server}`
}
