import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** How much of what a child says is kept. */
const OUTPUT_LIMIT = 1 << 20

/** A process we started. It leads a process group of its own, so that its children end with it. */
export class Child {
  readonly pid: number
  readonly name: string
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>
  running = true
  stdout = ''
  stderr = ''

  constructor(process: ChildProcess, name: string) {
    this.name = name
    this.pid = process.pid ?? 0
    process.stdout?.on('data', (text: Buffer) => {
      this.stdout = (this.stdout + text.toString()).slice(-OUTPUT_LIMIT)
    })
    process.stderr?.on('data', (text: Buffer) => {
      this.stderr = (this.stderr + text.toString()).slice(-OUTPUT_LIMIT)
    })
    this.exited = new Promise((resolve) => {
      process.once('error', (error) => {
        this.stderr += error.message
        this.running = false
        resolve(127)
      })
      process.once('close', (code) => {
        this.running = false
        resolve(code)
      })
    })
  }

  /** What it said when it ended: the line that names an error if there is one, else the last ones. */
  lastWords(): string {
    const lines = (this.stderr.trim() || this.stdout.trim()).split('\n')
    return lines.find((line) => /error/i.test(line)) ?? lines.slice(-3).join(' ')
  }
}

/** Every process the bench has started and not yet ended. Nothing outlives the bench. */
export class Children {
  readonly #live = new Set<Child>()

  /** Starts a program on one core. */
  start(core: number, argv: readonly string[]): Child {
    const child = new Child(
      spawn('taskset', ['-c', String(core), ...argv], {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
      argv[0] ?? '',
    )
    this.#live.add(child)
    void child.exited.then(() => this.#live.delete(child))
    return child
  }

  /** Runs a program to its end; what it printed. Throws when it fails or takes longer than allowed. */
  async run(core: number, argv: readonly string[], timeoutMs: number): Promise<string> {
    const child = this.start(core, argv)
    const timer = new AbortController()
    const late = sleep(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => null)
    const code = await Promise.race([child.exited, late])
    timer.abort()
    if (code === 'late') await this.stop(child)
    if (code === 0) return child.stdout
    const how = code === 'late' ? `took longer than ${timeoutMs / 1000} s` : `ended with ${code}`
    throw new Error(`${argv.join(' ')} ${how}: ${child.lastWords()}`)
  }

  /** Ends a process and everything it started. There is nothing in them worth a farewell. */
  async stop(child: Child): Promise<void> {
    this.#kill(child)
    await child.exited
  }

  /** Ends all and waits until they are gone. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#live].map((child) => this.stop(child)))
  }

  /** Ends all at once; for the way out. */
  killAll(): void {
    for (const child of this.#live) this.#kill(child)
  }

  #kill(child: Child): void {
    if (!child.running || child.pid === 0) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch (error) {
      // It ended by itself between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
