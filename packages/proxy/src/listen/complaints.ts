import type { Logger } from '@tulle/core'
import type { Site } from '../site.ts'

/** So many lines in so long; then silence, and at the next line how many there would have been. */
const LINES = 10
const WINDOW_MS = 10_000

/** Lines about clients that do something wrong: a flood of them must not become a flood of lines. */
export class Complaints {
  readonly #site: Site
  #since = Number.NEGATIVE_INFINITY
  #lines = 0

  constructor(site: Site) {
    this.#site = site
  }

  say(message: string, fields: Parameters<Logger['info']>[1]): void {
    const { turn, log } = this.#site
    if (turn.now - this.#since >= WINDOW_MS) {
      const unsaid = Math.max(0, this.#lines - LINES)
      this.#since = turn.now
      this.#lines = 1
      log.info(message, unsaid === 0 ? fields : { ...fields, unsaid })
    } else if (this.#lines++ < LINES) log.info(message, fields)
  }
}
