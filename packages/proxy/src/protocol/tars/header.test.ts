import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { answerOf, frameOf, packetBytes, requestOf } from './harness.ts'
import { tarsCodec } from './tars.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

/** A request of `put` of `a` with these fields, in hexadecimal, behind the function. */
function requestWith(fields: string): Frame {
  return frameOf(packetBytes(1, `2c 3c 4c 56 01 61 66 03 70 75 74 ${fields}`))
}

function all(frame: Frame): [string, string][] {
  const found: [string, string][] = []
  tarsCodec.each!(frame, (name, value) => found.push([name, value]))
  return found
}

const a = '06 01 61'
const one = '16 01 31'
const two = '16 01 32'

describe('headers', () => {
  it('are those of the context map, then those of the status map', () => {
    const context: [string, string][] = [
      ['zone', 'east'],
      ['user', '7'],
    ]
    const status: [string, string][] = [
      ['zone', 'west'],
      ['STATUS_DYED_KEY', 'k'],
    ]
    for (const version of [1, 2, 3, 5]) {
      const frame = requestOf({ version, context, status })
      expect(tarsCodec.header(frame, 'zone')).toBe('east')
      expect(tarsCodec.header(frame, 'STATUS_DYED_KEY')).toBe('k')
      expect(tarsCodec.header(frame, 'Zone')).toBeUndefined()
      expect(new Map(all(frame))).toEqual(new Map([...status, ...context]))
    }
  })

  it('of answers stand in another order', () => {
    const frame = answerOf({ context: [['zone', 'east']], description: 'done' })
    expect(tarsCodec.header(frame, 'zone')).toBe('east')
    expect(all(frame)).toEqual([['zone', 'east']])
    const status = '78 00 01 06 01 61 16 01 78'
    const both = packetBytes(1, `2c 3c 4c 5c 6d 00 0c ${status} 86 00 98 00 01 ${a} ${one}`)
    expect(tarsCodec.header(frameOf(both), 'a')).toBe('1')
    expect(tarsCodec.header(frameOf(packetBytes(1, `2c 3c 4c 5c 6d 00 0c ${status}`)), 'a')).toBe(
      'x',
    )
  })

  it('are missing where there are no maps', () => {
    const bare = frameOf(vectors.get('answer-bare')!)
    expect([tarsCodec.header(bare, 'a'), all(bare)]).toEqual([undefined, []])
    expect(tarsCodec.header(requestWith('7d 00 0c 8c'), 'a')).toBeUndefined()
  })

  it.each([
    ['a name twice: the last', `98 00 02 ${a} ${one} ${a} ${two}`, '2'],
    ['texts with four bytes of length', '98 00 01 07 00 00 00 01 61 17 00 00 00 01 31', '1'],
    ['a count of four bytes', `98 02 00 00 00 01 ${a} ${one}`, '1'],
    ['an empty value', `98 00 01 ${a} 16 00`, ''],
    ['a value that is a number', `98 00 01 ${a} 10 07`, undefined],
    ['a number as value, and then a text', `98 00 02 ${a} 10 07 ${a} ${one}`, '1'],
    ['a number as name', `98 00 02 00 07 ${two} ${a} ${one}`, '1'],
    ['values that are maps of texts', `98 00 02 06 01 62 18 00 01 ${a} ${two} ${a} ${one}`, '1'],
    ['values that are structs', `98 00 02 06 01 62 1a 06 01 61 16 01 39 0b ${a} ${one}`, '1'],
    ['tags above 14', `98 00 01 ${a} ${one} f6 14 01 78`, '1'],
    ['fields of other versions before it', `8c 80 05 98 00 01 ${a} ${one}`, '1'],
    ['a time-out that is a list', `89 00 02 00 01 06 01 62 98 00 01 ${a} ${one}`, '1'],
  ])('are found beside %s', (_name, fields, value) => {
    expect(tarsCodec.header(requestWith(`7d 00 0c ${fields}`), 'a')).toBe(value)
  })

  it.each([
    ['a name longer than the packet', `98 00 01 06 ff 61`],
    ['a value longer than the packet', `98 00 01 ${a} 17 ff ff ff ff 31`],
    ['a negative count', `98 00 ff ${a} ${one}`],
    ['a count that is text', `98 06 01 31 ${a} ${one}`],
    ['no count', '98'],
    ['values before names', `98 00 01 ${one} ${a}`],
    ['a list instead', `99 00 01 ${a} ${one}`],
    ['a context that ends the struct', `9b 98 00 01 ${a} ${one}`],
    ['a type that does not exist', `8e 98 00 01 ${a} ${one}`],
    ['tags out of order', `a8 0c 98 00 01 ${a} ${one}`],
  ])('are not found in %s', (_name, fields) => {
    expect(tarsCodec.header(requestWith(`7d 00 0c 8c ${fields}`), 'a')).toBeUndefined()
    expect(all(requestWith(`7d 00 0c 8c ${fields}`))).toEqual([])
  })

  it('end with the count, whatever follows', () => {
    const frame = requestWith(`7d 00 0c 8c 98 00 01 06 01 62 ${one} ${a} ${one}`)
    expect(tarsCodec.header(frame, 'a')).toBeUndefined()
    expect(tarsCodec.header(frame, 'b')).toBe('1')
  })

  it('stay in the packet', () => {
    const whole = requestWith(`7d 00 0c 8c 98 00 01 ${a} ${one}`).buf
    for (let end = 16; end < whole.length; end++) {
      const bytes = Buffer.concat([whole.subarray(0, end), hex(one)])
      bytes.writeUInt32BE(end)
      const frame = tarsCodec.read(bytes, 0, end)
      if (frame !== null) expect(tarsCodec.header(frame, 'a')).toBeUndefined()
    }
  })

  it('are all that were put in', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }), (pairs) => {
        for (const frame of [requestOf({ context: pairs }), answerOf({ context: pairs })]) {
          for (const [name, value] of pairs) expect(tarsCodec.header(frame, name)).toBe(value)
          expect(all(frame)).toEqual(pairs)
        }
      }),
    )
  })
})

describe('what is between is skipped', () => {
  const deep = (open: string, close: string, depth: number) =>
    `${`${open} `.repeat(depth)}${`${close} `.repeat(depth)}`

  it.each([
    ['structs', '7a', '0a', '0b'],
    ['lists', '79 00 01', '09 00 01', ''],
    ['maps', '78 00 01 0c', '18 00 01 0c', ''],
  ])('as deep as hosts nest %s, and no deeper', (_name, first, open, close) => {
    const inside = close === '' ? (open.startsWith('1') ? '1c' : '0c') : ''
    const fields = (depth: number) =>
      `${first} ${`${open} `.repeat(depth)} ${inside} ${`${close} `.repeat(depth)} ${close} 8c 98 00 01 ${a} ${one}`
    expect(tarsCodec.header(requestWith(fields(40)), 'a')).toBe('1')
    expect(tarsCodec.header(requestWith(fields(400)), 'a')).toBeUndefined()
    expect(tarsCodec.header(requestWith(fields(100_000)), 'a')).toBeUndefined()
  })

  it.each([
    ['bytes whose length passes the end', '7d 00 02 7f ff ff ff 01'],
    ['bytes of a negative length', '7d 00 00 ff 01'],
    ['bytes that are none', '7d 06 00 01 01'],
    ['bytes without a length', '7d 00'],
    ['a list that lies', '79 02 7f ff ff ff 0c 0c'],
    ['a map that lies', '78 02 7f ff ff ff 0c 1c'],
    ['a struct without end', deep('7a', '', 1)],
    ['half a number', '73 00 00'],
    ['half a tag', 'f0'],
  ])('but %s end all reading', (_name, field) => {
    const frame = requestWith(field)
    expect(tarsCodec.method(frame)).toBe('put')
    expect(tarsCodec.header(frame, 'a')).toBeUndefined()
    expect(tarsCodec.timeoutMs(frame)).toBe(0)
    frame.set('x', 'y')
    expect(tarsCodec.encode(frame)).toBe(false)
    expect(frame.edits).not.toBeNull()
  })
})

describe('servant and function', () => {
  it.each([
    ['56 01 61 66 01 62', 'a', 'b'],
    ['57 00 00 00 01 61 67 00 00 00 01 62', 'a', 'b'],
    ['56 00 66 00', '', ''],
    ['56 01 61', 'a', undefined],
    ['56 01 61 6c', 'a', undefined],
    ['56 01 61 7d 00 0c 66 01 62', 'a', undefined],
    ['56 01 61 56 01 63 66 01 62', 'a', 'b'],
    ['56 01 61 6b 66 01 62', 'a', undefined],
    ['56 7f 61', undefined, undefined],
    ['57 ff ff ff ff 61', undefined, undefined],
  ])('are texts: %s', (fields, service, method) => {
    const frame = frameOf(packetBytes(1, `2c 3c 4c ${fields}`))
    expect([tarsCodec.service(frame), tarsCodec.method(frame)]).toEqual([service, method])
  })

  it('of a packet that has come in part are known as far as it has', () => {
    const { buf } = requestOf({ bytes: Buffer.alloc(1000) })
    const head = tarsCodec.readHead(buf, 0, 60)!
    expect([tarsCodec.service(head), tarsCodec.method(head)]).toEqual([
      'Shop.Stock.StockObj',
      'put',
    ])
    expect(tarsCodec.header(head, 'a')).toBeUndefined()
  })
})
