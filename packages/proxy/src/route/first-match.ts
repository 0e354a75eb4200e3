import type { Stream } from '../stream.ts'
import type { CompiledMatch } from './match/match.ts'
import { Prefixes } from './prefixes.ts'
import { firstOf, Rule } from './rule.ts'

/**
 * The routes of one virtual host. The first that matches wins, in the order of the configuration, but only those are
 * looked at whose path (method, for RPC) can match: by map, by prefix tree, and a rest that has to be tried. Each
 * source gives its first match; the one that stands first in the configuration is the answer, so a source is left as
 * soon as its next rule stands behind the best so far.
 */
export class FirstMatch<T> {
  /** Of the virtual host. */
  readonly name: string
  /** Some route tests the query, or draws lots: otherwise neither is worth the work. */
  usesQuery = false
  drawsLots = false
  /** Some route looks at the path or method. */
  usesKey = false
  size = 0
  #exact: Map<string, Rule<T>[]> | null = null
  #prefixes: Prefixes<T> | null = null
  /** The same for those that do not mind case; keys in lower case. */
  #foldedExact: Map<string, Rule<T>[]> | null = null
  #foldedPrefixes: Prefixes<T> | null = null
  readonly #rest: Rule<T>[] = []
  readonly #connect: Rule<T>[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Some route asks for CONNECT requests. */
  get hasConnect(): boolean {
    return this.#connect.length > 0
  }

  add(match: CompiledMatch, value: T): void {
    const rule = new Rule(this.size++, match.tests, value)
    this.usesQuery ||= match.usesQuery
    this.drawsLots ||= match.drawsLots
    this.usesKey ||= match.usesKey
    const { place } = match
    if (place.kind === 'rest') this.#rest.push(rule)
    else if (place.kind === 'connect') this.#connect.push(rule)
    else if (place.kind === 'exact') this.#addExact(place.value, place.fold, rule)
    else this.#addPrefix(place.value, place.fold, place.kind === 'segments', rule)
  }

  /**
   * `key` is the path without query, or the method called; `draw` in [0, 1) is this request's lot; `connect` says that
   * it is a CONNECT request.
   */
  find(stream: Stream, key: string, query: string, draw: number, connect: boolean): T | null {
    let best: Rule<T> | null = null
    if (this.#exact !== null) {
      const rules = this.#exact.get(key)
      if (rules !== undefined) best = firstOf(rules, best, stream, key, query, draw)
    }
    if (this.#prefixes !== null) best = this.#prefixes.first(key, best, stream, key, query, draw)
    if (this.#foldedExact !== null || this.#foldedPrefixes !== null) {
      best = this.#findFolded(best, stream, key, query, draw)
    }
    best = firstOf(this.#rest, best, stream, key, query, draw)
    if (connect) best = firstOf(this.#connect, best, stream, key, query, draw)
    return best === null ? null : best.value
  }

  /** For CONNECT requests that have no path: only routes that ask for CONNECT can match. */
  findPathless(stream: Stream, draw: number): T | null {
    const best = firstOf(this.#connect, null, stream, '', '', draw)
    return best === null ? null : best.value
  }

  #findFolded(
    best: Rule<T> | null,
    stream: Stream,
    key: string,
    query: string,
    draw: number,
  ): Rule<T> | null {
    const folded = key.toLowerCase()
    let first = best
    const rules = this.#foldedExact?.get(folded)
    if (rules !== undefined) first = firstOf(rules, first, stream, key, query, draw)
    if (this.#foldedPrefixes === null) return first
    return this.#foldedPrefixes.first(folded, first, stream, key, query, draw)
  }

  #addExact(value: string, fold: boolean, rule: Rule<T>): void {
    if (fold) this.#foldedExact ??= new Map()
    else this.#exact ??= new Map()
    const rules = (fold ? this.#foldedExact : this.#exact) as Map<string, Rule<T>[]>
    const key = fold ? value.toLowerCase() : value
    const same = rules.get(key)
    if (same === undefined) rules.set(key, [rule])
    else same.push(rule)
  }

  #addPrefix(value: string, fold: boolean, segments: boolean, rule: Rule<T>): void {
    if (fold) this.#foldedPrefixes ??= new Prefixes()
    else this.#prefixes ??= new Prefixes()
    const prefixes = (fold ? this.#foldedPrefixes : this.#prefixes) as Prefixes<T>
    prefixes.add(fold ? value.toLowerCase() : value, segments, rule)
  }
}
