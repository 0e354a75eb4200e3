import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { Stream } from '../../stream.ts'
import { Order } from './order.ts'
import { Own, Waiting } from './waiting.ts'

/** As much of a stream as is touched. */
function stream(): Stream {
  return Object.assign(Object.create(Stream.prototype) as Stream, { near: null, upId: 0 })
}

function frame(text: string): Frame {
  const buf = Buffer.from(`<<${text}>>`)
  return { buf, start: 2, end: buf.length - 2 } as Frame
}

describe('what a client is owed', () => {
  it('leaves in the order of its commands, whenever it comes', () => {
    const COUNT = 200
    const everyone = fc.shuffledSubarray([...Array(COUNT).keys()], { minLength: COUNT })
    fc.assert(
      fc.property(everyone, fc.subarray([...Array(COUNT).keys()]), (turns, ours) => {
        let written = ''
        const order = new Order((buf, start, end) => {
          written += `${buf.toString('latin1', start, end)} `
        })
        const own = new Set(ours)
        const streams = turns.map(stream)
        for (const [i, one] of streams.entries())
          order.enter(own.has(i) ? Buffer.from(String(i)) : one)
        for (const i of turns) if (!own.has(i)) order.answer(streams[i]!, frame(String(i)))
        expect(written).toBe(`${[...Array(COUNT).keys()].join(' ')} `)
        expect(order.size).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('is forgotten with its client, but for those who still wait', () => {
    const order = new Order(() => {})
    const [a, b, c] = [stream(), stream(), stream()]
    for (const one of [a, b, Buffer.from('+OK\r\n'), c]) order.enter(one)
    order.answer(b, frame('b'))
    expect(order.clear()).toEqual([a, c])
    expect(order.size).toBe(0)
  })
})

describe('who waits for answers', () => {
  it('is told in order, past those who have left', () => {
    const waiting = new Waiting()
    const streams = Array.from({ length: 300 }, stream)
    waiting.push(Own.Ping)
    for (const one of streams.slice(0, 100)) waiting.push(one)
    for (let i = 0; i < 50; i++) waiting.shift()
    for (const one of streams.slice(100)) waiting.push(one)
    expect(waiting.first).toBe(streams[49])
    waiting.leave(streams[49]!)
    waiting.leave(streams[0]!)
    expect(waiting.first).toBe(Own.Nobody)
    waiting.shift()
    expect(waiting.first).toBe(streams[50])
    expect(waiting.size).toBe(250)
    expect(waiting.clear()).toEqual(streams.slice(50))
    expect(waiting.first).toBeNull()
  })
})
