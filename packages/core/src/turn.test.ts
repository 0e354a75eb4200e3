import { HandClock } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { type Flushable, Turn } from './turn.ts'

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

function noting(into: string[], name: string, then: () => void = () => {}): Flushable {
  return {
    flush: () => {
      into.push(name)
      then()
    },
  }
}

describe('a turn', () => {
  it('reads the clock once, however often it is entered', () => {
    const clock = new HandClock(1000)
    const turn = new Turn(clock)
    expect(turn.begin()).toBe(1000)
    clock.turn(5)
    expect(turn.begin()).toBe(1000)
    turn.end()
    expect(turn.begin()).toBe(1005)
    turn.end()
  })

  it('ends by itself before the next one of the event loop', async () => {
    const flushed: string[] = []
    const turn = new Turn(new HandClock())
    turn.later(noting(flushed, 'a'))
    expect(flushed).toEqual([])
    await nextTurn()
    expect(flushed).toEqual(['a'])
  })

  it('flushes in the order of asking, and what flushing asks for in the same turn', () => {
    const flushed: string[] = []
    const turn = new Turn(new HandClock())
    turn.later(noting(flushed, 'a', () => turn.later(noting(flushed, 'c'))))
    turn.later(noting(flushed, 'b'))
    turn.end()
    expect(flushed).toEqual(['a', 'b', 'c'])
    turn.end()
    expect(flushed).toEqual(['a', 'b', 'c'])
  })

  it('flushes the others in a later turn when one throws', async () => {
    const flushed: string[] = []
    const turn = new Turn(new HandClock())
    turn.later(noting(flushed, 'a'))
    turn.later({
      flush: () => {
        throw new Error('broken pipe')
      },
    })
    turn.later(noting(flushed, 'b'))
    expect(() => turn.end()).toThrow('broken pipe')
    expect(flushed).toEqual(['a'])
    await nextTurn()
    expect(flushed).toEqual(['a', 'b'])
  })
})
