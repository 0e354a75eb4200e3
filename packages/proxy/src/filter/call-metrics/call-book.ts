import { type CallSeries, callFamily } from '../../metrics.ts'
import type { Site } from '../../site.ts'
import { MOST_NAME_CHARS, OTHER } from './names.ts'
import { SeriesBudget } from './series-budget.ts'

type BySource = Map<string, CallSeries>

/**
 * The series of calls under one prefix, found by names. It belongs to the worker, not to a filter: filters of one prefix
 * share it, and one that a new configuration brings goes on with it. Nothing is ever forgotten; the budget bounds it.
 *
 * ```
 *   service ─▶ method ─▶ source ─▶ series
 *   path ───────────────▶ source ─▶ the same, for gRPC: no path is cut up twice
 * ```
 */
export class CallBook {
  static readonly #all = new WeakMap<Site, Map<string, CallBook>>()
  readonly #site: Site
  readonly #prefix: string
  readonly #budget: SeriesBudget
  readonly #services = new Map<string, Map<string, BySource>>()
  readonly #paths = new Map<string, BySource>()
  #others: CallSeries | null = null

  private constructor(site: Site, prefix: string) {
    this.#site = site
    this.#prefix = prefix
    this.#budget = SeriesBudget.of(site)
  }

  static of(site: Site, prefix: string): CallBook {
    const books = CallBook.#all.get(site) ?? new Map<string, CallBook>()
    CallBook.#all.set(site, books)
    const book = books.get(prefix) ?? new CallBook(site, prefix)
    books.set(prefix, book)
    return book
  }

  /** Null where these names have not been counted under. */
  at(service: string, method: string, source: string): CallSeries | null {
    return this.#services.get(service)?.get(method)?.get(source) ?? null
  }

  /** The same by the path of a call of gRPC. */
  atPath(path: string, source: string): CallSeries | null {
    return this.#paths.get(path)?.get(source) ?? null
  }

  /** Where calls are counted whose names have no series. */
  get others(): CallSeries {
    this.#others ??= this.#series(OTHER, OTHER, OTHER)
    return this.#others
  }

  /** A series for names that have none, while there are fewer than `most`; then that of all others. */
  begin(service: string, method: string, source: string, most: number): CallSeries {
    const longest = Math.max(service.length, method.length, source.length)
    if (longest > MOST_NAME_CHARS || !this.#budget.take(most)) return this.others
    const series = this.#series(source, service, method)
    const methods = within(this.#services, service, () => new Map<string, BySource>())
    within(methods, method, () => new Map()).set(source, series)
    return series
  }

  /** From now on the series is found by the path of its calls. */
  learn(path: string, source: string, series: CallSeries): void {
    if (series !== this.#others) within(this.#paths, path, () => new Map()).set(source, series)
  }

  #series(source: string, service: string, method: string): CallSeries {
    return this.#site.metrics.series(callFamily, this.#prefix, source, service, method)
  }
}

function within<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}
