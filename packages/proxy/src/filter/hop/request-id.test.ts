import { describe, expect, it } from 'vitest'
import { requestId } from './request-id.ts'

describe('a request id', () => {
  it('is a UUID of version 4, and another one each time', () => {
    const ids = Array.from({ length: 10_000 }, requestId)
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has every digit in every place that is random', () => {
    const seen = Array.from({ length: 36 }, () => new Set<string>())
    for (let i = 0; i < 2000; i++) {
      for (const [place, digit] of [...requestId()].entries()) seen[place]!.add(digit)
    }
    const fixed: Readonly<Record<number, number>> = { 8: 1, 13: 1, 14: 1, 18: 1, 19: 4, 23: 1 }
    expect(seen.map(({ size }) => size)).toEqual(seen.map((_, place) => fixed[place] ?? 16))
  })
})
