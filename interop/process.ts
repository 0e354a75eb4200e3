import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { within } from './checks.ts'

const STARTING_MS = 30_000
const ENDING_MS = 10_000

/** A program at work whose output is kept. */
export class Process {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #exited: Promise<unknown>
  #said = ''
  #heard: () => void = () => {}

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#name = command
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.#exited = once(this.#child, 'close')
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        this.#heard()
      })
    this.#child.on('error', (error) => {
      this.#said += error.message
    })
    this.#child.on('close', () => this.#heard())
  }

  /** All it has written so far. */
  get said(): string {
    return this.#said
  }

  get #gone(): boolean {
    return (
      this.#child.exitCode !== null ||
      this.#child.signalCode !== null ||
      this.#child.pid === undefined
    )
  }

  /** What the pattern finds in its output, as soon as it does. Fails with the output when it ends before, or is too late. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + STARTING_MS
    for (;;) {
      const found = pattern.exec(this.#said)
      if (found !== null) return found
      if (this.#gone || performance.now() > end)
        throw new Error(`${this.#name} did not say ${pattern}, but:\n${this.#said}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#heard = resolve
      await Promise.race([promise, sleep(1000)])
    }
  }

  /** Waits until it ends by itself; gives its exit code. */
  async exit(ms: number): Promise<number | null> {
    await within(ms, this.#exited)
    return this.#child.exitCode
  }

  /** Ends it, by force when it does not go. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#gone) return
    this.#child.kill(signal)
    const force = setTimeout(() => this.#child.kill('SIGKILL'), ENDING_MS)
    await this.#exited
    clearTimeout(force)
  }
}

/** A port of loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until somebody listens on a port of loopback. */
export async function answers(port: number): Promise<void> {
  const end = performance.now() + STARTING_MS
  for (;;) {
    const socket = net.connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(100)
    } finally {
      socket.destroy()
    }
  }
}
