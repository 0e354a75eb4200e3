import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HuffmanReader } from './huffman.ts'
import { codeBits, codes, EOS } from './huffman-code.ts'
import { huffmanBytes, huffmanEncode } from './huffman-encode.ts'
import { marksOfText } from './marks.ts'

/** Symbols with their codes, from every corner of appendix B. */
const CODES: readonly (readonly [symbol: number, bits: string])[] = [
  [0x30, '00000'],
  [0x74, '01001'],
  [0x20, '010100'],
  [0x75, '101101'],
  [0x3a, '1011100'],
  [0x7a, '1111011'],
  [0x26, '11111000'],
  [0x5a, '11111101'],
  [0x21, '1111111000'],
  [0x7c, '11111111100'],
  [0x00, '1111111111000'],
  [0x7b, '111111111111110'],
  [0x5c, '1111111111111110000'],
  [0x01, '11111111111111111011000'],
  [0xff, '11111111111111111111101110'],
  [0xfe, '111111111111111111111110000'],
  [0xf9, '1111111111111111111111111110'],
  [0x16, '111111111111111111111111111110'],
  [EOS, '111111111111111111111111111111'],
]

const reader = new HuffmanReader()

describe('the Huffman code', () => {
  it.each(CODES)('has symbol %i as %s', (symbol, bits) => {
    expect(codes[symbol]!.toString(2).padStart(codeBits[symbol]!, '0')).toBe(bits)
  })

  it('is complete: no bits are left without a symbol', () => {
    expect(codeBits.reduce((sum, bits) => sum + 2 ** -bits, 0)).toBe(1)
  })
})

describe('HuffmanReader', () => {
  it('reads every byte, alone and behind every other', () => {
    const bytes = Buffer.alloc(8)
    const wrong: string[] = []
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const text = String.fromCharCode(first, second)
        const read = reader.read(bytes, 0, huffmanEncode(text, bytes, 0))
        if (!read || reader.text() !== text) wrong.push(text)
      }
      expect(read(coded(String.fromCharCode(first)))).toBe(String.fromCharCode(first))
    }
    expect(wrong).toEqual([])
  })

  it('reads what was written, and marks its characters', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const letter = fc.integer({ min: 0x20, max: 0x7e })
    fc.assert(
      fc.property(fc.array(fc.oneof(byte, letter), { maxLength: 300 }), (bytes) => {
        const text = String.fromCharCode(...bytes)
        expect(read(coded(text))).toBe(text)
        expect(reader.marks).toBe(marksOfText(text))
      }),
    )
  })

  it('reads texts longer than its memory', () => {
    const text = 'e0 '.repeat(20_000)
    expect(read(coded(text))).toBe(text)
  })

  it('reads nothing as the empty text', () => {
    expect(read(Buffer.alloc(0))).toBe('')
  })

  it.each([
    ['padding of a byte', '1fff'],
    ['padding of two bytes', '1fffff'],
    ['a byte of padding alone', 'ff'],
    ['padding of zeros', '18'],
    ['padding that begins with ones', '1e'],
    ['padding of the wrong last bit', '1ffe'],
    ['EOS alone', 'ffffffff'],
    ['EOS before a text', 'fffffffc1f'],
    ['EOS after a text', '1fffffffff'],
    ['a code cut short', 'fff8'],
  ])('refuses %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(reader.read(bytes, 0, bytes.length)).toBe(false)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('takes the padding behind %i codes of five bits', (count) => {
    expect(read(coded('a'.repeat(count)))).toBe('a'.repeat(count))
  })

  it('reads only its own bytes of a larger buffer', () => {
    const bytes = coded('window')
    const buf = Buffer.concat([Buffer.alloc(5, 0xaa), bytes, Buffer.alloc(5, 0xaa)])
    expect(reader.read(buf, 5, 5 + bytes.length)).toBe(true)
    expect(reader.text()).toBe('window')
  })
})

function read(bytes: Buffer): string {
  expect(reader.read(bytes, 0, bytes.length)).toBe(true)
  return reader.text()
}

function coded(text: string): Buffer {
  const bytes = Buffer.alloc(huffmanBytes(text))
  expect(huffmanEncode(text, bytes, 0)).toBe(bytes.length)
  return bytes
}
