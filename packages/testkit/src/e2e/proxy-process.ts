import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One line of the process' log. */
export interface Logged {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

const MAIN = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))

/** `tulle proxy` in a process of its own, with a folder for its configuration and logs. */
export class ProxyProcess {
  readonly child: ChildProcess
  readonly folder: string
  readonly log: Logged[] = []
  /** What standard error said that is no line of the log. */
  said = ''
  readonly exit: Promise<Exit>
  #rest = ''
  readonly #waiting = new Set<() => void>()

  constructor(config: string, args: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'tulle-e2e-'))
    const file = this.path('proxy.yaml')
    writeFileSync(file, config.replaceAll('$FOLDER', this.folder))
    this.child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', MAIN, 'proxy', '-c', file, ...args],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.exit = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal })
        for (const look of [...this.#waiting]) look()
      })
    })
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Process ids of its workers. */
  get workers(): number[] {
    const text = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  }

  /** A file in its folder, which configurations name by `$FOLDER`. */
  path(name: string): string {
    return join(this.folder, name)
  }

  /** Resolves with the first line of the log that says so; rejects when the process ends before. */
  logged(msg: string): Promise<Logged> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.log.find((one) => one.msg === msg)
        if (line !== undefined) resolve(line)
        else if (this.child.exitCode !== null || this.child.signalCode !== null)
          reject(new Error(`ended without "${msg}": ${this.said}${JSON.stringify(this.log)}`))
        else return
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** What its admin side answers. */
  async admin(path: string): Promise<string> {
    const { admin } = await this.logged('ready')
    const answer = await fetch(new URL(path, admin as string))
    return await answer.text()
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Ends it by force, if it still runs, and removes its folder. */
  async stop(): Promise<void> {
    this.kill('SIGKILL')
    await this.exit
    rmSync(this.folder, { recursive: true, force: true })
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      if (line.startsWith('{')) this.log.push(JSON.parse(line) as Logged)
      else this.said += `${line}\n`
    }
    for (const look of [...this.#waiting]) look()
  }
}

/** The part of a bootstrap that switches the admin side on, at any free port of loopback. */
export const ADMIN: Readonly<Record<string, unknown>> = {
  admin: { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } },
}
