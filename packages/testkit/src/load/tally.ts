import type { Histogram } from 'hdr-histogram-js'
import { build } from 'hdr-histogram-js'

/** What a load run measured. Latencies are of answered calls only. */
export interface LoadReport {
  /** Length of the measured window; calls under way at its end are awaited and counted, but not in `rps`. */
  readonly seconds: number
  readonly answered: number
  readonly failed: number
  /** Failed calls by kind: `timeout`, `status 503`, `ECONNRESET`, `closed by peer`, `connect: ECONNREFUSED`, … */
  readonly failures: Readonly<Record<string, number>>
  readonly rps: number
  readonly latencyMs: Latency
  /** Open loop only: how far the generator itself ever lagged behind its schedule. */
  readonly lateMsMax: number
}

export interface Latency {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Counts the ends of calls. */
export class Tally {
  answered = 0
  failed = 0
  lateUsMax = 0
  readonly #failures = new Map<string, number>()
  /** Microseconds, three significant digits. */
  readonly #latency: Histogram = build({ numberOfSignificantValueDigits: 3 })
  #beganUs: number
  #endUs = 0
  #answeredInWindow = 0

  constructor(beganUs: number) {
    this.#beganUs = beganUs
  }

  answer(latencyUs: number): void {
    this.answered++
    this.#latency.recordValue(Math.max(1, Math.round(latencyUs)))
  }

  fail(kind: string): void {
    this.failed++
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1)
  }

  /** Forgets what was counted: the warm-up is over. */
  restart(nowUs: number): void {
    this.answered = 0
    this.failed = 0
    this.lateUsMax = 0
    this.#failures.clear()
    this.#latency.reset()
    this.#beganUs = nowUs
  }

  /** Ends the window that rates are taken over. */
  endWindow(nowUs: number): void {
    this.#endUs = nowUs
    this.#answeredInWindow = this.answered
  }

  /** What was counted so far. */
  report(nowUs: number): LoadReport {
    const ended = this.#endUs > 0
    const seconds = ((ended ? this.#endUs : nowUs) - this.#beganUs) / 1e6
    const answered = ended ? this.#answeredInWindow : this.answered
    return {
      seconds,
      answered: this.answered,
      failed: this.failed,
      failures: Object.fromEntries([...this.#failures].sort((a, b) => b[1] - a[1])),
      rps: seconds > 0 ? answered / seconds : 0,
      latencyMs: this.#latencyMs(),
      lateMsMax: this.lateUsMax / 1000,
    }
  }

  #latencyMs(): Latency {
    const at = (percentile: number): number => this.#latency.getValueAtPercentile(percentile) / 1000
    return {
      mean: this.answered === 0 ? 0 : this.#latency.mean / 1000,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: this.#latency.maxValue / 1000,
    }
  }
}
