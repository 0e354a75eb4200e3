import type { Histogram, MetricSpec, Metrics } from '@tulle/core'
import { type Choice, chosen, type Entry, EVERYTHING, sortedEntries } from './series.ts'

/** What a metric is called outside. */
export interface MetricName {
  /** The metric family of OpenMetrics: `tulle_upstream_rq`. */
  readonly base: string
  /** What its samples are called; a histogram adds `_bucket`, `_count` and `_sum`: `tulle_upstream_rq_total`. */
  readonly sample: string
  /** `seconds`, `bytes`, or null. */
  readonly unit: string | null
}

/** OpenMetrics 1.0 text of everything chosen. Durations are in seconds, whatever they were counted in. */
export function openMetrics(metrics: Metrics, choice: Choice = EVERYTHING): string {
  return `${write(metrics, choice, openHead, canonical)}# EOF\n`
}

/** The same in Prometheus' older text format (0.0.4), for readers that do not ask for OpenMetrics. */
export function prometheusText(metrics: Metrics, choice: Choice = EVERYTHING): string {
  return write(metrics, choice, prometheusHead, String)
}

/** The name of a metric in both formats: `tulle_`, family, metric, unit, and `_total` once for what only grows. */
export function metricName(family: string, metric: string, spec: MetricSpec): MetricName {
  const stem = `tulle_${family}_${metric}`
  if (spec[0] === 'counter') {
    const base = stem.replace(/_total$/, '')
    return { base, sample: `${base}_total`, unit: unitOf(base) }
  }
  if (spec[0] === 'gauge') return { base: stem, sample: stem, unit: unitOf(stem) }
  const unit = spec[2] === 'microseconds' ? 'seconds' : 'bytes'
  const base = unitOf(stem) === unit ? stem : `${stem}_${unit}`
  return { base, sample: base, unit }
}

function unitOf(name: string): string | null {
  return /_(seconds|bytes)$/.exec(name)?.[1] ?? null
}

type Head = (name: MetricName, kind: string, help: string) => string

function openHead({ base, unit }: MetricName, kind: string, help: string): string {
  const unitLine = unit === null ? '' : `# UNIT ${base} ${unit}\n`
  return `# TYPE ${base} ${kind}\n${unitLine}# HELP ${base} ${escaped(help)}\n`
}

/** The older format knows no units and calls a counter by the name of its sample. */
function prometheusHead({ sample }: MetricName, kind: string, help: string): string {
  return `# HELP ${sample} ${help}\n# TYPE ${sample} ${kind}\n`
}

/** All samples of a metric stand together under its head, as both formats demand. */
function write(
  metrics: Metrics,
  choice: Choice,
  head: Head,
  edge: (limit: number) => string,
): string {
  const byFamily = Map.groupBy(sortedEntries(metrics), (entry) => entry.family)
  let out = ''
  for (const [family, entries] of byFamily) {
    for (const [metric, spec] of Object.entries(family.metrics)) {
      const name = metricName(family.name, metric, spec)
      let lines = ''
      for (const entry of entries)
        if (chosen(choice, entry, metric)) lines += samples(entry, metric, spec, name.sample, edge)
      if (lines !== '') out += head(name, spec[0], spec[1]) + lines
    }
  }
  return out
}

function samples(
  entry: Entry,
  metric: string,
  spec: MetricSpec,
  name: string,
  edge: (limit: number) => string,
): string {
  const labels = entry.family.labels.map(
    (label, i) => `${label}="${escaped(entry.labels[i] ?? '')}"`,
  )
  const value = entry.series[metric]!
  if (typeof value === 'number') return `${name}${braces(labels)} ${value}\n`
  return distribution(value, spec[2] === 'microseconds' ? TIME : SIZE, name, labels, edge)
}

interface Scale {
  /** How many of the counted unit make one of the written unit. */
  readonly per: number
  /** Upper edges of the written buckets, in the written unit. */
  readonly edges: readonly number[]
}

/** Round numbers, because people ask "how many within 250 ms"; a proxy's own delay shows in the first few. */
const TIME: Scale = {
  per: 1_000_000,
  edges: [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    30, 60, 300,
  ],
}
const SIZE: Scale = {
  per: 1,
  edges: [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
}

function distribution(
  histogram: Histogram,
  scale: Scale,
  name: string,
  labels: readonly string[],
  edge: (limit: number) => string,
): string {
  let out = ''
  for (const limit of scale.edges) {
    const count = histogram.countUpTo(Math.round(limit * scale.per))
    out += `${name}_bucket${braces([...labels, `le="${edge(limit)}"`])} ${count}\n`
  }
  out += `${name}_bucket${braces([...labels, 'le="+Inf"'])} ${histogram.count}\n`
  out += `${name}_count${braces(labels)} ${histogram.count}\n`
  return `${out}${name}_sum${braces(labels)} ${histogram.sum / scale.per}\n`
}

function braces(labels: readonly string[]): string {
  return labels.length === 0 ? '' : `{${labels.join(',')}}`
}

/** OpenMetrics wants `1.0` where JavaScript says `1`, so that readers find the same bucket by its text. */
function canonical(limit: number): string {
  return Number.isInteger(limit) ? `${limit}.0` : String(limit)
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
