import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'

/** Something with output that leaves when the turn ends. */
export interface Flushable {
  flush(): void
}

/**
 * One turn of the event loop, seen as one moment: the clock is read once, and what many sockets were given to
 * write during it leaves at its end, one write per socket.
 *
 * A turn begins with the first `begin()` after the loop's poll and ends in its check phase (`setImmediate`), so it
 * spans every socket that was readable in that poll. Flushing per read instead costs up to 2 system calls more per
 * request (`bench/`, Bolt 64 × 1).
 */
export class Turn {
  /** Monotonic milliseconds at the beginning of this turn. */
  now: number
  readonly clock: Clock
  readonly #dirty: Flushable[] = []
  #open = false
  readonly #end = (): void => this.end()

  constructor(clock: Clock = systemClock) {
    this.clock = clock
    this.now = clock.now()
  }

  /** Called at every entry from the event loop (bytes, timers, resolved promises). Returns `now`. */
  begin(): number {
    if (!this.#open) {
      this.#open = true
      this.now = this.clock.now()
      setImmediate(this.#end)
    }
    return this.now
  }

  /** Asks for `flush()` at the end of this turn. The caller remembers that it asked. */
  later(work: Flushable): void {
    this.begin()
    this.#dirty.push(work)
  }

  /**
   * Ends the turn: runs what was asked for, also what that asks for in turn. A `flush` that throws does not take the
   * others with it: they run at the end of a turn of their own.
   */
  end(): void {
    const dirty = this.#dirty
    let done = 0
    try {
      while (done < dirty.length) dirty[done++]!.flush()
    } finally {
      this.#open = false
      if (done === dirty.length) dirty.length = 0
      else {
        dirty.splice(0, done)
        this.begin()
      }
    }
  }
}
