import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { bytesOf, callBytes, frameOf, headed, strict } from './harness.ts'
import { thriftCodec } from './thrift.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

/** The frame again, as a peer reads it. */
function encoded(frame: Frame): Frame {
  expect(thriftCodec.encode(frame)).toBe(true)
  return frameOf(Buffer.from(bytesOf(frame)))
}

function all(frame: Frame): Record<string, string> {
  const headers: Record<string, string> = {}
  thriftCodec.each!(frame, (name, value) => {
    headers[name] = value
  })
  return headers
}

describe('edits', () => {
  it.each([
    'theader-request',
    'theader-compact-request',
    'theader-double-request',
    'ttheader-request',
    'ttheader-framed-request',
    'ttheader-protobuf-request',
    'theader-reply',
    'ttheader-reply',
  ])('of %s are there for the next reader, the message as it was', (name) => {
    const bytes = vector(name)
    const before = all(frameOf(bytes))
    const frame = frameOf(Buffer.concat([bytes]))
    frame.set('x-user', 'bob')
    frame.set('x-long', 'y'.repeat(300))
    frame.append('x-user', 'carol')
    frame.remove('svc')
    const after = encoded(frame)
    const { svc: _gone, ...kept } = before
    expect(all(after)).toEqual({ ...kept, 'x-user': 'bob, carol', 'x-long': 'y'.repeat(300) })
    expect(bytesOf(after).subarray(-14)).toEqual(bytes.subarray(-14))
    expect([after.kind, after.id, thriftCodec.method(after)]).toEqual([
      frame.kind,
      frame.id,
      'echo',
    ])
  })

  it('reach what a TTHeader has by number, and its token', () => {
    const frame = frameOf(vector('ttheader-request'))
    frame.set('to_service', 'demo.other')
    frame.set('rpc_timeout', '250')
    frame.remove('to_method')
    frame.set('gdpr-token', 'secret')
    const after = encoded(frame)
    expect([thriftCodec.service(after), thriftCodec.timeoutMs(after)]).toEqual(['demo.other', 250])
    expect(all(after)).toEqual({
      'x-user': 'alice',
      to_service: 'demo.other',
      rpc_timeout: '250',
      'gdpr-token': 'secret',
    })
  })

  it('leave alone what they do not name, whatever is changed', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/)
    const edits = fc.array(fc.tuple(name, fc.option(fc.string())), { maxLength: 8 })
    fc.assert(
      fc.property(edits, fc.constantFrom('theader-request', 'ttheader-request'), (list, kind) => {
        const frame = frameOf(vector(kind))
        const expected = all(frame)
        for (const [key, value] of list) {
          delete expected[key]
          if (value === null) frame.remove(key)
          else frame.set(key, value)
          if (value !== null) expected[key] = value
        }
        expect(all(encoded(frame))).toEqual(expected)
      }),
    )
  })

  it('of a THeader keep what stands in a block that nobody here knows', () => {
    const info = hex('00 00 01 01 01 61 01 31 05 01 01 62 01 32')
    const frame = frameOf(headed(0x0fff, info, strict()))
    frame.set('c', '3')
    const after = encoded(frame)
    expect(all(after)).toEqual({ a: '1', c: '3' })
    expect(bytesOf(after).includes(hex('01 63 01 33 05 01 01 62 01 32'))).toBe(true)
  })

  it('that take everything away leave no block', () => {
    const frame = frameOf(vector('theader-numbered-request'))
    frame.remove('svc')
    frame.remove('x-user')
    expect(bytesOf(encoded(frame))).toEqual(headed(0x0fff, hex('00 00 00 00'), strict()))
  })

  it.each([
    ['a frame without headers', callBytes()],
    ['a THeader whose lengths lie', headed(0x0fff, hex('00 00 01 02 01 61 01 31'), strict())],
    ['a TTHeader with an unknown block', headed(0x1000, hex('00 00 22 00'), strict())],
    ['a TTHeader whose lengths lie', headed(0x1000, hex('00 00 01 00 02 00'), strict())],
  ])('do not fit %s', (_name, bytes) => {
    const frame = frameOf(Buffer.from(bytes))
    frame.set('x', 'y')
    expect(thriftCodec.encode(frame)).toBe(false)
    expect(bytesOf(frame)).toEqual(bytes)
    expect(frame.edits).toHaveLength(1)
  })

  it.each(['theader-request', 'ttheader-request'])(
    'that would make %s too large do not fit',
    (it) => {
      const frame = frameOf(vector(it))
      frame.set('x', 'y'.repeat(70_000))
      expect(thriftCodec.encode(frame)).toBe(false)
      expect(bytesOf(frame)).toEqual(vector(it))
    },
  )

  it('that only take away what is not there fit every frame', () => {
    const frame = frameOf(callBytes())
    frame.remove('x')
    frame.set('y', '1')
    frame.remove('y')
    expect(bytesOf(encoded(frame))).toEqual(callBytes())
    expect(frame.edits).toBeNull()
  })
})
