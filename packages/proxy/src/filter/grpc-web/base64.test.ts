import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Base64Reader } from './base64-reader.ts'
import { Base64Writer } from './base64-writer.ts'

/** A message of gRPC with its prefix. */
function message(content: Uint8Array, flags = 0): Buffer {
  const prefix = Buffer.from([flags, 0, 0, 0, 0])
  prefix.writeUInt32BE(content.length, 1)
  return Buffer.concat([prefix, content])
}

/** The bytes cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length]
  ends.sort((a, b) => a - b)
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
}

const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
const places = fc.array(fc.nat(2000), { maxLength: 8 })

describe('base64 that comes', () => {
  it('is read wherever it is cut and however often it is padded', () => {
    fc.assert(
      fc.property(contents, places, (pieces, cuts) => {
        const text = pieces.map((piece) => Buffer.from(piece).toString('base64')).join('')
        const reader = new Base64Reader()
        const read = cut(Buffer.from(text), cuts).map((chunk) => reader.read(chunk)!)
        expect(Buffer.concat(read)).toEqual(Buffer.concat(pieces))
        expect(reader.whole).toBe(true)
      }),
    )
  })

  it.each([
    ['AAA', false],
    ['AA=', false],
    ['AAAA', true],
    ['AA==AAA=', true],
  ])('%s is whole: %s', (text, whole) => {
    const reader = new Base64Reader()
    expect(reader.read(Buffer.from(text))).not.toBeNull()
    expect(reader.whole).toBe(whole)
  })

  it.each(['AA A', 'A===', '=AAA', 'AA=A', 'AAAA=', 'AA-_', 'AAA\n', '\u0000\u0001\u0002\u0003'])(
    '%j is none',
    (text) => {
      expect(new Base64Reader().read(Buffer.from(text))).toBeNull()
    },
  )
})

describe('base64 that leaves', () => {
  it('is all that was written, wherever it was cut', () => {
    fc.assert(
      fc.property(contents, places, (all, cuts) => {
        const bytes = Buffer.concat(all.map((content) => message(content)))
        const writer = new Base64Writer()
        const written = cut(bytes, cuts).map((chunk) => writer.write(chunk, false))
        const reader = new Base64Reader()
        expect(reader.read(Buffer.concat(written))).toEqual(bytes)
        expect(reader.whole).toBe(true)
      }),
    )
  })

  it('holds nothing of a message back that is whole', () => {
    const writer = new Base64Writer()
    const reader = new Base64Reader()
    for (const length of [0, 1, 2, 3, 300, 70_000]) {
      const one = message(Buffer.alloc(length, 1))
      expect(reader.read(writer.write(one, false))).toEqual(one)
    }
  })

  it('ends with what waited, though the message was never whole', () => {
    const writer = new Base64Writer()
    const begun = message(Buffer.from('abcd')).subarray(0, 7)
    const text = [writer.write(begun, false), writer.write(Buffer.alloc(0), true)].join('')
    expect(Buffer.from(text, 'base64')).toEqual(begun)
  })

  it('keeps no window on a chunk that will be written over', () => {
    const writer = new Base64Writer()
    const chunk = Buffer.from(message(Buffer.from('abcdef')).subarray(0, 8))
    const first = writer.write(chunk, false)
    chunk.fill(255)
    const text = [first, writer.write(Buffer.from('def'), true)].join('')
    expect(Buffer.from(text, 'base64').toString('latin1', 5)).toBe('abcdef')
  })
})
