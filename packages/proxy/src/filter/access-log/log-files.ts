import type { Logger } from '@tulle/core'
import type { ServerSeries } from '../../metrics.ts'
import { LogFile, type LogFileOptions } from './log-file.ts'

/** The log files of this process, one for each path, shared by all listeners. */
export class LogFiles {
  readonly #files = new Map<string, LogFile>()
  readonly #stats: ServerSeries
  readonly #log: Logger
  readonly #options: LogFileOptions

  constructor(stats: ServerSeries, log: Logger, options: LogFileOptions = {}) {
    this.#stats = stats
    this.#log = log
    this.#options = options
  }

  /** The file of this path, opened when it is first asked for. */
  get(path: string): LogFile {
    const known = this.#files.get(path)
    if (known) return known
    const file = new LogFile(path, this.#stats, this.#log, this.#options)
    this.#files.set(path, file)
    return file
  }

  /** Opens all files anew, after they were rotated. */
  reopenAll(): void {
    for (const file of this.#files.values()) file.reopen()
  }

  /** Closes files that the configuration no longer names. Streams that still end in them open them again. */
  async keepOnly(paths: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#files.values()].filter((file) => !paths.has(file.path))
    for (const file of gone) this.#files.delete(file.path)
    await Promise.all(gone.map((file) => file.stop()))
  }

  /** Writes what waits and closes all files. */
  async stop(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.stop()))
  }
}
