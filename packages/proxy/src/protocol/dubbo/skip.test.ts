import { hex } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { value } from './harness.ts'
import { beginBody, skipValues } from './skip.ts'

function skip(bytes: Buffer, values = 1, end = bytes.length): number {
  beginBody()
  return skipValues(bytes, 0, end, values)
}

/** Values as a program could pass them, in the forms that hessian.js writes. */
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(2 ** 41) }),
    fc.uint8Array({ maxLength: 1500 }).map((bytes) => ({ bytes: Buffer.from(bytes) })),
    fc.array(tie('anything'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 40 }), tie('anything'), { maxKeys: 5 }),
    fc
      .tuple(fc.constantFrom('Apple', 'Pear', 'Plum'), fc.array(tie('anything'), { maxLength: 3 }))
      .map(([name, list]) => ({ $class: `shop.${name}${list.length}`, $: { ...list } })),
    fc.array(fc.integer(), { maxLength: 12 }).map((list) => ({ $class: '[int', $: list })),
  ),
}))

describe('the walk', () => {
  it('ends where the value ends, whatever hessian.js wrote', () => {
    fc.assert(
      fc.property(anything, fc.uint8Array({ maxLength: 5 }), (it, behind) => {
        const bytes = value(it)
        expect(skip(Buffer.concat([bytes, behind]))).toBe(bytes.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('knows classes from one value to the next', () => {
    const first = value({ $class: 'shop.Apple', $: { weight: 7, color: 'red' } })
    const second = hex('60 92 03 72 65 64')
    const both = Buffer.concat([first, second])
    expect(skip(both, 2)).toBe(both.length)
    expect(skip(second)).toBe(-1)
  })

  it('has no end when the value has none', () => {
    fc.assert(
      fc.property(anything, fc.nat(), (it, cut) => {
        const bytes = value(it)
        expect(skip(bytes, 1, cut % bytes.length)).toBe(-1)
      }),
      { numRuns: 500 },
    )
  })

  it('comes to an end among any bytes, inside them or nowhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 9 }), (any, n) => {
        const bytes = Buffer.from(any)
        const end = skip(bytes, n)
        expect(end === -1 || (end >= n && end <= bytes.length)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('comes to an end when one byte of a good value is another', () => {
    fc.assert(
      fc.property(anything, fc.nat(), fc.nat(255), (it, at, byte) => {
        const bytes = Buffer.from(value(it))
        bytes[at % bytes.length] = byte
        const end = skip(bytes)
        expect(end === -1 || (end > 0 && end <= bytes.length)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('values of one form', () => {
  it.each([
    ['null', '4e'],
    ['true', '54'],
    ['false', '46'],
    ['an int of one byte', '80'],
    ['an int of two', 'c8 30'],
    ['an int of three', 'd4 00 01'],
    ['an int of five', '49 00 01 02 03'],
    ['a long of one byte', 'd8'],
    ['a long of two', 'f8 30'],
    ['a long of three', '3c 00 01'],
    ['a long of five', '59 00 01 02 03'],
    ['a long of nine', '4c 00 01 02 03 04 05 06 07'],
    ['the double 0', '5b'],
    ['the double 1', '5c'],
    ['a double of two bytes', '5d 80'],
    ['a double of three', '5e 80 00'],
    ['a double of five', '5f 00 00 2f da'],
    ['a double of nine', '44 00 01 02 03 04 05 06 07'],
    ['a date in milliseconds', '4a 00 01 02 03 04 05 06 07'],
    ['a date in minutes', '4b 00 01 02 03'],
    ['short binary', '23 01 02 03'],
    ['binary of two bytes of length', '34 02 01 02'],
    ['binary in chunks', '41 00 01 5a 42 00 02 01 02'],
    ['binary in chunks, the last short', '41 00 01 5a 21 01'],
    ['a list to its end', '57 91 92 5a'],
    ['a list of a type to its end', '55 04 5b 69 6e 74 91 5a'],
    ['a list of a length', '58 92 91 92'],
    ['a list of a type and a length', '56 04 5b 69 6e 74 92 91 92'],
    ['a list of a known type', '56 90 91 91'],
    ['a short list', '7a 91 92'],
    ['a short list of a type', '72 04 5b 69 6e 74 91 92'],
    ['an empty list', '78'],
    ['a map', '48 91 01 61 92 01 62 5a'],
    ['a map of a type', '4d 03 63 61 72 91 92 5a'],
    ['an empty map', '48 5a'],
    ['an object', '43 01 41 92 01 62 01 63 4f 90 91 92'],
    ['an object without fields', '43 01 41 90 60'],
    ['an object in a field of an object', '43 01 41 91 01 62 60 60 4e'],
    ['a class within a class', '43 01 41 91 01 62 60 43 01 42 90 61'],
    ['two classes before an object', '43 01 41 90 43 01 42 91 01 62 61 4e'],
    ['a reference', '51 90'],
  ])('%s', (_name, text) => {
    const bytes = hex(text)
    expect(skip(Buffer.concat([bytes, hex('5a 4e')]))).toBe(bytes.length)
    for (let end = 0; end < bytes.length; end++) expect(skip(bytes, 1, end)).toBe(-1)
  })
})

describe('what is no value', () => {
  it.each([
    ['an end without a beginning', '5a'],
    ['a tag that means nothing (40)', '40'],
    ['a tag that means nothing (45)', '45'],
    ['a tag that means nothing (47)', '47'],
    ['a tag that means nothing (50)', '50'],
    ['a list of a negative length', '58 8f 91'],
    ['a list of the most negative length', '58 49 80 00 00 00 91'],
    ['a list longer than the body', '58 49 7f ff ff ff 91 92'],
    ['a typed list longer than the body', '56 90 49 7f ff ff ff 91 92'],
    ['a list whose length is a text', '58 01 61 91'],
    ['a list of a type that is a list', '55 78 5a'],
    ['a map with a key alone', '48 91 5a'],
    ['a map of a type that is null', '4d 4e 5a'],
    ['an object of no class', '60'],
    ['an object of a class that comes later', '61 43 01 41 90 60'],
    ['an object of a negative class', '4f 8f'],
    ['a class of a negative number of fields', '43 01 41 8f 60'],
    ['a class of more fields than the body', '43 01 41 49 7f ff ff ff 01 62 60'],
    ['a class whose field is an int', '43 01 41 91 91 60'],
    ['a class without a name', '43 91 90 60'],
    ['a class alone', '43 01 41 90'],
    ['a class before a text', '43 01 41 90 01 61'],
    ['a class before the end of a map', '48 43 01 41 90 5a'],
    ['a negative reference', '51 8f'],
    ['binary in chunks of text', '41 00 01 5a 01 61'],
    ['binary longer than the body', '42 ff ff 01'],
  ])('%s', (_name, bytes) => {
    expect(skip(hex(bytes))).toBe(-1)
  })

  it.each([
    ['lists', '57'],
    ['lists of one', '79'],
    ['lists of a length', '58 91'],
    ['maps', '48'],
    ['maps in maps', '48 91'],
    ['maps of a type', '4d 90'],
    ['typed lists', '55 90'],
  ])('ends the walk when it nests without end: %s', (_name, text) => {
    const once = hex(text)
    const bomb = Buffer.alloc(once.length * 1_000_000)
    bomb.fill(once)
    expect(skip(bomb)).toBe(-1)
  })

  it('nests as deep as programs do', () => {
    const deep = (levels: number) =>
      Buffer.concat([Buffer.alloc(levels, 0x79), hex('4e'), Buffer.alloc(3)])
    expect(skip(deep(1000))).toBe(1001)
    expect(skip(deep(1024))).toBe(-1)
  })

  it('defines as many classes as programs do', () => {
    const classes = (number: number) =>
      Buffer.concat([...Array.from({ length: number }, () => hex('43 00 90')), hex('60')])
    expect(skip(classes(4096))).toBe(4096 * 3 + 1)
    expect(skip(classes(4097))).toBe(-1)
  })

  it('takes a step for each byte at most: chunks of nothing, lists of nothing, objects of nothing', () => {
    const body = (head: string, again: string) =>
      Buffer.concat([hex(head), Buffer.alloc(hex(again).length * 300_000).fill(hex(again))])
    expect(skip(body('', '52 00 00'))).toBe(-1)
    expect(skip(body('', '41 00 00'))).toBe(-1)
    expect(skip(body('57', '78'))).toBe(-1)
    expect(skip(body('57 43 00 90', '60'))).toBe(-1)
  })
})
