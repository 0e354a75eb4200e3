import { type Logger, type LogLevel, MeshError } from '@tulle/core'
import { builtins } from '../builtins.ts'
import { Descriptors } from '../descriptors.ts'
import { Runtime } from '../runtime/runtime.ts'
import { Site } from '../site.ts'
import { forgetStart } from './forget-start.ts'
import { maxConnections } from './limits.ts'
import type { Member, Report, Source } from './member.ts'
import { MemoryWatch } from './memory.ts'
import { prepare } from './prepare.ts'
import { clusterView, listenerView } from './views.ts'

/** A worker in this process. */
export class LocalMember implements Member {
  readonly #site: Site
  readonly #runtime: Runtime
  readonly #memory: MemoryWatch
  #draining = false
  /** One configuration after the other. */
  #applying: Promise<unknown> = Promise.resolve()

  /** `shared`: other processes listen on the same ports; `first`: on what they cannot share, this one does. */
  constructor(log: Logger, shared: boolean, first = true, secret?: Buffer) {
    const descriptors = new Descriptors(maxConnections())
    this.#site = new Site({ log, descriptors, ...(secret === undefined ? {} : { secret }) })
    this.#runtime = new Runtime(this.#site, builtins, { shared, first })
    this.#memory = new MemoryWatch(this.#site, this.#runtime.stats)
  }

  apply(source: Source): Promise<void> {
    const applied = this.#applying.then(() => this.#apply(source))
    this.#applying = applied.catch(() => {})
    return applied
  }

  async #apply(source: Source): Promise<void> {
    const planned = await prepare(source)
    if (!planned.ok) {
      const sentence = `${source.file} has ${planned.problems.length} problems`
      throw new MeshError('CONFIG_INVALID', sentence)
    }
    const first = this.#runtime.plan === null
    await this.#runtime.apply(planned.value)
    if (first) forgetStart()
    this.#memory.limit(planned.value.bootstrap.overload.maxHeapBytes)
  }

  report(): Promise<Report> {
    const { stats } = this.#runtime
    stats.open_connections = this.#runtime.openConnections
    const most = Math.min(this.#runtime.maxConnections, this.#site.descriptors.limit)
    stats.max_connections = Math.min(most, Number.MAX_SAFE_INTEGER)
    stats.uptime_seconds = Math.round(process.uptime())
    stats.draining = this.#draining ? 1 : 0
    this.#memory.measure()
    return Promise.resolve({
      samples: this.#site.metrics.sample(),
      clusters: this.#runtime.clusters.map(clusterView),
      listeners: this.#runtime.listeners.map((one) => listenerView(one, this.#draining)),
      openConnections: this.#runtime.openConnections,
    })
  }

  setLogLevel(level: LogLevel): void {
    this.#site.log.level = level
  }

  reopenLogs(): void {
    this.#runtime.files.reopenAll()
  }

  async drain(drainMs: number): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    this.#runtime.drain(drainMs)
    const end = performance.now() + drainMs
    while (this.#runtime.openConnections > 0 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }

  async stop(): Promise<void> {
    this.#memory.stop()
    await this.#runtime.stop()
  }
}
