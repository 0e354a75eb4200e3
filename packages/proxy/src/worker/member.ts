import type { LogLevel, SeriesSample } from '@tulle/core'
import type { ClusterView, ListenerView } from '../admin/subject.ts'

/** A configuration as it was read: every worker decodes it by itself. */
export interface Source {
  readonly text: string
  readonly file: string
}

/** What one worker has to tell. */
export interface Report {
  readonly samples: readonly SeriesSample[]
  readonly clusters: readonly ClusterView[]
  readonly listeners: readonly ListenerView[]
  readonly openConnections: number
}

/** One worker as the process that leads sees it: in the same process, or a process of its own. */
export interface Member {
  /** Takes over a configuration that has been found good. Rejects when its ports cannot be had; the old one serves on. */
  apply(source: Source): Promise<void>
  report(): Promise<Report>
  setLogLevel(level: LogLevel): void
  reopenLogs(): void
  /** Resolves when the last connection is gone, at the latest after `drainMs`. */
  drain(drainMs: number): Promise<void>
  stop(): Promise<void>
}
