import { close, open, write } from 'node:fs'
import type { Logger } from '@tulle/core'
import type { ServerSeries } from '../../metrics.ts'
import { reasonOf } from './reason.ts'
import { standardFd } from './standard.ts'

const FLUSH_CHARS = 64 * 1024
const MAX_WAITING = 4 * 1024 * 1024
const RETRY_MS = 20

export interface LogFileOptions {
  /** How long a line may wait for others before all are written. @default 1000 */
  readonly flushMs?: number
  /** Characters that may wait while the disk does not keep up; lines beyond are dropped. @default 4194304 */
  readonly maxWaiting?: number
}

/**
 * A file that lines are appended to. They gather in memory and are written together, one write at a time:
 *
 * ```
 *  write(line) ─▶ gathered ─ 64 KiB, or a second ─▶ leaving ─▶ disk
 *                 └──────── waiting, bounded ─────────────┘
 * ```
 *
 * When the file cannot be opened or written, that is logged once until it works again, and the lines of that attempt
 * are dropped and counted.
 */
export class LogFile {
  readonly path: string
  readonly #stats: ServerSeries
  readonly #log: Logger
  readonly #maxWaiting: number
  readonly #timer: NodeJS.Timeout
  readonly #standard: 1 | 2 | null
  /** -1 while it is not open. */
  #fd = -1
  #gathered = ''
  #lines = 0
  /** Bytes on their way, from `#sent` on. */
  #leaving: Buffer | null = null
  #leavingLines = 0
  #sent = 0
  /** A system call is under way. */
  #busy = false
  /** The file is to be opened anew before the next write. */
  #stale = true
  /** What is gathered shall leave now. */
  #wanted = false
  #armed = false
  #failing = false
  /** Called when nothing waits any more. */
  #idle: (() => void)[] = []

  constructor(path: string, stats: ServerSeries, log: Logger, options: LogFileOptions = {}) {
    this.path = path
    this.#stats = stats
    this.#log = log
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING
    this.#standard = standardFd(path)
    this.#timer = setTimeout(() => this.#due(), options.flushMs ?? 1000).unref()
    this.#advance()
  }

  /** Takes one line, its end included. */
  write(line: string): void {
    const waiting = this.#gathered.length + (this.#leaving?.length ?? 0)
    if (waiting + line.length > this.#maxWaiting) {
      this.#stats.access_log_dropped++
      return
    }
    this.#gathered += line
    this.#lines++
    if (this.#gathered.length >= FLUSH_CHARS) this.#want()
    else if (!this.#armed) this.#arm()
  }

  /** Writes to the file of that name as it is now: the old one was renamed. */
  reopen(): void {
    this.#stale = true
    this.#advance()
  }

  /** Fulfilled when all that was given is written, or dropped. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve)
      this.#want()
    })
  }

  /** Writes what waits and closes the file; a line given later opens it again. */
  async stop(): Promise<void> {
    await this.flush()
    clearTimeout(this.#timer)
    this.#armed = false
    if (this.#fd !== -1 && !this.#busy) this.#close()
  }

  #arm(): void {
    this.#armed = true
    this.#timer.refresh()
  }

  #due(): void {
    this.#armed = false
    this.#want()
  }

  #want(): void {
    this.#wanted = true
    this.#advance()
  }

  /** Takes the next step, of which there is one at a time: open, write, be idle. */
  #advance(): void {
    if (this.#busy) return
    if (this.#stale && this.#leaving === null) this.#open()
    else if (this.#leaving !== null) this.#send(this.#leaving)
    else if (this.#wanted && this.#gathered !== '') this.#takeGathered()
    else this.#rest()
  }

  #rest(): void {
    this.#wanted = false
    for (const done of this.#idle.splice(0)) done()
  }

  #open(): void {
    if (this.#fd !== -1) this.#close()
    this.#stale = false
    if (this.#standard !== null) {
      this.#fd = this.#standard
      this.#advance()
      return
    }
    this.#busy = true
    open(this.path, 'a', 0o644, (error, fd) => {
      this.#busy = false
      if (error === null) this.#fd = fd
      else this.#fail('access log cannot be opened', error)
      this.#advance()
    })
  }

  #takeGathered(): void {
    if (this.#fd === -1) {
      this.#open()
      return
    }
    this.#wanted = false
    this.#leaving = Buffer.from(this.#gathered)
    this.#leavingLines = this.#lines
    this.#sent = 0
    this.#gathered = ''
    this.#lines = 0
    this.#send(this.#leaving)
  }

  #send(bytes: Buffer): void {
    this.#busy = true
    write(this.#fd, bytes, this.#sent, bytes.length - this.#sent, null, (error, written) => {
      this.#busy = false
      if (error?.code === 'EAGAIN') this.#later()
      else if (error !== null) this.#fail('access log cannot be written', error)
      else this.#onSent(bytes, written)
      if (!this.#busy) this.#advance()
    })
  }

  #onSent(bytes: Buffer, written: number): void {
    this.#sent += written
    if (this.#sent < bytes.length) return
    this.#leaving = null
    if (this.#failing) this.#log.info('access log is written again', { path: this.path })
    this.#failing = false
  }

  /** A terminal or a pipe takes nothing at the moment. */
  #later(): void {
    this.#busy = true
    setTimeout(() => {
      this.#busy = false
      this.#advance()
    }, RETRY_MS)
  }

  /** Drops what waits: the next line is the next attempt. */
  #fail(message: string, error: NodeJS.ErrnoException): void {
    this.#stats.access_log_dropped +=
      this.#lines + (this.#leaving === null ? 0 : this.#leavingLines)
    this.#gathered = ''
    this.#lines = 0
    this.#leaving = null
    if (!this.#failing) this.#log.error(message, { path: this.path, reason: reasonOf(error) })
    this.#failing = true
  }

  #close(): void {
    const fd = this.#fd
    this.#fd = -1
    if (fd === this.#standard) return
    close(fd, (error) => {
      if (error)
        this.#log.warn('access log did not close well', {
          path: this.path,
          reason: reasonOf(error),
        })
    })
  }
}
