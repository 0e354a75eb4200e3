import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import type { Stream } from '../stream.ts'
import { Line } from './line.ts'

it('writes answers in the order of their requests, whenever they come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(300).keys()], { minLength: 300 }), (order) => {
      const written: number[] = []
      const line = new Line((answer) => written.push(answer.id))
      const streams = order.map(() => ({}) as Stream)
      for (const stream of streams) line.enter(stream)
      const without = new Set(order.slice(0, 20))
      const here = new Set<number>()
      for (const id of order) {
        line.leave(streams[id]!, without.has(id) ? null : ({ id } as Frame))
        here.add(id)
        let ready = 0
        while (here.has(ready)) ready++
        expect(written).toEqual([...Array(ready).keys()].filter((one) => !without.has(one)))
      }
    }),
    { numRuns: 5 },
  )
})

it('goes on with requests that come later', () => {
  const written: number[] = []
  const line = new Line((answer) => written.push(answer.id))
  const [a, b, c] = [{} as Stream, {} as Stream, {} as Stream]
  line.enter(a)
  line.leave(a, { id: 1 } as Frame)
  line.enter(b)
  line.enter(c)
  line.leave(c, { id: 3 } as Frame)
  expect(written).toEqual([1])
  line.leave(b, { id: 2 } as Frame)
  expect(written).toEqual([1, 2, 3])
})

it('knows how many bytes wait', () => {
  const line = new Line(() => {})
  const [a, b, c] = [{} as Stream, {} as Stream, {} as Stream]
  for (const stream of [a, b, c]) line.enter(stream)
  line.leave(c, { start: 10, end: 40 } as Frame)
  line.leave(b, { start: 0, end: 5 } as Frame)
  expect(line.heldBytes).toBe(35)
  line.leave(a, null)
  expect(line.heldBytes).toBe(0)
})
