import type { Family, Histogram, Metrics } from '@tulle/core'

/** One series with its family: the numbers of one cluster, of one listener, of the process. */
export interface Entry {
  readonly family: Family
  readonly labels: readonly string[]
  readonly series: Readonly<Record<string, number | Histogram>>
}

/** Which numbers a reader asked for: `?filter=` and `?usedonly`. */
export interface Choice {
  /** Held against the dotted name, `upstream.shop.rq_total`; null takes all. */
  readonly filter: RegExp | null
  /** Leaves out what never counted anything. */
  readonly usedOnly: boolean
}

export const EVERYTHING: Choice = { filter: null, usedOnly: false }

/** All series, by family and label values, so that two readings differ in numbers only. */
export function sortedEntries(metrics: Metrics): Entry[] {
  const entries: Entry[] = [...metrics.all()]
  const keys = new Map(entries.map((one) => [one, [one.family.name, ...one.labels].join('\0')]))
  return entries.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1))
}

/** `upstream.shop.rq_total`: family, label values, metric. */
export function dottedName(entry: Entry, metric: string): string {
  return [entry.family.name, ...entry.labels, metric].join('.').replace(/[\r\n]/g, ' ')
}

/** Whether the choice takes this metric of this series. */
export function chosen(choice: Choice, entry: Entry, metric: string): boolean {
  const value = entry.series[metric]
  if (value === undefined) return false
  if (choice.usedOnly && (typeof value === 'number' ? value : value.count) === 0) return false
  return choice.filter === null || choice.filter.test(dottedName(entry, metric))
}
