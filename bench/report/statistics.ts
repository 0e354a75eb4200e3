/** A median and what it was found between. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Null when there is nothing to summarise. */
export function spread(values: readonly number[]): Spread | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined) return null
  const median = sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2
  return { median, min: sorted[0]!, max: sorted[sorted.length - 1]! }
}
