import type { Histogram, Metrics } from '@tulle/core'
import { type Choice, chosen, dottedName, EVERYTHING, sortedEntries } from './series.ts'

/** One line per number, `upstream.shop.rq_total: 12`, in an order that does not change. */
export function statsText(metrics: Metrics, choice: Choice = EVERYTHING): string {
  let out = ''
  for (const entry of sortedEntries(metrics)) {
    for (const [metric, spec] of Object.entries(entry.family.metrics)) {
      if (!chosen(choice, entry, metric)) continue
      const value = entry.series[metric]!
      const words =
        typeof value === 'number' ? value : summary(value, spec[2] === 'microseconds' ? 'us' : 'B')
      out += `${dottedName(entry, metric)}: ${words}\n`
    }
  }
  return out
}

const QUANTILES = [50, 75, 90, 95, 99, 99.9, 100]

function summary(histogram: Histogram, unit: string): string {
  if (histogram.count === 0) return 'no values'
  const mean = Math.round(histogram.sum / histogram.count)
  const quantiles = QUANTILES.map((q) => `P${q}(${histogram.quantile(q / 100)}${unit})`)
  return `count(${histogram.count}) mean(${mean}${unit}) ${quantiles.join(' ')}`
}

/** One series of `StatsJson`. */
export interface StatsSeries {
  readonly family: string
  readonly labels: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, number | StatsHistogram>>
}

export interface StatsHistogram {
  readonly count: number
  readonly sum: number
  /** Only buckets that hold something: the largest value each takes (microseconds or bytes), and its count. */
  readonly buckets: readonly (readonly [limit: number, count: number])[]
}

/** `/stats?format=json`: what the page takes the difference of, second by second. */
export interface StatsJson {
  /** Milliseconds since the epoch at which the numbers were read. */
  readonly at: number
  readonly series: readonly StatsSeries[]
}

/** The chosen numbers as plain data; series of which nothing is chosen are left out. */
export function statsJson(metrics: Metrics, at: number, choice: Choice = EVERYTHING): StatsJson {
  const series: StatsSeries[] = []
  for (const entry of sortedEntries(metrics)) {
    const values: Record<string, number | StatsHistogram> = {}
    for (const metric of Object.keys(entry.family.metrics))
      if (chosen(choice, entry, metric)) values[metric] = plain(entry.series[metric]!)
    if (Object.keys(values).length === 0) continue
    const labels = Object.fromEntries(
      entry.family.labels.map((label, i) => [label, entry.labels[i] ?? '']),
    )
    series.push({ family: entry.family.name, labels, values })
  }
  return { at, series }
}

function plain(value: number | Histogram): number | StatsHistogram {
  if (typeof value === 'number') return value
  return { count: value.count, sum: value.sum, buckets: [...value.filled()] }
}
