import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Pieces } from './pieces.ts'

it('keep what came, in whatever pieces it came', () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.nat(20_000).map((length) => new Uint8Array(length).fill(7)),
  )
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), (chunks) => {
      const pieces = new Pieces()
      for (const one of chunks) pieces.add(Buffer.from(one))
      const all = Buffer.concat(chunks)
      expect(pieces.bytes).toBe(all.length)
      expect(pieces.whole() ?? Buffer.alloc(0)).toEqual(all)
      expect(Buffer.concat(pieces.all)).toEqual(all)
    }),
  )
})

it('are few, however many came', () => {
  const pieces = new Pieces()
  for (let i = 0; i < 100_000; i++) pieces.add(Buffer.from([i]))
  expect(pieces.all.length).toBeLessThan(10)
  expect(pieces.whole()![99_999]).toBe(99_999 & 0xff)
})

it('are none where nothing came', () => {
  expect(new Pieces().whole()).toBeNull()
})
