import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Stream } from '../../stream.ts'
import { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'

const laneOf = (id: number): Lane => new Lane(id, null as unknown as Stream, 0, 0, false)

describe('the lanes of a connection', () => {
  it('are found by id, whichever have come and gone: as in a map', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(400)), { maxLength: 300 })
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 1), (all, parity) => {
        const lanes = new Lanes()
        const model = new Map<number, Lane>()
        let next = 2 + parity
        for (const [open, jump] of all) {
          if (open) {
            // Ids grow, and may leave some out.
            next += 2 * (1 + (jump % 40))
            const lane = laneOf(next)
            lanes.add(lane)
            model.set(next, lane)
          } else if (model.size > 0) {
            const lane = [...model.values()][jump % model.size]!
            model.delete(lane.id)
            lanes.remove(lane, jump % 2 === 0)
            expect(lanes.buried(lane.id)).toBe(jump % 2 === 0 ? 'early' : 'ended')
          }
          expect(lanes.size).toBe(model.size)
        }
        for (let id = 0; id <= next + 2; id++) expect(lanes.get(id)).toBe(model.get(id) ?? null)
        expect(lanes.list().map(({ id }) => id)).toEqual([...model.keys()])
      }),
      { numRuns: 100 },
    )
  })

  it('that live long leave room to thousands after them', () => {
    const lanes = new Lanes()
    const old = laneOf(1)
    lanes.add(old)
    for (let id = 3; id < 40_000; id += 2) {
      const lane = laneOf(id)
      lanes.add(lane)
      expect(lanes.get(id)).toBe(lane)
      expect(lanes.get(1)).toBe(old)
      lanes.remove(lane, false)
    }
    expect(lanes.size).toBe(1)
  })

  it('are remembered for a while when they are gone', () => {
    const lanes = new Lanes()
    for (let id = 1; id < 2001; id += 2) {
      const lane = laneOf(id)
      lanes.add(lane)
      lanes.remove(lane, id % 4 === 1)
    }
    expect(lanes.buried(1)).toBeNull()
    expect(lanes.buried(1997)).toBe('early')
    expect(lanes.buried(1999)).toBe('ended')
    expect(lanes.buried(2001)).toBeNull()
  })

  it('are removed once: what is not there changes nothing', () => {
    const lanes = new Lanes()
    const lane = laneOf(5)
    lanes.add(lane)
    lanes.remove(lane, false)
    lanes.remove(lane, true)
    expect(lanes.size).toBe(0)
    expect(lanes.buried(5)).toBe('ended')
  })

  it('are all given when the table is emptied', () => {
    const lanes = new Lanes()
    for (const id of [1, 3, 8193, 5]) lanes.add(laneOf(id))
    expect(lanes.clear().map(({ id }) => id)).toEqual([1, 3, 5, 8193])
    expect(lanes.size).toBe(0)
    expect(lanes.list()).toEqual([])
    expect(lanes.get(8193)).toBeNull()
  })
})
