/** Windows do not grow beyond this: a fast peer and a slow taker leave half as much again in memory on one connection. */
const MOST_BYTES = 8 * 1024 * 1024
/** Without growth in so many measurements the path is known. */
const PATIENCE = 4
/** What fills a window: a peer hears of room when half of it is used, so that the other half is all it can send meanwhile. */
const FULL = 0.45
/** How much faster it must get for the window to grow again. */
const WORTH = 1.25
/** A path that is known is measured again after so many bytes. */
const AGAIN_BYTES = 256 * 1024 * 1024

/**
 * Finds out how much data the path to a peer holds (its bandwidth-delay product), so that windows are just as large as
 * it takes to keep it full. A PING goes out when a body has used up half of its window; what arrives until its answer is
 * what one round trip brings. As long as that is the other half, the window is what limits it, and is doubled.
 */
export class Bandwidth {
  /** The window a lane should have. */
  window: number
  /** A PING for measuring is under way. */
  measuring = false
  #bytes = 0
  #since = 0
  #fastest = 0
  #still = 0
  #passed = 0

  constructor(window: number) {
    this.window = window
  }

  onData(bytes: number): void {
    this.#bytes += bytes
  }

  /** Whether it is time for a PING. */
  begin(now: number): boolean {
    if (this.measuring || this.window >= MOST_BYTES) return false
    if (this.#still >= PATIENCE) {
      this.#passed += this.#bytes
      this.#bytes = 0
      if (this.#passed < AGAIN_BYTES) return false
      this.#still = 0
    }
    this.#passed = 0
    this.measuring = true
    this.#bytes = 0
    this.#since = now
    return true
  }

  /** The PING's answer is there. True: `window` has grown. */
  end(now: number): boolean {
    this.measuring = false
    const speed = this.#bytes / Math.max(now - this.#since, 0.01)
    const full = this.#bytes >= this.window * FULL
    // More room that brings hardly more speed is only more memory: something else is the limit.
    if (!full || speed < this.#fastest * WORTH) {
      this.#still++
      return false
    }
    this.#fastest = speed
    this.#still = 0
    // More than a window cannot come in a round trip: a peer that answers late gets no more by it.
    this.window = Math.min(this.window * 2, MOST_BYTES)
    return true
  }
}
