import type { ServedChain } from './served-chain.ts'

/** What the first message of a TLS client asks for. */
export interface Hello {
  /** '' without one. */
  readonly serverName: string
  /** Protocols it offers (ALPN), in its order of preference. */
  readonly alpn: readonly string[]
}

/** Reads the first message of a TLS client from the first bytes of a connection. */
export type ReadHello = (head: Buffer) => Hello | 'more' | 'not-tls'

/**
 * Finds the chain for a TLS connection: first by the server name, exact before `*.suffix`, the longest suffix first, then
 * those that name none; among chains of one name by the protocols offered, then those that name none. A chain that is
 * for TLS alone goes before one that takes any connection.
 */
export class TlsChains {
  readonly read: ReadHello
  readonly #exact = new Map<string, ServedChain[]>()
  /** By `.suffix`. */
  readonly #suffixes = new Map<string, ServedChain[]>()
  readonly #unnamed: ServedChain[] = []

  constructor(chains: readonly ServedChain[], read: ReadHello) {
    this.read = read
    const own = chains.filter(({ config }) => config.transport === 'tls')
    for (const chain of [...own, ...chains.filter((one) => !own.includes(one))]) {
      const { serverNames } = chain.config
      if (serverNames.length === 0) this.#unnamed.push(chain)
      for (const name of serverNames)
        if (name.startsWith('*.')) add(this.#suffixes, name.slice(1), chain)
        else add(this.#exact, name, chain)
    }
  }

  choose(hello: Hello): ServedChain | null {
    const name = hello.serverName.toLowerCase()
    const exact = offered(this.#exact.get(name), hello)
    if (exact !== null) return exact
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const found = offered(this.#suffixes.get(name.slice(dot)), hello)
      if (found !== null) return found
    }
    return offered(this.#unnamed, hello)
  }
}

/** By the client's order of preference. */
function offered(chains: readonly ServedChain[] | undefined, hello: Hello): ServedChain | null {
  if (chains === undefined) return null
  for (const name of hello.alpn)
    for (const chain of chains) if (chain.config.protocols.includes(name)) return chain
  return chains.find(({ config }) => config.protocols.length === 0) ?? null
}

function add(map: Map<string, ServedChain[]>, name: string, chain: ServedChain): void {
  const known = map.get(name)
  if (known === undefined) map.set(name, [chain])
  else known.push(chain)
}
