import type { RouteKind } from './compilation.ts'

/**
 * Who answers for an authority or service. In order: the exact domain, the longest `*suffix`, the longest `prefix*`,
 * `*`. A wildcard stands for at least one character. The cost is one look into a map, and for wildcards one more per
 * distinct length, however many domains there are.
 */
export class Domains<V> {
  readonly #exact = new Map<string, V>()
  readonly #suffixes = new ByLength<V>()
  readonly #prefixes = new ByLength<V>()
  #any: V | null = null
  /** Authorities are compared without case, service names with it. */
  readonly #fold: boolean
  readonly #ignorePort: boolean
  readonly #names: string[] = []

  constructor(kind: RouteKind, ignorePort: boolean) {
    this.#fold = kind === 'http'
    this.#ignorePort = kind === 'http' && ignorePort
  }

  /** In the order of the configuration. */
  get names(): readonly string[] {
    return this.#names
  }

  /** Nobody but `*` answers: the domain need not be read. */
  get indifferent(): boolean {
    return this.#names.length === 0 || (this.#names.length === 1 && this.#any !== null)
  }

  add(domain: string, value: V): void {
    this.#names.push(domain)
    if (domain === '*') this.#any = value
    else if (domain.startsWith('*')) this.#suffixes.add(domain.slice(1), value)
    else if (domain.endsWith('*')) this.#prefixes.add(domain.slice(0, -1), value)
    else this.#exact.set(domain, value)
  }

  find(name: string): V | null {
    const host = this.#ignorePort ? withoutPort(name) : name
    const exact = this.#exact.get(host)
    if (exact !== undefined) return exact
    const folded = this.#fold ? host.toLowerCase() : host
    if (folded !== host) {
      const value = this.#exact.get(folded)
      if (value !== undefined) return value
    }
    return this.#suffixes.ofEnd(folded) ?? this.#prefixes.ofStart(folded) ?? this.#any
  }
}

/** Parts of domains, longest first. */
class ByLength<V> {
  readonly #tiers: { readonly length: number; readonly values: Map<string, V> }[] = []

  add(part: string, value: V): void {
    let tier = this.#tiers.find((one) => one.length === part.length)
    if (tier === undefined) {
      tier = { length: part.length, values: new Map() }
      this.#tiers.push(tier)
      this.#tiers.sort((a, b) => b.length - a.length)
    }
    tier.values.set(part, value)
  }

  ofEnd(host: string): V | undefined {
    for (const { length, values } of this.#tiers) {
      if (length >= host.length) continue
      const value = values.get(host.slice(host.length - length))
      if (value !== undefined) return value
    }
    return undefined
  }

  ofStart(host: string): V | undefined {
    for (const { length, values } of this.#tiers) {
      if (length >= host.length) continue
      const value = values.get(host.slice(0, length))
      if (value !== undefined) return value
    }
    return undefined
  }
}

/** `example.org:80` and `[::1]:80` without their port; `[::1]` has none. */
export function withoutPort(authority: string): string {
  const colon = authority.lastIndexOf(':')
  if (colon === -1 || authority.lastIndexOf(']') > colon) return authority
  return authority.slice(0, colon)
}
