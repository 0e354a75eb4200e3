import type { Bench } from './bench.ts'

/** Something that is measured: one row of the bars, one table of results. */
export interface Work {
  /** After `--only`. */
  readonly name: string
  readonly title: string
  /** What Tulle is to reach, for a reader of the table. */
  readonly bar: string
  /** The contestant that relations are drawn to, of the same round. */
  readonly reference: string
  readonly columns: readonly Column[]
  /** Who takes part, in turn; each run starts its proxy afresh. */
  contestants(bench: Bench): readonly Contestant[]
}

/** One figure of a run. */
export interface Column {
  readonly key: string
  readonly label: string
  readonly digits: number
  /** How it is set against the reference: as a multiple of it, as what is above it, or not at all. */
  readonly relation: 'ratio' | 'difference' | null
}

export interface Contestant {
  readonly name: string
  /** Why it cannot take part, null when it can. */
  readonly missing: string | null
  run(): Promise<Figures>
}

/** Figures by the keys of the columns. */
export type Figures = Readonly<Record<string, number>>

/** The column of a work's main figure. */
export const CPU: Column = { key: 'cpu', label: 'CPU µs/request', digits: 2, relation: 'ratio' }
/** Columns that every work with requests has. */
const COMMON_COLUMNS: readonly Column[] = [
  CPU,
  { key: 'user', label: 'user', digits: 2, relation: null },
  { key: 'system', label: 'system', digits: 2, relation: null },
  { key: 'rps', label: 'rps', digits: 0, relation: null },
]
const RSS: Column = { key: 'rss', label: 'RSS MB', digits: 1, relation: null }

/** Where the load tool tells quantiles. */
export const REQUEST_COLUMNS: readonly Column[] = [
  ...COMMON_COLUMNS,
  { key: 'p50', label: 'p50 ms', digits: 3, relation: null },
  { key: 'p99', label: 'p99 ms', digits: 3, relation: null },
  RSS,
]
/** Where it tells the mean only. */
export const MEAN_COLUMNS: readonly Column[] = [
  ...COMMON_COLUMNS,
  { key: 'mean', label: 'mean ms', digits: 3, relation: null },
  RSS,
]
