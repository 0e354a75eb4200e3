import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

const values = fc.array(fc.nat(0x7fffffff), { minLength: 1 })

describe('a histogram', () => {
  it('has no buckets and says 0 before the first value', () => {
    const empty = new Histogram()
    expect(empty.buckets).toBeNull()
    expect([empty.quantile(0.5), empty.countUpTo(1000), empty.count]).toEqual([0, 0, 0])
  })

  it.each([
    [0, 1],
    [0.1, 1],
    [0.5, 5],
    [0.9, 9],
    [1, 10],
  ])('gives for a quantile of %d of 1 to 10 the value %d', (q, expected) => {
    expect(of([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).quantile(q)).toBe(expected)
  })

  it('is exact below 16 and at most an eighth above the true quantile elsewhere', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (all, percent) => {
        const sorted = all.toSorted((a, b) => a - b)
        const truth = sorted[Math.max(1, Math.ceil((percent / 100) * all.length)) - 1]!
        const said = of(all).quantile(percent / 100)
        expect(said).toBeGreaterThanOrEqual(truth)
        expect(said).toBeLessThanOrEqual(truth < 16 ? truth : truth * 1.125)
      }),
    )
  })

  it('counts up to a limit what is surely at most the limit', () => {
    fc.assert(
      fc.property(values, fc.nat(0x7fffffff), (all, limit) => {
        const said = of(all).countUpTo(limit)
        expect(said).toBeLessThanOrEqual(all.filter((value) => value <= limit).length)
        expect(said).toBeGreaterThanOrEqual(all.filter((value) => value <= limit / 1.13 - 1).length)
      }),
    )
  })

  it('puts values beyond its scale into the last bucket', () => {
    const histogram = of([2 ** 40, 2 ** 31, 2 ** 31 - 1])
    expect(histogram.count).toBe(3)
    expect(histogram.quantile(0)).toBe(histogram.quantile(1))
    expect(histogram.buckets!.at(-1)).toBe(3)
  })

  it('holds the same after adding another as after recording all', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const sum = of(left)
        const { count, sum: total, buckets } = of(right)
        sum.add(count, total, buckets && [...buckets])
        expect(sum).toEqual(of([...left, ...right]))
      }),
    )
  })

  it('goes on counting in a bucket that holds more than 32 bits', () => {
    const histogram = of([7])
    histogram.add(2 ** 32 - 1, 7 * (2 ** 32 - 1), [0, 0, 0, 0, 0, 0, 0, 2 ** 32 - 1])
    histogram.record(7)
    expect(histogram.countUpTo(7)).toBe(2 ** 32 + 1)
    expect(histogram.countUpTo(7)).toBe(histogram.count)
  })
})
