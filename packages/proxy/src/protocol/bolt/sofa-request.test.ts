import { readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boltCodec } from './bolt.ts'

const sample = readVectors(new URL('./vectors/', import.meta.url)).get('request-v1')!
/** Where the content begins, and in it the length of the method's name. */
const CONTENT = 22 + 44 + 46
const METHOD = sample.indexOf('\x04plus')

function method(bytes: Buffer): string | undefined {
  return boltCodec.method(boltCodec.read(bytes, 0, bytes.length)!)
}

function withMethod(lengthAndName: Buffer): Buffer {
  const bytes = Buffer.concat([
    sample.subarray(0, METHOD),
    lengthAndName,
    sample.subarray(METHOD + 5),
  ])
  bytes.writeUInt32BE(bytes.length - CONTENT, 18)
  return bytes
}

describe('the method of a request that names it in its content alone', () => {
  it('is read from the request object', () => {
    expect(method(sample)).toBe('plus')
  })

  it('may be longer than a short string', () => {
    const name = 'findEverythingThatHasEverBeenAskedForByAnybody'
    expect(method(withMethod(Buffer.from(`S\0\x2e${name}`)))).toBe(name)
  })

  it('is left alone when it is not plain ASCII, is cut short or is serialised otherwise', () => {
    expect(method(withMethod(Buffer.from('\x04plüs')))).toBeUndefined()
    expect(method(withMethod(Buffer.from('\x1f')).subarray(0, METHOD + 4))).toBeUndefined()
    expect(method(withMethod(Buffer.from('S\xff\xff', 'latin1')))).toBeUndefined()
    const java = Buffer.from(sample)
    java[9] = 2
    expect(method(java)).toBeUndefined()
  })

  it('never comes from behind the end, whatever the content is', () => {
    fc.assert(
      fc.property(fc.nat(sample.length - CONTENT - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(sample)
        bytes[CONTENT + at] = byte
        const found = method(bytes)
        expect(found === undefined || bytes.includes(found)).toBe(true)
      }),
    )
    for (let end = CONTENT; end < METHOD + 5; end++) {
      const head = boltCodec.readHead(sample, 0, end)!
      expect(boltCodec.method(head)).toBeUndefined()
    }
  })
})
