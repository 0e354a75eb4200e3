import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { dubboCodec } from './dubbo.ts'
import { decoded, frameOf, map, request, value } from './harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

/** The same frame, read by somebody who never saw it. */
function again({ buf, start, end }: Frame): Frame {
  return frameOf(Buffer.from(buf.subarray(start, end)))
}

describe('the time-out that is left', () => {
  it.each([
    ['of digits', '1500', 1499, '1499'],
    ['of digits, in fewer of them', '1500', 7, '0007'],
    ['of digits, a part of a millisecond', '1500', 999.9, '0999'],
    ['of digits, nearly over', '1500', 0.2, '0001'],
    ['of a digit', '9', 3, '3'],
    ['of many digits', '99999999999999999999', 0x7ffffffe, '00000000002147483646'],
    ['of an int of one byte', 40, 39, 39],
    ['of an int of two bytes', 2047, 1, 1],
    ['of an int of two bytes, above a byte', 2047, 1023, 1023],
    ['of an int of three bytes', 3000, 2999, 2999],
    ['of an int of three bytes, in fewer', 262_143, 5, 5],
    ['of an int of five bytes', 1_000_000, 999_999, 999_999],
  ])('%s', (_name, timeout, left, told) => {
    const frame = request({
      descriptor: 'I',
      args: [1500],
      attachments: { a: '1500', timeout, b: 'x' },
    })
    const { length } = frame.buf
    dubboCodec.shorten!(frame, left)
    expect(frame.buf).toHaveLength(length)
    const after = again(frame)
    expect(dubboCodec.timeoutMs(after)).toBe(Math.max(Math.floor(left), 1))
    const begin = map({ a: '1500' }).length - 1
    const bytes = frame.buf.subarray(frame.buf.indexOf(map({ a: '1500' }).subarray(0, begin)))
    expect(decoded(bytes)).toEqual({ a: '1500', timeout: told, b: 'x' })
  })

  it('stands in what Dubbo counts down itself too', () => {
    const frame = request({ attachments: { timeout: '3000', _TO: 2500 } })
    dubboCodec.shorten!(frame, 400)
    expect(bodyMap(frame)).toEqual({ timeout: '0400', _TO: 400 })
  })

  it('is never more than a hop before has said', () => {
    const frame = request({ attachments: { timeout: '3000', _TO: '200' } })
    dubboCodec.shorten!(frame, 400)
    expect(bodyMap(frame)).toEqual({ timeout: '0400', _TO: '200' })
  })

  it('is written over the last of equal names, which is what hosts read', () => {
    const pair = (text: string) => Buffer.concat([value('timeout'), value(text)])
    const attachments = Buffer.concat([hex('48'), pair('800'), pair('900'), hex('5a')])
    const frame = request({ attachments })
    dubboCodec.shorten!(frame, 40)
    expect(dubboCodec.timeoutMs(again(frame))).toBe(40)
    expect(frame.buf.includes('800')).toBe(true)
  })

  it('leaves what is no number', () => {
    for (const timeout of ['soon', null, ['1'], 1.5, true]) {
      const frame = request({ attachments: { timeout } })
      const before = Buffer.from(frame.buf)
      dubboCodec.shorten!(frame, 40)
      expect(frame.buf).toEqual(before)
    }
  })

  it('leaves a request that says none, and one in another serialisation', () => {
    for (const frame of [request(), request({ flag: 0xd7, attachments: { timeout: '300' } })]) {
      const before = Buffer.from(frame.buf)
      dubboCodec.shorten!(frame, 40)
      expect(frame.buf).toEqual(before)
    }
  })

  it('is read wherever it stands in the captured request, and the rest stays', () => {
    const frame = frameOf(Buffer.from(vectors.get('request-group')!))
    dubboCodec.shorten!(frame, 12)
    const after = again(frame)
    expect(dubboCodec.timeoutMs(after)).toBe(12)
    expect(dubboCodec.service(after)).toBe('g1/com.demo.Svc:1.0.0')
    expect(dubboCodec.header(after, 'dubbo.tag')).toBe('gray')
  })

  it('of any kind is what was written', () => {
    const told = fc.integer({ min: 2, max: 0x7fffffff })
    fc.assert(
      fc.property(
        told,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ms, text, part) => {
          const frame = request({ attachments: { timeout: text ? String(ms) : ms } })
          const left = Math.max(Math.floor((ms - 1) * part), 1)
          dubboCodec.shorten!(frame, left)
          expect(dubboCodec.timeoutMs(again(frame))).toBe(left)
        },
      ),
    )
  })
})

function bodyMap(frame: Frame): unknown {
  return decoded(frame.buf.subarray(frame.buf.lastIndexOf('H')))
}
