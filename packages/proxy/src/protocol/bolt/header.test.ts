import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { boltCodec } from './bolt.ts'
import { pairBytes } from './edit.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

/** A version 1 request with this header map and nothing else; `behind` are bytes after its end. */
function requestWith(map: Buffer, behind: Buffer = Buffer.alloc(0)): Frame {
  const fixed = hex('01 01 00 01 01 00 00 00 01 01 00 00 00 00 00 00 00 00 00 00 00 00')
  fixed.writeUInt16BE(map.length, 16)
  const bytes = Buffer.concat([fixed, map, behind])
  return boltCodec.read(bytes, 0, fixed.length + map.length)!
}

/** The bytes of a pair whose lengths say what they like. */
function pairWith(nameLength: number, name: string, valueLength: number, value: string): Buffer {
  const bytes = pairBytes(name, value)
  bytes.writeInt32BE(nameLength, 0)
  bytes.writeInt32BE(valueLength, 4 + name.length)
  return bytes
}

describe('the header map', () => {
  it('tells null, which is no value, from empty', () => {
    const frame = requestWith(vectors.get('null-and-empty-values')!)
    expect(boltCodec.header(frame, 'a')).toBe('')
    expect(boltCodec.header(frame, 'b')).toBeUndefined()
  })

  it('goes on behind a null name and a null value', () => {
    const nothing = hex('ff ff ff ff ff ff ff ff  00 00 00 01 61 ff ff ff ff')
    const frame = requestWith(Buffer.concat([nothing, pairBytes('a', 'one')]))
    expect(boltCodec.header(frame, 'a')).toBe('one')
  })

  it('gives the last of equal names that has a value, as hosts see it', () => {
    const twice = Buffer.concat([pairBytes('a', 'one'), pairBytes('b', 'x'), pairBytes('a', 'two')])
    expect(boltCodec.header(requestWith(twice), 'a')).toBe('two')
    const nulled = Buffer.concat([twice, pairWith(1, 'a', -1, '')])
    expect(boltCodec.header(requestWith(nulled), 'a')).toBe('two')
    expect(boltCodec.header(requestWith(twice), 'b')).toBe('x')
  })

  it('adds to the last of equal names, and leaves one', () => {
    const frame = requestWith(Buffer.concat([pairBytes('a', 'one'), pairBytes('a', 'two')]))
    frame.append('a', 'three')
    expect(frame.header('a')).toBe('two, three')
    expect(boltCodec.encode(frame)).toBe(true)
    expect(frame.header('a')).toBe('two, three')
    expect(frame.buf.includes('one')).toBe(false)
  })

  it('keeps case and text of any language', () => {
    const frame = requestWith(Buffer.concat([pairBytes('Äpfel', '苹果 🍎'), pairBytes('A', '1')]))
    expect(boltCodec.header(frame, 'Äpfel')).toBe('苹果 🍎')
    expect(boltCodec.header(frame, 'a')).toBeUndefined()
  })

  it.each([
    ['a name longer than the map', pairWith(100, 'a', 1, 'x')],
    ['a value longer than the map', pairWith(1, 'a', 100, 'x')],
    ['the longest name there is', pairWith(0x7fffffff, 'a', 1, 'x')],
    ['the longest value there is', pairWith(1, 'a', 0x7fffffff, 'x')],
    ['a name of length -2', pairWith(-2, 'a', 1, 'x')],
    ['a value of length -2', pairWith(1, 'a', -2, 'x')],
    ['half a length', pairBytes('a', 'x').subarray(0, 3)],
    ['a name without a value', pairBytes('a', 'x').subarray(0, 6)],
  ])('ends at %s', (_name, broken) => {
    const behind = pairBytes('service', 'smuggled')
    const frame = requestWith(Buffer.concat([pairBytes('first', 'kept'), broken]), behind)
    expect(boltCodec.header(frame, 'first')).toBe('kept')
    expect(boltCodec.header(frame, 'a')).toBeUndefined()
    expect(boltCodec.service(frame)).toBeUndefined()
    frame.set('x', 'y')
    expect(boltCodec.encode(frame)).toBe(false)
  })

  it('gives every pair that was put in', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }), (pairs) => {
        const frame = requestWith(Buffer.concat(pairs.map(([n, v]) => pairBytes(n, v))))
        for (const [name, value] of pairs) expect(boltCodec.header(frame, name)).toBe(value)
      }),
    )
  })
})

describe('the service', () => {
  it('is named by one header, else by another', () => {
    const target = pairBytes('sofa_head_target_service', 'b:1.0')
    expect(boltCodec.service(requestWith(target))).toBe('b:1.0')
    const both = Buffer.concat([target, pairBytes('service', 'a:1.0')])
    expect(boltCodec.service(requestWith(both))).toBe('a:1.0')
    const twice = Buffer.concat([both, pairBytes('service', 'c:1.0')])
    expect(boltCodec.service(requestWith(twice))).toBe('c:1.0')
    expect(boltCodec.service(requestWith(Buffer.alloc(0)))).toBeUndefined()
  })

  it('is the same for the same bytes and another for others, however many there are', () => {
    const named = (i: number): Frame =>
      requestWith(pairBytes('service', `com.shop.Service${i}:1.0`))
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 2000; i++)
        expect(boltCodec.service(named(i))).toBe(`com.shop.Service${i}:1.0`)
  })

  it('stays what it was when the bytes it was read from are overwritten', () => {
    const frame = requestWith(pairBytes('service', 'com.shop.Basket:1.0'))
    const before = boltCodec.service(frame)
    frame.buf.fill('x', frame.end - 10)
    expect(before).toBe('com.shop.Basket:1.0')
    expect(boltCodec.service(frame)).toBe('com.shop.xxxxxxxxxx')
  })

  it('may be longer than what is kept', () => {
    const long = 'com.shop.'.repeat(200)
    expect(boltCodec.service(requestWith(pairBytes('service', long)))).toBe(long)
  })
})
