import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digits, i32, isSame, put16, put32, putDigits, u16, u32 } from './bytes.ts'

describe('numbers in frames', () => {
  it('are read and written as a buffer does it', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const bytes = Buffer.alloc(6)
        put32(bytes, 1, value)
        expect(bytes.readInt32BE(1)).toBe(value)
        expect([i32(bytes, 1), u32(bytes, 1)]).toEqual([value, value >>> 0])
        put16(bytes, 0, value)
        expect(bytes.readUInt16BE(0)).toBe(value & 0xffff)
        expect(u16(bytes, 0)).toBe(value & 0xffff)
      }),
    )
  })

  it.each([
    ['3000', 3000],
    ['007', 7],
    ['', 0],
    ['2147483648', 0x7fffffff],
    ['99999999999999999999', 0x7fffffff],
    ['-1', 0],
    ['1s', 0],
  ])('in digits: %j is %i', (text, value) => {
    expect(digits(Buffer.from(`x${text}9`), 1, 1 + text.length)).toBe(value)
  })

  it('take the place of larger ones, in as many digits', () => {
    const bytes = Buffer.from('a3000b')
    putDigits(bytes, 1, 5, 95)
    expect(bytes.toString()).toBe('a0095b')
  })
})

it('bytes are the same when all of them are', () => {
  const bytes = Buffer.from('xabcx')
  expect(isSame(bytes, 1, 4, Buffer.from('abc'))).toBe(true)
  for (const other of ['ab', 'abd', 'bbc', 'abcx', ''])
    expect(isSame(bytes, 1, 4, Buffer.from(other)), other).toBe(false)
  expect(isSame(bytes, 2, 2, Buffer.alloc(0))).toBe(true)
})
