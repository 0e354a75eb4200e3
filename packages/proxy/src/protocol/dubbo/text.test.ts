import { hex } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hessianText } from '../../transcode/java-text.ts'
import { decoded, value } from './harness.ts'
import { isPlain, isText, jsonbString, skipString, textAt } from './text.ts'

const whole = (bytes: Buffer): string => {
  expect(skipString(bytes, 0, bytes.length)).toBe(bytes.length)
  return textAt(bytes, 0, bytes.length)
}

/** Text of every sort: ASCII, other scripts, characters beyond the basic plane, halves of such. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 1200 }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
)

describe('a string of ours', () => {
  it('is read again as it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = hessianText(text)
        expect(whole(bytes)).toBe(text)
        expect(isText(bytes, 0, bytes.length, text)).toBe(true)
        expect(isText(bytes, 0, bytes.length, `${text}.`)).toBe(false)
        expect(isPlain(bytes, 0, bytes.length)).toBe(/^[\0-\x7f]*$/.test(text))
      }),
    )
  })

  it('is understood by hessian.js', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 1500 }), (text) => {
        expect(decoded(hessianText(text))).toBe(text)
      }),
    )
  })

  it.each([
    [0, '00'],
    [31, '1f'],
    [32, '30 20'],
    [1023, '33 ff'],
    [1024, '53 04 00'],
    [0x8000, '53 80 00'],
    [0x8001, '52 80 00'],
  ])('of %i characters has the head that Java writes', (length, head) => {
    const bytes = hessianText('x'.repeat(length))
    expect(bytes.subarray(0, hex(head).length)).toEqual(hex(head))
    expect(whole(bytes)).toHaveLength(length)
  })

  it('is never cut inside a character', () => {
    const text = `${'x'.repeat(0x7fff)}🍎${'y'.repeat(0x10000)}`
    const bytes = hessianText(text)
    expect(bytes.subarray(0, 3)).toEqual(hex('52 7f ff'))
    expect(whole(bytes)).toBe(text)
    expect(decoded(bytes)).toBe(text)
  })
})

describe('a string of others', () => {
  it('is read as hessian.js wrote it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3000 }), (text) => {
        expect(whole(value(text))).toBe(text)
      }),
    )
  })

  it.each([
    ['in four bytes', '02 f0 9f 8d 8e', '🍎'],
    ['in two halves of three bytes', '02 ed a0 bc ed bd 8e', '🍎'],
    ['longer than it need be', '01 c1 a7', 'g'],
    ['in three bytes that could be one', '01 e0 81 a7', 'g'],
    ['in two bytes of length', '30 02 68 69', 'hi'],
    ['in three bytes of length', '53 00 02 68 69', 'hi'],
    ['in chunks', '52 00 01 68 52 00 00 01 69', 'hi'],
    ['in chunks, the last empty', '52 00 02 68 69 00', 'hi'],
    ['with a character that stands for none', '03 ef bf bd 68 69', '\ufffdhi'],
    ['without a character', '00', ''],
  ])('may be written %s', (_name, bytes, text) => {
    expect(whole(hex(bytes))).toBe(text)
    expect(isText(hex(bytes), 0, hex(bytes).length, text)).toBe(true)
    expect(isText(hex(bytes), 0, hex(bytes).length, 'other')).toBe(false)
  })

  it.each([
    ['nothing', ''],
    ['an int', '91'],
    ['half a short one', '05 68 69'],
    ['half a length', '53 00'],
    ['no second byte of a length', '30'],
    ['a length that lies', '53 ff ff 68 69'],
    ['a chunk without an end', '52 00 02 68 69'],
    ['a chunk followed by an int', '52 00 02 68 69 91'],
    ['half a character of two bytes', '01 c3'],
    ['half a character of three bytes', '01 e4 bd'],
    ['half a character of four bytes', '02 f0 9f 8d'],
    ['four bytes for one unit', '01 f0 9f 8d 8e'],
    ['a byte that begins no character', '01 80'],
    ['a byte of no UTF-8', '02 f8 68 69 68 69'],
  ])('does not end when it is %s', (_name, bytes) => {
    expect(skipString(hex(bytes), 0, hex(bytes).length)).toBe(-1)
  })

  it('never ends behind the end, wherever that is', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, cut) => {
        const bytes = hessianText(text)
        const end = cut % bytes.length
        expect(skipString(bytes, 0, end)).toBe(-1)
      }),
    )
  })
})

describe('a string in JSONB', () => {
  it.each([
    ['R', '00 00 00 02 4a 52'],
    ['', '00 00 00 01 49'],
    ['é', '00 00 00 08 7a 48 00 00 00 02 c3 a9'],
  ])('%j stands behind its length', (text, bytes) => {
    expect(jsonbString(text)).toEqual(hex(bytes))
  })

  it.each([
    [47, '00 00 00 30 78'],
    [48, '00 00 00 36 79 48 00 00 00 30'],
  ])('of %i characters begins so', (length, head) => {
    const bytes = jsonbString('x'.repeat(length))
    expect(bytes.subarray(0, hex(head).length)).toEqual(hex(head))
    expect(bytes).toHaveLength(4 + bytes.readUInt32BE(0))
  })
})
