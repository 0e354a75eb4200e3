/**
 * What the page computes from two answers of `/stats?format=json`: rates from the growth of counters, quantiles from the
 * growth of histogram buckets. No DOM here.
 */

/** Answers kept: a minute of lines, one a second. */
const KEPT = 61
/** Quantiles cover this many answers, so that few requests still give a steady figure. */
const QUANTILE_SPAN = 10

/** The last minute of one series, such as one cluster's. */
export class Track {
  constructor() {
    /** @type {{ at: number, values: Record<string, any> }[]} oldest first */
    this.samples = []
  }

  /** Takes the next answer. A counter that shrank means a new process: the past no longer compares. */
  push(at, values) {
    const last = this.samples.at(-1)
    if (last && shrank(last.values, values)) this.samples = []
    this.samples.push({ at, values })
    if (this.samples.length > KEPT) this.samples.shift()
  }

  /** The value of a gauge now. */
  now(name) {
    return numberOf(this.samples.at(-1), name)
  }

  /** Growth per second of these counters together, over the last second. */
  rate(names) {
    return rateBetween(this.samples.at(-2), this.samples.at(-1), names)
  }

  /** The same for every second kept, oldest first. */
  rates(names) {
    return this.samples.slice(1).map((sample, i) => rateBetween(this.samples[i], sample, names))
  }

  /** The quantiles `qs` of what a histogram counted lately, in its unit; null where it counted nothing. */
  quantiles(name, qs) {
    const last = this.samples.at(-1)
    const first = this.samples.at(-1 - QUANTILE_SPAN) ?? this.samples[0]
    if (!last || first === last) return qs.map(() => null)
    const grown = growth(first.values[name], last.values[name])
    return qs.map((q) => quantile(grown, q))
  }
}

/** Sums several tracks second by second: all listeners, all clusters. */
export function sumRates(tracks, names) {
  const sums = []
  for (const track of tracks) {
    const rates = track.rates(names)
    for (let i = 1; i <= rates.length; i++) sums[i - 1] = (sums[i - 1] ?? 0) + rates.at(-i)
  }
  return sums.reverse()
}

/** What a histogram's buckets gained between two answers, from the lowest. */
export function growth(before, after) {
  const old = new Map(before?.buckets ?? [])
  return (after?.buckets ?? [])
    .map(([limit, count]) => [limit, count - (old.get(limit) ?? 0)])
    .filter(([, count]) => count > 0)
}

/** The limit of the bucket that a share `q` of the values does not exceed; null without values. */
export function quantile(buckets, q) {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let left = Math.ceil(q * total)
  for (const [limit, count] of buckets) {
    left -= count
    if (left <= 0) return limit
  }
  return buckets.at(-1)[0]
}

function rateBetween(before, after, names) {
  if (!before || !after || after.at <= before.at) return 0
  let grown = 0
  for (const name of names) grown += numberOf(after, name) - numberOf(before, name)
  return (Math.max(0, grown) * 1000) / (after.at - before.at)
}

function numberOf(sample, name) {
  const value = sample?.values[name]
  return typeof value === 'number' ? value : 0
}

function shrank(before, after) {
  return (
    (after.rq_total ?? 0) < (before.rq_total ?? 0) || (after.cx_total ?? 0) < (before.cx_total ?? 0)
  )
}

/** `0`, `0.4`, `37`, `1 204`, `18.2k`: never wider than six signs. */
export function shortNumber(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`
  if (value >= 1e3) return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f')
  if (value >= 10 || Number.isInteger(value)) return String(Math.round(value))
  return value.toFixed(1)
}

/** Microseconds as people say them: `840 µs`, `3.2 ms`, `1.25 s`; a dash for null. */
export function duration(microseconds) {
  if (microseconds === null) return '–'
  if (microseconds < 1000) return `${microseconds} µs`
  if (microseconds < 10_000) return `${(microseconds / 1000).toFixed(1)} ms`
  if (microseconds < 1e6) return `${Math.round(microseconds / 1000)} ms`
  return `${(microseconds / 1e6).toFixed(2)} s`
}

/** Seconds as `42s`, `7m 03s`, `5h 12m`, `3d 4h`. */
export function uptime(seconds) {
  const two = (value) => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  if (seconds < 86_400)
    return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`
  return `${Math.floor(seconds / 86_400)}d ${Math.floor(seconds / 3600) % 24}h`
}
