import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callBytes, frameOf, headed, strict } from './harness.ts'
import { thriftCodec } from './thrift.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

function all(bytes: Buffer): [string, string][] {
  const pairs: [string, string][] = []
  thriftCodec.each!(frameOf(bytes), (name, value) => pairs.push([name, value]))
  return pairs
}

describe('headers', () => {
  it('are those of the transport, one by one', () => {
    expect(all(vector('request'))).toEqual([])
    expect(all(vector('theader-request'))).toEqual([
      ['x-user', 'alice'],
      ['svc', 'demo.Echo'],
    ])
    expect(all(vector('ttheader-request'))).toEqual([
      ['x-user', 'alice'],
      ['to_service', 'demo.echo'],
      ['to_method', 'echo'],
    ])
  })

  it.each([
    ['no more than the count says', '00 00 01 01 01 61 01 31 01 62 01 32', { a: '1' }],
    ['the last of one name', '00 00 01 02 01 61 01 31 01 61 01 32', { a: '2' }],
    ['of both blocks', '00 00 01 01 01 61 01 31 02 01 01 62 01 32', { a: '1', b: '2' }],
    ['nothing behind padding', '00 00 00 01 01 01 61 01 31', { a: undefined }],
    ['nothing of an unknown block', '00 00 01 01 01 61 01 31 05 01 01 62 01 32', { a: '1' }],
    ['nothing behind a length that lies', '00 00 01 03 01 61 01 31 7f 61 01 31', { a: '1' }],
    ['nothing behind a count that lies', '00 00 01 ff ff ff ff 0f 01 61 01 31', { a: '1' }],
  ])('of a THeader are %s', (_name, info, expected) => {
    const frame = frameOf(headed(0x0fff, hex(info), strict()))
    for (const [name, value] of Object.entries({ b: undefined, c: undefined, ...expected }))
      expect(thriftCodec.header(frame, name)).toBe(value)
  })

  it.each([
    ['by number', '00 00 10 00 01 00 07 00 01 61', { to_cluster: 'a' }],
    ['by a number without a name', '00 00 10 00 01 01 07 00 01 61', { '263': undefined }],
    ['behind padding', '00 00 00 00 01 00 01 00 01 61 00 01 31', { a: '1' }],
    ['a token', '00 00 11 00 02 61 62', { 'gdpr-token': 'ab' }],
    [
      'a text by the name of a number',
      '00 00 01 00 01 00 03 65 6e 76 00 01 31',
      { env: undefined },
    ],
    ['nothing of an unknown block', '00 00 22 00 01 00 01 61 00 01 31', { a: undefined }],
    ['nothing behind half a count', '00 00 01 00', { a: undefined }],
    ['nothing behind a length that lies', '00 00 01 00 01 00 01 61 00 7f', { a: undefined }],
  ])('of a TTHeader are %s', (_name, info, expected) => {
    const frame = frameOf(headed(0x1000, hex(info), strict()))
    for (const [name, value] of Object.entries(expected))
      expect(thriftCodec.header(frame, name)).toBe(value)
  })

  it('never come from behind the end, whatever the info is', () => {
    const bytes = fc.uint8Array({ minLength: 2, maxLength: 64 }).map((it) => Buffer.from(it))
    fc.assert(
      fc.property(bytes, fc.constantFrom(0x0fff, 0x1000), (info, magic) => {
        info[0] = 0
        info[1] = 0
        const frame = frameOf(headed(magic, info, strict({ body: Buffer.from('secret') })))
        thriftCodec.each!(frame, (name, value) => {
          expect(name + value).not.toContain('secret')
          expect(typeof thriftCodec.header(frame, name)).toBe('string')
        })
      }),
    )
  })
})

describe('the service', () => {
  const named = (bytes: Buffer) => {
    const frame = frameOf(bytes)
    return [thriftCodec.service(frame), thriftCodec.method(frame)]
  }
  it.each([
    ['of a plain call is not known', callBytes(), undefined, 'echo'],
    ['stands before the first colon', callBytes({ name: 'Shop:a:b' }), 'Shop', 'a:b'],
    ['is not known before a colon', callBytes({ name: ':echo' }), undefined, 'echo'],
    ['is not known when no method follows', callBytes({ name: 'Shop:' }), undefined, 'Shop:'],
    [
      'of a THeader is the one before the colon',
      headed(0x0fff, hex('00 00 01 01 03 73 76 63 01 78'), strict({ name: 'Shop:echo' })),
      'Shop',
      'echo',
    ],
    [
      'of a THeader is a header',
      headed(0x0fff, hex('00 00 01 01 03 73 76 63 01 78'), strict()),
      'x',
      'echo',
    ],
    [
      'of a TTHeader is the one its caller discovered',
      headed(0x1000, hex('00 00 10 00 01 00 06 00 01 78'), strict({ name: 'Shop:echo' })),
      'x',
      'echo',
    ],
    [
      'of a TTHeader may be that of the interface',
      headed(0x1000, hex('00 00 01 00 01 00 03 69 73 6e 00 01 78'), strict()),
      'x',
      'echo',
    ],
    [
      'of a TTHeader is not known by an empty text',
      headed(0x1000, hex('00 00 10 00 01 00 06 00 00'), strict({ name: 'Shop:echo' })),
      'Shop',
      'echo',
    ],
  ])('%s', (_name, bytes, service, method) => {
    expect(named(bytes)).toEqual([service, method])
  })
})

describe('time-outs', () => {
  const wide = (digits: string) => {
    const info = Buffer.from(`\0\0\x10\0\x01\0\x0c\0${String.fromCharCode(digits.length)}${digits}`)
    return frameOf(headed(0x1000, info, strict()))
  }
  const narrow = (digits: string) => {
    const info = Buffer.from(
      `\0\0\x01\x01\x0eclient_timeout${String.fromCharCode(digits.length)}${digits}`,
    )
    return frameOf(headed(0x0fff, info, strict()))
  }
  it.each([
    ['250', 250],
    ['0', 0],
    ['', 0],
    ['-5', 0],
    ['1.5', 0],
    ['007', 7],
    ['99999999999', 0x7fffffff],
  ])('%j in the bytes are %i', (digits, ms) => {
    expect(thriftCodec.timeoutMs(wide(digits))).toBe(ms)
    expect(thriftCodec.timeoutMs(narrow(digits))).toBe(ms)
  })

  it('are not known of frames without headers', () => {
    expect(thriftCodec.timeoutMs(frameOf(callBytes()))).toBe(0)
  })

  it.each([
    ['1500', 1499, '1499'],
    ['1500', 40, '0040'],
    ['1500', 0.4, '0001'],
    ['1500', 12.9, '0012'],
    ['15', 100, '15'],
  ])('%j with %d left become %j', (digits, left, written) => {
    for (const frame of [wide(digits), narrow(digits)]) {
      thriftCodec.shorten!(frame, left)
      expect(thriftCodec.timeoutMs(frame)).toBe(Number(written))
      expect(frame.buf.includes(written)).toBe(true)
    }
  })
})
