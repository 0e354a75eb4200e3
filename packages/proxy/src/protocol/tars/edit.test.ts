import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { answerOf, frameOf, packetBytes, requestOf } from './harness.ts'
import { tarsCodec } from './tars.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

function vector(name: string): Frame {
  return frameOf(Buffer.from(vectors.get(name)!))
}

function written(frame: Frame): Frame {
  expect(tarsCodec.encode(frame)).toBe(true)
  expect(frame.edits).toBeNull()
  return frameOf(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
}

describe('edits', () => {
  it.each(['request-context', 'answer-context', 'tup-request', 'answer-bare'])(
    'of %s say the same before and after they are written',
    (name) => {
      const frame = vector(name)
      frame.set('zone', 'west')
      frame.append('x-id', '8')
      frame.remove('STATUS_DYED_KEY')
      frame.append('new', 'one')
      frame.append('new', 'two')
      frame.set('gone', 'x')
      frame.remove('gone')
      frame.append('back', 'x')
      frame.remove('back')
      frame.append('back', 'y')
      frame.append('via', 'tulle')
      const names = ['zone', 'x-id', 'STATUS_DYED_KEY', 'new', 'gone', 'back', 'via']
      const expected = names.map((one) => frame.header(one))
      const after = written(frame)
      expect(names.map((one) => after.header(one))).toEqual(expected)
      expect(expected.slice(2, 6)).toEqual([undefined, 'one, two', undefined, 'y'])
      expect(after.id).toBe(frame.id)
      expect(tarsCodec.service(after)).toBe(tarsCodec.service(vector(name)))
    },
  )

  it('put what they add behind the pairs that stay', () => {
    const frame = vector('request-context')
    frame.set('zone', 'west')
    const after = written(frame)
    const before = vectors.get('request-context')!
    const head = before.length - 48
    expect(after.buf.subarray(4, head)).toEqual(before.subarray(4, head))
    expect(after.buf.toString('latin1', head)).toBe(
      '\x98\0\x02\x06\x04x-id\x16\x017\x06\x04zone\x16\x04west\xa8\0\x01\x06\x0fSTATUS_DYED_KEY\x16\x02k1',
    )
  })

  it('take out of the status map what they remove', () => {
    const frame = vector('request-context')
    frame.remove('STATUS_DYED_KEY')
    expect(written(frame).buf.toString('hex')).toMatch(/a80c$/)
  })

  it('make a map where an answer has none, before what follows', () => {
    const frame = vector('answer-bare')
    frame.set('via', 'a')
    expect(written(frame).buf.toString('hex')).toMatch(/780c9800010603766961160161$/)
    const extended = frameOf(packetBytes(1, '2c 3c 4c 5c 6d 00 0c 78 0c a0 07'))
    extended.set('via', 'a')
    expect(written(extended).buf.toString('hex')).toMatch(/780c9800010603766961160161a007$/)
  })

  it('that change nothing leave an answer without the map', () => {
    const frame = vector('answer-bare')
    frame.remove('via')
    expect(written(frame).buf).toEqual(vectors.get('answer-bare'))
  })

  it('take all pairs of a name, whatever they hold', () => {
    const a = '06 01 61'
    const fields = `7d 00 0c 8c 98 00 03 ${a} 10 07 06 01 62 16 01 31 ${a} 16 01 32 a8 0c`
    const frame = frameOf(packetBytes(1, `2c 3c 4c 56 00 66 00 ${fields}`))
    frame.set('a', 'x')
    expect(written(frame).buf.toString('hex')).toContain('9800020601621601310601611601' + '78')
  })

  it('with many pairs count them in as many bytes as needed', () => {
    const context = Array.from({ length: 300 }, (_, i): [string, string] => [`n${i}`, `v${i}`])
    const frame = requestOf({ context })
    for (let i = 0; i < 300; i += 2) frame.remove(`n${i}`)
    for (let i = 0; i < 40_000; i += 400) frame.set(`m${i}`, 'x'.repeat(i))
    const after = written(frame)
    expect(after.header('n1')).toBe('v1')
    expect(after.header('n2')).toBeUndefined()
    expect(after.header('m39600')).toHaveLength(39_600)
    const names: string[] = []
    tarsCodec.each!(after, (name) => names.push(name))
    expect(names).toHaveLength(250)
  })

  it.each([
    ['a map that is broken', '98 00 02 06 01 61 16 01 31'],
    ['a context that is text', '96 01 61'],
    ['a status that is broken', '98 0c a8 00 01'],
  ])('are refused by %s, and change nothing', (_name, fields) => {
    const bytes = packetBytes(1, `2c 3c 4c 56 00 66 00 7d 00 0c 8c ${fields}`)
    const frame = frameOf(Buffer.from(bytes))
    frame.set('x', 'y')
    expect(tarsCodec.encode(frame)).toBe(false)
    expect([frame.buf, frame.edits?.length]).toEqual([bytes, 1])
  })

  it('hold when the id is changed before or after', () => {
    for (const early of [true, false]) {
      const frame = answerOf({ id: 3, context: [['a', '1']] }, 'narrow')
      if (early) tarsCodec.readdress(frame, 70_000)
      frame.set('a', '2')
      expect(tarsCodec.encode(frame)).toBe(true)
      tarsCodec.readdress(frame, 80_000)
      const after = frameOf(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
      expect([after.id, after.header('a')]).toEqual([80_000, '2'])
    }
  })
})
