import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Stream } from '../stream.ts'
import { Slots } from './slots.ts'

/** As much of a stream as slots touch. */
function stream(): Stream {
  return { upId: 0 } as Stream
}

describe('slots', () => {
  it('give ids from 1 to the highest and wrap, skipping those that still wait', () => {
    const slots = new Slots(5)
    const first = stream()
    expect(slots.put(first)).toBe(1)
    expect([slots.nextId(), slots.nextId(), slots.nextId(), slots.nextId()]).toEqual([2, 3, 4, 5])
    expect(slots.put(stream())).toBe(2)
    expect(slots.take(1)).toBe(first)
    expect([slots.nextId(), slots.nextId(), slots.nextId(), slots.nextId()]).toEqual([3, 4, 5, 1])
  })

  it('know a stream by its whole id, not by its place', () => {
    const slots = new Slots(0x7fffffff)
    const one = stream()
    const id = slots.put(one)
    for (const other of [id + 64, id + 128, 0, 0xffffffff]) expect(slots.take(other)).toBeNull()
    expect(slots.take(id)).toBe(one)
    expect(slots.take(id)).toBeNull()
    expect(slots.remove(one)).toBe(false)
  })

  it('never give an id to two that wait, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.constant<['put']>(['put']),
      fc.constant<['next']>(['next']),
      fc.tuple(fc.constant<'take' | 'remove'>('take'), fc.nat(500)),
      fc.tuple(fc.constant<'take' | 'remove'>('remove'), fc.nat(500)),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const slots = new Slots(1023)
        const waiting = new Map<number, Stream>()
        for (const [what, which = 0] of steps) {
          const [id, one] = [...waiting][which % Math.max(waiting.size, 1)] ?? [0, null]
          if (what === 'put') {
            const fresh = stream()
            const given = slots.put(fresh)
            expect(waiting.has(given)).toBe(false)
            waiting.set(given, fresh)
          } else if (what === 'next') expect(waiting.has(slots.nextId())).toBe(false)
          else if (one !== null) {
            if (what === 'take') expect(slots.take(id)).toBe(one)
            else expect(slots.remove(one)).toBe(true)
            waiting.delete(id)
          }
          expect(slots.size).toBe(waiting.size)
        }
        expect(new Set(slots.clear())).toEqual(new Set(waiting.values()))
      }),
    )
  })
})
