import { good, type Logger, type LogLevel, Metrics, type Problem, type Result } from '@tulle/core'
import type { Bootstrap, DataSource, TlsCertificate } from '@tulle/model'
import type {
  AdminSubject,
  ClusterView,
  ListenerView,
  Readiness,
  ServerInfo,
} from '../admin/subject.ts'
import { families, serverFamily } from '../metrics.ts'
import type { Plan } from '../runtime/plan.ts'
import { claim } from './claim.ts'
import type { Member, Report, Source } from './member.ts'
import { prepare } from './prepare.ts'
import { mergeClusters } from './views.ts'

/** Decodes and plans a configuration: its value, or every problem with file, line and path. */
export async function check(source: Source): Promise<Result<Bootstrap>> {
  const planned = await prepare(source)
  return planned.ok ? good(planned.value.bootstrap) : planned
}

/** All workers of a proxy as one: what its admin side shows and its signals move. */
export class Fleet implements AdminSubject {
  readonly #members: readonly Member[]
  readonly #log: Logger
  readonly #startedAt: number = Date.now()
  readonly #version: string
  readonly #onDrain: () => void
  #plan: Plan | null = null
  #configVersion = 0
  #rejected = 0
  #draining = false

  constructor(members: readonly Member[], log: Logger, version: string, onDrain: () => void) {
    this.#members = members
    this.#log = log
    this.#version = version
    this.#onDrain = onDrain
  }

  get bootstrap(): Bootstrap | null {
    return this.#plan?.bootstrap ?? null
  }

  /** Gives every worker a configuration, or says what is wrong with it; the old one serves on. */
  async apply(source: Source): Promise<Result<Bootstrap>> {
    if (this.#draining)
      return { ok: false, problems: [{ at: source.file, what: 'not taken: the proxy drains' }] }
    const planned = await prepare(source, this.#log)
    if (!planned.ok) {
      this.#rejected++
      return planned
    }
    const { bootstrap } = planned.value
    if (this.#members.length > 1) await claim(bootstrap, this.bootstrap)
    // The first goes alone: where a port cannot be had, the others have changed nothing.
    const [first, ...others] = this.#members
    await first!.apply(source)
    await Promise.all(others.map((member) => member.apply(source)))
    this.#plan = planned.value
    this.#configVersion++
    return good(bootstrap)
  }

  ready(): Readiness {
    if (this.#draining) return { ok: false, why: 'draining: new work goes elsewhere' }
    if (this.#plan === null) return { ok: false, why: 'starting: no configuration yet' }
    return { ok: true, why: '' }
  }

  info(): ServerInfo {
    return {
      id: this.bootstrap?.node.id ?? '',
      version: this.#version,
      configVersion: this.#configVersion,
      startedAt: this.#startedAt,
      workers: this.#members.length,
      pid: process.pid,
    }
  }

  async metrics(): Promise<Metrics> {
    const reports = await this.#reports()
    const merged = Metrics.merge(
      families,
      reports.map(({ samples }) => [...samples]),
    )
    const server = merged.series(serverFamily)
    server.uptime_seconds = Math.round((Date.now() - this.#startedAt) / 1000)
    server.config_updates = this.#configVersion
    server.config_version = this.#configVersion
    server.config_rejected = this.#rejected
    server.draining = this.#draining ? 1 : 0
    return merged
  }

  async clusters(): Promise<readonly ClusterView[]> {
    return mergeClusters((await this.#reports()).map(({ clusters }) => clusters))
  }

  async listeners(): Promise<readonly ListenerView[]> {
    return (await this.#reports())[0]?.listeners ?? []
  }

  configDump(): unknown {
    return JSON.parse(JSON.stringify(this.#plan === null ? null : withReads(this.#plan), dumped))
  }

  get logLevel(): LogLevel {
    return this.#log.level
  }

  set logLevel(level: LogLevel) {
    this.#log.level = level
    for (const member of this.#members) member.setLogLevel(level)
  }

  reopenLogs(): void {
    for (const member of this.#members) member.reopenLogs()
  }

  drain(): void {
    this.#onDrain()
  }

  /** Lets every worker end what it has; resolves when they have, at the latest after `drainMs`. */
  async drained(drainMs: number): Promise<void> {
    this.#draining = true
    await Promise.all(this.#members.map((member) => member.drain(drainMs)))
    await Promise.all(this.#members.map((member) => member.stop()))
  }

  async #reports(): Promise<readonly Report[]> {
    return await Promise.all(this.#members.map((member) => member.report()))
  }
}

/** Each chain with how deep its rules read messages. */
function withReads({ bootstrap, listeners }: Plan): unknown {
  return {
    ...bootstrap,
    listeners: listeners.map(({ config, chains }) => ({
      ...config,
      chains: chains.map(({ config: chain, reads }) => ({ ...chain, reads })),
    })),
  }
}

/** What JSON does not know is shown as a person would write it; keys and passwords are not shown. */
function dumped(key: string, value: unknown): unknown {
  if (SECRETS.has(key) && isInline(value)) return { ...value, text: '[redacted]' }
  if (value instanceof RegExp) return value.source
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries(value)
  return value
}

const SECRETS: ReadonlySet<string> = new Set<keyof TlsCertificate>(['key', 'password'])

function isInline(value: unknown): value is DataSource {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'inline'
}

/** One line a problem. */
export function problemLines(problems: readonly Problem[]): string {
  return problems.map(({ at, what }) => `${at}: ${what}\n`).join('')
}
