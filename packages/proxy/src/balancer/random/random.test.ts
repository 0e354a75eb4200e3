import { balancerSuite } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Stream } from '../../stream.ts'
import { random } from './random.ts'

describe('random', () => {
  balancerSuite(random, {})

  it('draws one random number for a pick, with weights and without', () => {
    for (const weights of [
      [1, 1],
      [1, 2, 3],
    ]) {
      let drawn = 0
      const hosts = weights.map((weight, i) => ({ address: `10.0.0.${i}:80`, weight, active: 0 }))
      const picker = random.picker(hosts, null, null, () => {
        drawn++
        return 0.5
      })
      for (let i = 0; i < 10; i++) picker.pick({} as Stream)
      expect(drawn).toBe(10)
    }
  })
})
