import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.ts'

const waits = (backoff: Backoff, count: number): number[] =>
  Array.from({ length: count }, () => backoff.next())

describe('backoff', () => {
  it('doubles the step until the maximum and stays there', () => {
    const backoff = new Backoff(25, 250, () => 0.999_999)
    expect(waits(backoff, 6)).toEqual([25, 50, 100, 200, 250, 250])
  })

  it('starts again from the first step after a reset', () => {
    const backoff = new Backoff(25, 250, () => 0.999_999)
    waits(backoff, 5)
    backoff.reset()
    expect(waits(backoff, 2)).toEqual([25, 50])
  })

  it('spreads over the whole step', () => {
    const shares = [0, 0.25, 0.5, 0.75]
    const random = shares.values()
    const backoff = new Backoff(100, 100, () => random.next().value!)
    expect(waits(backoff, 4)).toEqual([0, 25, 50, 75])
  })

  it('gives a number from 0 to the maximum after any number of failures', () => {
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), share, (baseMs, maxMs, random) => {
        const all = waits(new Backoff(baseMs, maxMs, () => random), 1100)
        expect(all.every((ms) => ms >= 0 && ms <= maxMs)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
