import { getHeapStatistics } from 'node:v8'
import type { ServerSeries } from '../metrics.ts'
import type { Site } from '../site.ts'

const LOOK_EVERY_MS = 250
/** Without a limit of its own the process refuses work at this share of what the heap may grow to. */
const HEAP_SHARE = 0.9
/** Work is taken again below this share of the limit, so that it does not flap. */
const RELIEF = 0.95

/**
 * Watches memory: above the limit new connections and requests are refused with a sentence while accepted work goes on,
 * instead of the process dying with all of it.
 */
export class MemoryWatch {
  readonly #site: Site
  readonly #stats: ServerSeries
  readonly #timer: NodeJS.Timeout
  readonly #heapLimit: number = getHeapStatistics().heap_size_limit * HEAP_SHARE
  #limit = 0

  constructor(site: Site, stats: ServerSeries) {
    this.#site = site
    this.#stats = stats
    this.#timer = setInterval(() => this.measure(), LOOK_EVERY_MS).unref()
  }

  /** Bytes of heap and buffers allowed; 0 leaves the heap's own limit. */
  limit(bytes: number): void {
    this.#limit = bytes
    this.measure()
  }

  measure(): void {
    const { rss, heapUsed, external } = process.memoryUsage()
    this.#stats.memory_rss_bytes = rss
    this.#stats.memory_heap_bytes = heapUsed + external
    const [used, limit] =
      this.#limit > 0 ? [heapUsed + external, this.#limit] : [heapUsed, this.#heapLimit]
    if (used > limit) this.#refuse(used, limit)
    else if (this.#site.overload !== null && used < limit * RELIEF) this.#relieve()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #refuse(used: number, limit: number): void {
    if (this.#site.overload !== null) return
    const sentence = `memory is short: ${mb(used)} MB of ${mb(limit)} in use; new work is refused until some ends`
    this.#site.overload = sentence
    this.#site.log.warn('overloaded: new work is refused', { usedBytes: used, limitBytes: limit })
  }

  #relieve(): void {
    this.#site.overload = null
    this.#site.log.info('no longer overloaded: new work is taken again')
  }
}

function mb(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}
