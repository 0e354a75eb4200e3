import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** How a process is run and who hears of it. */
export interface ProcessInit {
  readonly name: string
  /** A script and its arguments, run on the Node this process runs on. */
  readonly args: readonly string[]
  /** The temporary folder of the shop; what the process says goes to `logs/NAME.log` in it. */
  readonly folder: string
  onLine(line: string): void
  onMessage(message: unknown): void
  /** It ended though nobody asked it to: `stock-1 (pid 4711) was killed (SIGKILL)`. */
  onDeath(sentence: string): void
}

const LEASH = new URL('leash.ts', import.meta.url).href
const READY = '"msg":"ready"'
const STARTUP_MS = 20_000

/** One process of the shop. It may be started again after it has ended. */
export class Process {
  readonly name: string
  readonly log: string
  readonly #init: ProcessInit
  #child: ChildProcess | null = null
  #stopping = false
  #lastLine = ''

  constructor(init: ProcessInit) {
    this.name = init.name
    this.log = join(init.folder, 'logs', `${init.name.replace("'s ", '-')}.log`)
    this.#init = init
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Resolves when it has said that it is ready; fails with a sentence when it ends before. */
  async start(): Promise<void> {
    if (this.#stopping) throw new Error(`${this.name} is not wanted any more`)
    const ready = Promise.withResolvers<void>()
    const slow = setTimeout(
      () => ready.reject(new Error(`${this.name} is not ready after ${STARTUP_MS / 1000} s`)),
      STARTUP_MS,
    )
    const child = this.#spawn()
    this.#child = child
    this.#listen(child, ready.resolve)
    child.once('error', ready.reject)
    child.once('exit', (code, signal) => {
      this.#child = null
      const how = signal === null ? `ended with status ${code}` : `was killed (${signal})`
      const last = code !== null && code !== 0 && this.#lastLine !== '' ? `: ${this.#lastLine}` : ''
      const sentence = `${this.name} (pid ${child.pid}) ${how}${last}`
      ready.reject(new Error(sentence))
      if (!this.#stopping) this.#init.onDeath(sentence)
    })
    try {
      await ready.promise
    } finally {
      clearTimeout(slow)
    }
  }

  /** Asks it to end, and after `patienceMs` ends it. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child === null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    await ended
    clearTimeout(timer)
  }

  /** In a group of its own, so that Ctrl-C reaches only the process that started all, which ends them in order. */
  #spawn(): ChildProcess {
    return spawn(process.execPath, [...process.execArgv, '--import', LEASH, ...this.#init.args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      env: { ...process.env, SHOP_FOLDER: this.#init.folder },
    })
  }

  #listen(child: ChildProcess, onReady: () => void): void {
    const log = createWriteStream(this.log, { flags: 'a' })
    log.on('error', (error) => this.#init.onLine(`its log cannot be written: ${error.message}`))
    const onLine = (line: string): void => {
      log.write(`${line}\n`)
      this.#lastLine = line
      if (line.includes(READY)) onReady()
      this.#init.onLine(line)
    }
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', onLine)
    child.on('message', (message) => this.#init.onMessage(message))
    child.once('close', () => log.end())
  }
}
