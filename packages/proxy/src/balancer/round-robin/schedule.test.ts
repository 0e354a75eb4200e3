import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schedule } from './schedule.ts'

const hostsOf = (weights: readonly number[]) =>
  weights.map((weight, i) => ({ address: 'abcdefghijkl'[i]!, weight, active: 0 }))
const round = (...weights: number[]): string =>
  schedule(hostsOf(weights))
    .map((host) => host.address)
    .join('')

describe('a schedule', () => {
  it.each([
    ['equal weights have one turn each', [5, 5, 5], 'abc'],
    ['a common divisor of the weights is taken out', [200, 100], 'aba'],
    ['light hosts come between turns of a heavy one', [3, 1, 1], 'abaca'],
    ['one heavy among many light ones', [4, 1, 1, 1, 1], 'abacadae'],
  ])('%s', (_, weights, expected) => {
    expect(round(...weights)).toBe(expected)
  })

  it('gives each host its weight of turns, evenly over the round', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(weights, (weights) => {
        const hosts = hostsOf(weights)
        const turns = schedule(hosts)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        for (const host of hosts) {
          const count = turns.filter((turn) => turn === host).length
          expect(count / turns.length).toBeCloseTo(host.weight / total, 10)
          turns.forEach((_, i) => {
            const soFar = turns.slice(0, i).filter((turn) => turn === host).length
            expect(Math.abs(soFar - (i * count) / turns.length)).toBeLessThan(hosts.length)
          })
        }
      }),
      { numRuns: 30 },
    )
  })

  it('stays short whatever the weights, and leaves nobody out', () => {
    const turns = round(4294967295, 4294967291, 1, 65537)
    expect(turns.length).toBeLessThan(4200)
    expect(new Set(turns)).toEqual(new Set('abcd'))
  })
})
