import { describe, expect, it } from 'vitest'
import { Patience } from './patience.ts'

describe('patience with a peer', () => {
  it('ends when it is used up, comes back with time, and never grows beyond its beginning', () => {
    const patience = new Patience(0)
    let spent = 0
    while (patience.spend(1, 0)) spent++
    expect(spent).toBeGreaterThan(100)
    expect(patience.spend(1, 1)).toBe(false)
    expect(patience.spend(1, 1000)).toBe(true)
    patience.earn(1_000_000)
    let again = 0
    while (patience.spend(1, 1000)) again++
    expect(again).toBe(spent)
  })

  it('is not touched by windows that are opened for data that was sent, however late', () => {
    const patience = new Patience(0)
    patience.sent(10_000)
    for (let i = 0; i < 40_000; i++) expect(patience.update(0)).toBe(true)
    let more = 0
    while (patience.update(0)) more++
    expect(more).toBeLessThanOrEqual(1000)
  })

  it('comes back with useful work', () => {
    const patience = new Patience(0)
    for (let i = 0; i < 100_000; i++) {
      expect(patience.spend(2, 0)).toBe(true)
      patience.earn(2)
    }
  })
})
