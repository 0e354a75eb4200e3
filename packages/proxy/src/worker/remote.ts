import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Backoff, type ErrorCode, type Logger, type LogLevel, MeshError } from '@tulle/core'
import type { Member, Report, Source } from './member.ts'
import { type Answer, type Ask, SHARED_SECRET } from './messages.ts'

type Question = Ask extends infer A ? (A extends { id: number } ? Omit<A, 'id'> : never) : never

/** What all workers share (`Site.secret`). */
const secret = randomBytes(32).toString('hex')

interface Waiting {
  resolve(report: Report | null): void
  reject(error: Error): void
}

const EMPTY: Report = { samples: [], clusters: [], listeners: [], openConnections: 0 }

/** A worker in a process of its own, started again when it dies. */
export class RemoteMember implements Member {
  readonly #log: Logger
  /** It listens on what only one process can listen on. */
  readonly #first: boolean
  readonly #backoff = new Backoff(100, 5000)
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess
  #nextId = 1
  #source: Source | null = null
  #stopping = false

  constructor(log: Logger, first = true) {
    this.#log = log
    this.#first = first
    this.#child = this.#start()
  }

  async apply(source: Source): Promise<void> {
    const before = this.#source
    this.#source = source
    try {
      await this.#ask({ what: 'apply', source })
    } catch (error) {
      // A worker that dies meanwhile takes it over when it is started again, as the others do now.
      if (before !== null && !this.#child.connected) return
      this.#source = before
      throw error
    }
  }

  /** Nothing from a worker that is being started again, or dies as it is asked. */
  async report(): Promise<Report> {
    if (!this.#child.connected) return EMPTY
    return await this.#ask({ what: 'report' }).then(
      (report) => report ?? EMPTY,
      () => EMPTY,
    )
  }

  setLogLevel(level: LogLevel): void {
    this.#tell({ what: 'level', level })
  }

  reopenLogs(): void {
    this.#tell({ what: 'reopen' })
  }

  async drain(drainMs: number): Promise<void> {
    this.#stopping = true
    if (!this.#child.connected) return
    await this.#ask({ what: 'drain', drainMs }).catch((error: unknown) =>
      this.#log.warn('worker ended while it drained', { error: String(error) }),
    )
  }

  stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
      if (child.connected) child.disconnect()
    })
  }

  #start(): ChildProcess {
    const child = fork(
      new URL('./child.ts', import.meta.url),
      [this.#log.level, this.#first ? 'first' : 'other'],
      {
        // Not an argument: those are everybody's to read.
        env: { ...process.env, [SHARED_SECRET]: secret },
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    child.on('message', (answer: Answer) => this.#onAnswer(answer))
    child.once('exit', (code, signal) => this.#onExit(child, code, signal))
    child.on('error', (error) => this.#log.error('worker process failed', { error: error.message }))
    return child
  }

  #onAnswer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) waiting?.resolve(answer.report)
    else waiting?.reject(new MeshError(answer.code as ErrorCode, answer.error))
  }

  #onExit(child: ChildProcess, code: number | null, signal: string | null): void {
    const error = new MeshError('WORKER_DIED', `worker ${child.pid} ended (${signal ?? code})`)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    if (this.#stopping) return
    this.#log.error('worker ended and is started again', { pid: child.pid, code, signal })
    setTimeout(() => this.#restart(), this.#backoff.next())
  }

  #restart(): void {
    if (this.#stopping) return
    this.#child = this.#start()
    if (this.#source === null) return
    this.#ask({ what: 'apply', source: this.#source }).then(
      () => this.#backoff.reset(),
      (error: unknown) =>
        this.#log.error('worker could not take its configuration', { error: String(error) }),
    )
  }

  #tell(question: Question): void {
    if (!this.#child.connected) return
    this.#ask(question).catch((error: unknown) =>
      this.#log.warn('worker did not do as told', { what: question.what, error: String(error) }),
    )
  }

  #ask(question: Question): Promise<Report | null> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ ...question, id } as Ask, (error) => {
        if (error === null) return
        this.#waiting.delete(id)
        reject(error)
      })
    })
  }
}
