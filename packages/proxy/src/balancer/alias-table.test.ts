import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AliasTable } from './alias-table.ts'

describe('an alias table', () => {
  it('gives every host as much of [0, 1) as its weight is of all', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(weights, (weights) => {
        const hosts = weights.map((weight, i) => ({ address: `${i}`, weight, active: 0 }))
        const table = new AliasTable(hosts)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        // Every line lies on a whole number of steps of this width; each step's middle stands for the step.
        const steps = total * hosts.length
        const counts = new Map(hosts.map((host) => [host, 0]))
        for (let i = 0; i < steps; i++) {
          const host = table.at((i + 0.5) / steps)
          counts.set(host, counts.get(host)! + 1)
        }
        for (const [host, count] of counts) expect(count).toBe(host.weight * hosts.length)
      }),
    )
  })
})
