import { Histogram } from './histogram.ts'

/**
 * What one number of a series is — it only grows, it goes up and down, or it is a distribution — with a sentence for
 * operators that stands in `docs/metrics.md` and in the OpenMetrics text. A histogram's buckets are in its unit.
 */
export type MetricSpec =
  | readonly ['counter', help: string]
  /** `max`: the same in every worker, so that several are not added up. */
  | readonly ['gauge', help: string, merge?: 'max']
  | readonly ['histogram', help: string, unit: 'microseconds' | 'bytes']

/** The numbers of one cluster, one listener, …: plain fields that the hot path adds to (0.8 ns). */
export type Series<S extends Record<string, MetricSpec>> = {
  -readonly [K in keyof S]: S[K][0] extends 'histogram' ? Histogram : number
}

/** Metrics that exist once per set of label values, such as all of a cluster's. */
export interface Family<S extends Record<string, MetricSpec> = Record<string, MetricSpec>> {
  /** First part of every name: `cluster`. */
  readonly name: string
  /** Label names, in the order in which `series` takes their values. */
  readonly labels: readonly string[]
  readonly metrics: S
}

/** Declares a family. One file per area holds its declarations; `docs/metrics.md` lists them, and a test compares. */
export function family<const S extends Record<string, MetricSpec>>(
  name: string,
  labels: readonly string[],
  metrics: S,
): Family<S> {
  return { name, labels, metrics }
}

/** One series as plain data: what a worker sends to the process that answers for all. */
export interface SeriesSample {
  readonly family: string
  readonly labels: readonly string[]
  readonly values: Record<string, number | HistogramSample>
}

export interface HistogramSample {
  readonly count: number
  readonly sum: number
  readonly buckets: readonly number[] | null
}

interface Entry {
  readonly family: Family
  readonly labels: readonly string[]
  readonly series: Record<string, number | Histogram>
}

/** All series of this process. Looked up when configuration arrives, never by a request. */
export class Metrics {
  readonly #entries = new Map<string, Entry>()

  /** The series with these label values, made when first asked for: an unchanged cluster keeps its counters. */
  series<S extends Record<string, MetricSpec>>(of: Family<S>, ...labels: string[]): Series<S> {
    const key = keyOf(of.name, labels)
    const known = this.#entries.get(key)
    if (known) return known.series as Series<S>
    const series: Record<string, number | Histogram> = {}
    for (const [name, spec] of Object.entries(of.metrics))
      series[name] = spec[0] === 'histogram' ? new Histogram() : 0
    this.#entries.set(key, { family: of, labels, series })
    return series as Series<S>
  }

  /** Forgets a series whose subject is gone. */
  drop(of: Family, ...labels: string[]): void {
    this.#entries.delete(keyOf(of.name, labels))
  }

  /** Everything, as plain data. */
  sample(): SeriesSample[] {
    return [...this.#entries.values()].map(({ family: { name }, labels, series }) => ({
      family: name,
      labels,
      values: Object.fromEntries(
        Object.entries(series).map(([key, value]) => [
          key,
          typeof value === 'number'
            ? value
            : { count: value.count, sum: value.sum, buckets: value.buckets && [...value.buckets] },
        ]),
      ),
    }))
  }

  /** Every series with its family, for the writers of text. */
  *all(): Generator<Entry> {
    yield* this.#entries.values()
  }

  /** A registry holding the sums of several workers' samples. Unknown families are left out. */
  static merge(families: readonly Family[], samples: readonly SeriesSample[][]): Metrics {
    const byName = new Map(families.map((one) => [one.name, one]))
    const merged = new Metrics()
    for (const sample of samples.flat()) {
      const of = byName.get(sample.family)
      if (!of) continue
      const series = merged.series(of, ...sample.labels) as Record<string, number | Histogram>
      for (const [name, value] of Object.entries(sample.values))
        if (of.metrics[name]?.[2] === 'max')
          series[name] = Math.max(Number(series[name]), Number(value))
        else addTo(series, name, value)
    }
    return merged
  }
}

function addTo(
  series: Record<string, number | Histogram>,
  name: string,
  value: number | HistogramSample,
): void {
  const into = series[name]
  if (typeof into === 'number' && typeof value === 'number') series[name] = into + value
  else if (into instanceof Histogram && typeof value !== 'number')
    into.add(value.count, value.sum, value.buckets)
}

/** Quoted, so that no label value can pass for two. */
function keyOf(name: string, labels: readonly string[]): string {
  return JSON.stringify([name, ...labels])
}
