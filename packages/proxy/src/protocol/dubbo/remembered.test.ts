import { hex } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dubboCodec } from './dubbo.ts'
import { request } from './harness.ts'
import { Remembered } from './remembered.ts'

/** Requests of which many begin, and many end, alike, and differ in a byte at most. */
const call = fc.record({
  service: fc.constantFrom('shop.A', 'shop.B', 'shöp.A'),
  version: fc.constantFrom('1.0', '2.0', '', null),
  method: fc.constantFrom('put', 'get', 'p\u00fct'),
  argument: fc.constantFrom('cox', 'box', 'H\x05group\x04westZ', 'x'.repeat(40)),
  path: fc.constantFrom(undefined, 'shop.A', 'shop.C'),
  group: fc.constantFrom(undefined, 'east', 'west'),
  own: fc.constantFrom(undefined, '3.0', '4.0'),
  timeout: fc.constantFrom(undefined, '1000', '2000'),
})

it('a request is never taken for one that was seen before', () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 20, maxLength: 60 }), (calls) => {
      for (const { service, version, method, argument, path, group, own, timeout } of calls) {
        const given = { path, group, version: own, timeout }
        const pairs = Object.entries(given).filter(([, it]) => it !== undefined)
        const frame = request({
          service,
          version: version ?? hex('4e'),
          method,
          descriptor: 'Ljava/lang/String;',
          args: [argument],
          attachments: Object.fromEntries(pairs),
        })
        const number = own ?? version ?? ''
        const name = `${group === undefined ? '' : `${group}/`}${path ?? service}`
        expect(dubboCodec.service(frame)).toBe(number === '' ? name : `${name}:${number}`)
        expect(dubboCodec.method(frame)).toBe(method)
        expect(dubboCodec.timeoutMs(frame)).toBe(Number(timeout ?? 0))
        expect(dubboCodec.header(frame, 'group')).toBe(group)
      }
    }),
    { numRuns: 50 },
  )
})

it('attachments with objects are read anew: their classes may stand before them', () => {
  const attachments = Buffer.concat([hex('48 01 61'), hex('60 91 92'), hex('5a')])
  const two = Buffer.concat([hex('43 01 63 92 01 78 01 79'), hex('60 91 92')])
  const one = Buffer.concat([hex('43 01 63 91 01 78'), hex('60 91')])
  for (let round = 0; round < 3; round++) {
    const known = request({ descriptor: 'Lc;', args: [two], attachments })
    expect(dubboCodec.service(known)).toBe('shop.Basket:1.0')
    // One field of the object is taken: what follows is a key without a value.
    const broken = request({ descriptor: 'Lc;', args: [one], attachments })
    expect(dubboCodec.service(broken)).toBeUndefined()
  }
})

describe('what is remembered', () => {
  const bytes = (text: string): Buffer => Buffer.from(text)

  function look(known: Remembered<string>, text: string, hash = 7): string | null {
    const buf = bytes(`<${text}>`)
    const found = known.get(buf, 1, buf.length - 1, hash)
    if (found === null && known.wants(text.length)) known.put(buf, 1, buf.length - 1, text)
    return found
  }

  it('is found by the whole of its bytes', () => {
    const known = new Remembered<string>(100)
    expect(look(known, 'abc')).toBeNull()
    expect(look(known, 'abc')).toBe('abc')
    expect(look(known, 'abd')).toBeNull()
    expect(look(known, 'ab')).toBeNull()
    expect(look(known, 'abc', 8)).toBeNull()
  })

  it('is no longer than it may be', () => {
    const known = new Remembered<string>(4)
    for (let i = 0; i < 3; i++) expect(look(known, 'abcde')).toBeNull()
  })

  it('stays while it is of use, and gives way to what comes instead', () => {
    const known = new Remembered<string>(100)
    look(known, 'old')
    for (let i = 0; i < 100; i++) {
      look(known, `other ${i}`)
      expect(look(known, 'old')).toBe('old')
    }
    look(known, 'new')
    look(known, 'new')
    expect(look(known, 'new')).toBe('new')
  })

  it('is written more and more seldom where nothing comes twice', () => {
    const known = new Remembered<string>(100)
    let written = 0
    for (let i = 0; i < 10_000; i++) {
      const buf = bytes(String(i))
      known.get(buf, 0, buf.length, 7)
      if (!known.wants(buf.length)) continue
      known.put(buf, 0, buf.length, '')
      written++
    }
    expect(written).toBeLessThan(25)
  })
})
