import { readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { frameOf, metadataOf, request, response } from './harness.ts'
import { motanCodec } from './motan.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Frame => frameOf(Buffer.from(vectors.get(name)!))

function written(frame: Frame): Frame {
  expect(motanCodec.encode(frame)).toBe(true)
  expect(frame.edits).toBeNull()
  return frameOf(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
}

describe.each(['request', 'request-v1', 'request-v1-no-arguments', 'request-v1-long'])(
  'edits of %s',
  (name) => {
    it('say the same before and after they are written', () => {
      const frame = vector(name)
      frame.set('color', 'blue')
      frame.append('version', 'more')
      frame.remove('group')
      frame.remove('M_g')
      frame.append('new', 'one')
      frame.append('new', 'two')
      frame.set('gone', 'x')
      frame.remove('gone')
      frame.set('twice', 'x')
      frame.set('twice', 'y')
      frame.set('empty', '')
      frame.set('fruit', '苹果 🍎')
      const names = ['color', 'version', 'group', 'M_g', 'new', 'gone', 'twice', 'empty', 'fruit']
      const expected = names.map((each) => frame.header(each))
      expect(expected).toEqual([
        'blue',
        '1.0, more',
        undefined,
        undefined,
        'one, two',
        undefined,
        'y',
        '',
        '苹果 🍎',
      ])
      const after = written(frame)
      expect(names.map((each) => after.header(each))).toEqual(expected)
      expect(motanCodec.service(after)).toBe('com.demo.Svc:1.0, more')
      expect(motanCodec.method(after)).toBe(motanCodec.method(vector(name)))
      expect(motanCodec.timeoutMs(after)).toBe(3000)
    })

    it('of any kind and number say the same before and after', () => {
      const key = fc.constantFrom('a', 'color', 'group', 'Äpfel')
      const text = fc.string({ unit: 'grapheme' }).filter((it) => !it.includes('\n'))
      const edit = fc.record({
        name: key,
        value: fc.option(text, { nil: null }),
        append: fc.boolean(),
      })
      fc.assert(
        fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
          const frame = vector(name)
          for (const one of edits) frame.edit(one)
          const names = ['a', 'color', 'group', 'Äpfel', 'M_tmo']
          const expected = names.map((each) => frame.header(each))
          const after = written(frame)
          expect(names.map((each) => after.header(each))).toEqual(expected)
        }),
        { numRuns: 50 },
      )
    })
  },
)

describe('edits', () => {
  it('stand before what stays, which is copied as it is', () => {
    const frame = request({
      metadata: 'M_p\na\nx\n1\nM_m\nb\nx\n2\ny\n\nz\n3',
      body: Buffer.from('!'),
    })
    frame.set('x', 'new')
    const after = written(frame)
    expect(metadataOf(after)).toBe('x\nnew\nM_p\na\nM_m\nb\ny\n\nz\n3')
    expect(after.buf.toString('latin1', after.end - 5)).toBe('\0\0\0\x01!')
  })

  it.each([
    ['', 'a', '1', 'a\n1'],
    ['', 'a', '', 'a\n'],
    ['', 'a', null, ''],
    ['a\n1', 'a', null, ''],
    ['a\n1', 'a', '', 'a\n'],
    ['a\n1\nb\n', 'a', null, 'b\n'],
    ['a\n1\nb\n2', 'b', null, 'a\n1'],
    ['a\n1\n\n\n', 'b', '2', 'b\n2\na\n1'],
  ])('make of %j with %s = %j %j', (metadata, name, value, expected) => {
    const frame = request({ metadata })
    frame.edit({ name, value, append: false })
    const after = written(frame)
    expect(metadataOf(after)).toBe(expected)
    expect(after.header(name)).toBe(value ?? undefined)
  })

  it('are for responses too, and for exceptions', () => {
    for (const frame of [response({ M_pt: '3' }), vector('exception-go')]) {
      frame.set('via', 'tulle')
      expect(written(frame).header('via')).toBe('tulle')
    }
  })

  it.each([
    ['a newline in a value', 'x', 'a\nM_p\nother'],
    ['a newline in a name', 'x\nM_p', 'a'],
    ['an empty name', '', 'a'],
  ])('with %s change nothing', (_name, name, value) => {
    const frame = vector('request')
    const { buf } = frame
    frame.set('good', 'one')
    frame.set(name, value)
    expect(motanCodec.encode(frame)).toBe(false)
    expect(frame.buf).toBe(buf)
    expect(buf).toEqual(vectors.get('request'))
    frame.edits = null
    frame.set('x', 'a')
    expect(motanCodec.encode(frame)).toBe(true)
  })

  it('of Motan1 may have newlines, but nothing longer than its texts can be', () => {
    const frame = vector('request-v1')
    frame.set('x', 'a\nb')
    frame.set('long', 'ä'.repeat(32_767))
    expect(written(frame).header('x')).toBe('a\nb')
    const longer = vector('request-v1')
    longer.set('long', 'ä'.repeat(32_768))
    expect(motanCodec.encode(longer)).toBe(false)
  })

  it.each(['response-v1', 'exception-v1', 'request-v1-compressed'])(
    'have no place in %s',
    (name) => {
      const frame = vector(name)
      frame.set('x', 'y')
      expect(motanCodec.encode(frame)).toBe(false)
      expect(frame.buf).toEqual(vectors.get(name))
    },
  )

  it('leave the arguments of Motan1 where they are', () => {
    const before = vectors.get('request-v1')!
    const frame = vector('request-v1')
    frame.set('x', 'y')
    const after = written(frame)
    expect(after.buf.subarray(32, 117)).toEqual(before.subarray(32, 117))
    expect(after.buf.length).toBe(before.length + 6)
  })
})
