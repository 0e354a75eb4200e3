import type { Report, Second } from './traffic.ts'

/** Failed calls of one second that are told one by one; the rest is only counted. */
const TOLD_PER_SECOND = 3

/** Adds up what customers tell. */
export class Tally {
  calls = 0
  failed = 0
  last: Second | null = null
  readonly #say: (sentence: string, at: number) => void
  #told = 0

  constructor(say: (sentence: string, at: number) => void) {
    this.#say = say
  }

  onReport(report: Report): void {
    if (report.kind === 'failure') {
      if (this.#told++ < TOLD_PER_SECOND) this.#say(`a call failed: ${report.why}`, report.at)
      return
    }
    this.#told = 0
    this.calls += report.calls
    this.failed += report.failed
    this.last = report
  }
}
