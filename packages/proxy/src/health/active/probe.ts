/** What a probe found: null when the host is well, else a sentence about what is wrong. */
export type Finding = string | null

/** Asks one host how it is, again and again, one question at a time. */
export interface Probe {
  /** The latest question was answered: if the answer is no, that decides at once, whatever the thresholds. */
  readonly answered: boolean
  /** Asks. `done` is called once, unless `cancel` comes before. */
  start(done: (finding: Finding) => void): void
  /** Stops asking, and lets go of whatever that needs. */
  cancel(): void
}
