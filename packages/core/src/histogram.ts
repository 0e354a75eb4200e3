const SUB = 8
const BUCKETS = 32 * SUB

/**
 * Counts of values on a log-linear scale: eight steps per doubling, so a quantile is at most 12.5 % off.
 * Buckets come to life with the first value, so that a cluster nobody calls costs nothing.
 */
export class Histogram {
  count = 0
  sum = 0
  buckets: Uint32Array | null = null

  /** Records a value ≥ 0; integers in a small unit (microseconds) use the scale best. */
  record(value: number): void {
    this.count++
    this.sum += value
    this.buckets ??= new Uint32Array(BUCKETS)
    this.buckets[bucketOf(value)]!++
  }

  /** The value that a share `q` (0…1) of all values does not exceed; 0 when there are none. */
  quantile(q: number): number {
    if (this.buckets === null) return 0
    let left = Math.ceil(q * this.count)
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

  /** Adds what another histogram (another worker's) counted. */
  add(count: number, sum: number, buckets: ArrayLike<number> | null): void {
    this.count += count
    this.sum += sum
    if (buckets === null) return
    this.buckets ??= new Uint32Array(BUCKETS)
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
