import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller, CallerOwner } from './caller.ts'
import { nowUs } from './caller.ts'
import type { LoadOptions } from './options.ts'
import { callerFactory } from './options.ts'
import type { LoadReport } from './tally.ts'
import { Tally } from './tally.ts'

/** A lost connection is opened again after so long, so that a dead target is not hammered. */
const RECONNECT_MS = 50
const EXPIRE_EVERY_MS = 50
/** Calls that wait for a connection in an open loop; more are failures at once. */
const MAX_WAITING = 100_000

/** A running load: look at it with `report()`, end it with `stop()`. */
export interface Load {
  report(): LoadReport
  /** Forgets what was counted so far. */
  restart(): void
  /** Begins no more calls, waits for those under way (at most their time-out), closes. */
  stop(): Promise<LoadReport>
}

/**
 * Starts a load. Without a rate it is a closed loop: every connection keeps its calls in flight. With one it is an open
 * loop: calls begin by the clock, whether or not earlier ones have ended, and one that finds no free connection waits,
 * its time running.
 */
export function startLoad(options: LoadOptions): Load {
  return new Generator(options)
}

/** Runs a load for so long, a warm-up before that is not counted. */
export async function runLoad(
  options: LoadOptions,
  time: { readonly warmupSeconds: number; readonly seconds: number },
): Promise<LoadReport> {
  const load = startLoad(options)
  if (time.warmupSeconds > 0) {
    await sleep(time.warmupSeconds * 1000)
    load.restart()
  }
  await sleep(time.seconds * 1000)
  return load.stop()
}

class Generator implements Load, CallerOwner {
  readonly #open: () => Caller
  readonly #callers = new Set<Caller>()
  readonly #tally = new Tally(nowUs())
  readonly #timeoutUs: number
  /** Calls a second in an open loop, 0 in a closed one. */
  readonly #rate: number
  readonly #timers: NodeJS.Timeout[] = []
  /** Open loop: starts of calls without a connection, oldest first. */
  readonly #waiting: number[] = []
  #stopping = false
  #firstUs = nowUs()
  #issued = 0
  #free: Caller[] = []

  constructor(options: LoadOptions) {
    this.#rate = options.ratePerSecond
    this.#timeoutUs = options.timeoutMs * 1000
    const create = callerFactory(options)
    this.#open = () => create(this)
    for (let i = 0; i < options.connections; i++) this.#callers.add(this.#open())
    this.#timers.push(setInterval(() => this.#expire(), EXPIRE_EVERY_MS))
    if (this.#rate > 0) this.#timers.push(setInterval(() => this.#issue(), 1))
  }

  report(): LoadReport {
    return this.#tally.report(nowUs())
  }

  restart(): void {
    this.#tally.restart(nowUs())
  }

  async stop(): Promise<LoadReport> {
    this.#stopping = true
    this.#waiting.length = 0
    this.#tally.endWindow(nowUs())
    const deadline = nowUs() + this.#timeoutUs + EXPIRE_EVERY_MS * 2000
    while (nowUs() < deadline && this.#pending() > 0) await sleep(5)
    for (const timer of this.#timers) clearInterval(timer)
    const report = this.report()
    for (const caller of [...this.#callers]) caller.close()
    return report
  }

  onReady(caller: Caller): void {
    if (this.#rate === 0) this.#fill(caller)
    else this.#offer(caller)
  }

  onAnswer(caller: Caller, startedUs: number): void {
    this.#tally.answer(nowUs() - startedUs)
    this.onReady(caller)
  }

  onFailure(caller: Caller, _startedUs: number, kind: string): void {
    this.#tally.fail(kind)
    this.onReady(caller)
  }

  onClosed(caller: Caller, kind: string | null): void {
    this.#callers.delete(caller)
    if (this.#stopping) return
    if (kind?.startsWith('connect: ') === true) this.#tally.fail(kind)
    const reopen = (): void => {
      if (!this.#stopping) this.#callers.add(this.#open())
    }
    if (kind === null) reopen()
    else setTimeout(reopen, RECONNECT_MS)
  }

  #fill(caller: Caller): void {
    while (!this.#stopping && caller.ready && caller.pending < caller.room) caller.call(nowUs())
  }

  /** Open loop: a connection has room; the longest waiting call takes it. */
  #offer(caller: Caller): void {
    while (!this.#stopping && caller.ready && caller.pending < caller.room) {
      const startedUs = this.#waiting.shift()
      if (startedUs === undefined) {
        if (!this.#free.includes(caller)) this.#free.push(caller)
        return
      }
      caller.call(startedUs)
    }
  }

  /**
   * Open loop: begins the calls that are due. They count from here, not from the moment that was planned: a timer fires
   * up to a millisecond late, which would drown what a proxy adds. `lateMsMax` tells when the generator itself stalled.
   */
  #issue(): void {
    const now = nowUs()
    if (this.#stopping) return
    const due = Math.floor(((now - this.#firstUs) * this.#rate) / 1e6)
    if (due > this.#issued) {
      const plannedUs = this.#firstUs + ((this.#issued + 1) / this.#rate) * 1e6
      this.#tally.lateUsMax = Math.max(this.#tally.lateUsMax, now - plannedUs)
    }
    for (; this.#issued < due; this.#issued++) this.#begin(now)
  }

  #begin(now: number): void {
    const caller = this.#takeFree()
    if (caller !== null) {
      caller.call(now)
      if (caller.pending < caller.room) this.#free.push(caller)
    } else if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(now)
    } else {
      this.#tally.fail('no free connection')
    }
  }

  #takeFree(): Caller | null {
    for (;;) {
      const caller = this.#free.shift()
      if (caller === undefined) return null
      if (caller.ready && caller.pending < caller.room) return caller
    }
  }

  #expire(): void {
    const beforeUs = nowUs() - this.#timeoutUs
    while (this.#waiting.length > 0 && this.#waiting[0]! < beforeUs) {
      this.#waiting.shift()
      this.#tally.fail('no free connection')
    }
    for (const caller of [...this.#callers]) caller.expire(beforeUs)
  }

  #pending(): number {
    let pending = 0
    for (const caller of this.#callers) pending += caller.pending
    return pending
  }
}
