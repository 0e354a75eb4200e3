import type { Logger } from '@tulle/core'
import type { Site } from '../../site.ts'

/** How many series of calls this worker has, so that names from outside cannot fill its memory. */
export class SeriesBudget {
  static readonly #all = new WeakMap<Site, SeriesBudget>()
  readonly #log: Logger
  #taken = 0
  /** The largest limit that was found spent. */
  #told = 0

  private constructor(log: Logger) {
    this.#log = log
  }

  static of(site: Site): SeriesBudget {
    const budget = SeriesBudget.#all.get(site) ?? new SeriesBudget(site.log)
    SeriesBudget.#all.set(site, budget)
    return budget
  }

  /** Takes room for one more series, where there are fewer than `most`. That there is none is said once. */
  take(most: number): boolean {
    if (this.#taken < most) {
      this.#taken++
      return true
    }
    if (most > this.#told) {
      this.#told = most
      this.#log.warn('no more series of calls: what is new is counted under "other"', {
        max_series: most,
      })
    }
    return false
  }
}
