import { balancerSuite } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Candidate, Picker } from '../../balancer.ts'
import type { Stream } from '../../stream.ts'
import { random } from '../random/random.ts'
import { roundRobin } from './round-robin.ts'

const weigh = (weights: Record<string, number>): readonly Candidate[] =>
  Object.entries(weights).map(([address, weight]) => ({ address, weight, active: 0 }))
const hosts = (addresses: string): readonly Candidate[] =>
  weigh(Object.fromEntries([...addresses].map((address) => [address, 1])))
const after = (previous: Picker | null, next: readonly Candidate[], random = 0): Picker =>
  roundRobin.picker(next, null, previous, () => random)
const picks = (picker: Picker, count: number): string =>
  Array.from({ length: count }, () => picker.pick({} as Stream)!.address).join('')

describe('round robin', () => {
  balancerSuite(roundRobin, {})

  it('refuses what it cannot do yet', () => {
    const result = roundRobin.configure({ slow_start_config: { slow_start_window: '5s' } }, 'lb')
    expect(result.ok ? [] : result.problems.map(({ at }) => at)).toEqual(['lb.slow_start_config'])
  })

  it('takes hosts in turn from a random one on', () => {
    expect(picks(after(null, hosts('abc'), 0.5), 7)).toBe('bcabcab')
  })

  it.each([
    ['the same hosts', 'abcd', 'abcd', 'cdab'],
    ['the host whose turn it is gone', 'abcd', 'abd', 'dabd'],
    ['an earlier host gone', 'abcd', 'bcd', 'cdbc'],
    ['one more in front', 'abcd', 'xabcd', 'cdxa'],
    ['only earlier hosts left', 'abcd', 'ab', 'abab'],
    ['nobody left', 'abcd', 'xyz', 'xyzx'],
  ])('goes on at the host whose turn it is, with %s', (_, before, now, expected) => {
    const old = after(null, hosts(before))
    expect(picks(old, 2)).toBe('ab')
    expect(picks(after(old, hosts(now)), 4)).toBe(expected)
  })

  it('goes on in the middle of a weighted round', () => {
    const weighted = weigh({ a: 5, b: 2, c: 1 })
    const whole = picks(after(null, weighted), 16)
    for (let cut = 0; cut < 8; cut++) {
      const old = after(null, weighted)
      expect(picks(old, cut) + picks(after(old, weighted), 16 - cut)).toBe(whole)
    }
  })

  it('begins anew after another kind of picker', () => {
    const other = random.picker(hosts('abc'), null, null, () => 0)
    expect(picks(after(other, hosts('abc')), 3)).toBe('abc')
  })
})
