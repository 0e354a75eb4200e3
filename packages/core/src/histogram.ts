const SUB = 8
/** Enough for 2³¹ - 1, which in microseconds is 35 minutes; what is larger counts there. */
const BUCKETS = 29 * SUB

/**
 * Counts of values on a log-linear scale: eight steps per doubling, so a quantile is at most 12.5 % off.
 * Buckets come to life with the first value, so that a cluster nobody calls costs nothing.
 */
export class Histogram {
  count = 0
  sum = 0
  /** Doubles, because a busy bucket passes 2³² within days. */
  buckets: Float64Array | null = null

  /** Records a value ≥ 0; integers in a small unit (microseconds) use the scale best. */
  record(value: number): void {
    this.count++
    this.sum += value
    this.buckets ??= new Float64Array(BUCKETS)
    this.buckets[bucketOf(value)]!++
  }

  /** The value that a share `q` (0…1) of all values does not exceed; 0 when there are none. */
  quantile(q: number): number {
    if (this.buckets === null || this.count === 0) return 0
    let left = Math.max(1, Math.ceil(q * this.count))
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.buckets[i]!
      if (left <= 0) return upperBound(i)
    }
    return upperBound(BUCKETS - 1)
  }

  /** How many values are at most `limit`, as far as the scale can tell. */
  countUpTo(limit: number): number {
    if (this.buckets === null) return 0
    let total = 0
    for (let i = 0; i < BUCKETS && upperBound(i) <= limit; i++) total += this.buckets[i]!
    return total
  }

  /** The buckets that hold values, from the lowest: the largest value each takes, and how many it took. */
  *filled(): Generator<[limit: number, count: number]> {
    if (this.buckets === null) return
    for (let i = 0; i < BUCKETS; i++)
      if (this.buckets[i]! > 0) yield [upperBound(i), this.buckets[i]!]
  }

  /** Adds what another histogram (another worker's) counted. */
  add(count: number, sum: number, buckets: ArrayLike<number> | null): void {
    this.count += count
    this.sum += sum
    if (buckets === null) return
    this.buckets ??= new Float64Array(BUCKETS)
    for (let i = 0; i < BUCKETS; i++) this.buckets[i]! += buckets[i] ?? 0
  }
}

/** Values below 8 have a bucket each; above, the top three bits after the leading one choose it. */
function bucketOf(value: number): number {
  const v = value > 0x7fffffff ? 0x7fffffff : value | 0
  if (v < SUB) return Math.max(v, 0)
  const shift = 28 - Math.clz32(v)
  return (shift + 1) * SUB + ((v >>> shift) & (SUB - 1))
}

function upperBound(bucket: number): number {
  if (bucket < SUB) return bucket
  const shift = Math.floor(bucket / SUB) - 1
  return (SUB + (bucket % SUB) + 1) * 2 ** shift - 1
}
