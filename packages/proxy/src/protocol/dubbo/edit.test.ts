import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { dubboCodec } from './dubbo.ts'
import {
  bodyOf,
  decoded,
  frameBytes,
  frameOf,
  map,
  request,
  requestBytes,
  response,
  value,
} from './harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

function written(frame: Frame): Frame {
  expect(dubboCodec.encode(frame)).toBe(true)
  expect(frame.edits).toBeNull()
  const bytes = Buffer.from(frame.buf.subarray(frame.start, frame.end))
  return frameOf(bytes)
}

function hexOf(frame: Frame): string {
  return bodyOf(frame).toString('hex')
}

describe('edits', () => {
  it('say the same before and after they are written', () => {
    const frame = frameOf(Buffer.from(vectors.get('request-group')!))
    frame.set('dubbo.tag', 'blue')
    frame.append('interface', 'more')
    frame.remove('group')
    frame.append('new', 'one')
    frame.append('new', 'two')
    frame.set('gone', 'x')
    frame.remove('gone')
    frame.append('gone and back', 'x')
    frame.remove('gone and back')
    frame.append('gone and back', 'y')
    frame.set('twice', 'x')
    frame.set('twice', 'y')
    const names = ['dubbo.tag', 'interface', 'group', 'new', 'gone', 'gone and back', 'twice']
    const expected = names.map((name) => frame.header(name))
    expect(expected).toEqual([
      'blue',
      'com.demo.Svc, more',
      undefined,
      'one, two',
      undefined,
      'y',
      'y',
    ])
    const after = written(frame)
    expect(names.map((name) => after.header(name))).toEqual(expected)
    expect(dubboCodec.service(after)).toBe('com.demo.Svc:1.0.0')
  })

  it('of any kind and number say the same before and after', () => {
    const name = fc.constantFrom('a', 'b', 'group', 'Äpfel')
    const edit = fc.record({
      name,
      value: fc.option(fc.string({ unit: 'grapheme' }), { nil: null }),
      append: fc.boolean(),
    })
    const start = fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.constant([1])))
    fc.assert(
      fc.property(start, fc.array(edit, { maxLength: 6 }), (attachments, edits) => {
        const frame = request({ attachments })
        for (const one of edits) frame.edit(one)
        const names = ['a', 'b', 'group', 'Äpfel']
        const expected = names.map((each) => frame.header(each))
        const after = written(frame)
        expect(names.map((each) => after.header(each))).toEqual(expected)
        const pairs = decoded(bodyOf(after).subarray(-mapBytes(after)))
        for (const each of names)
          expect(textOf((pairs as Record<string, unknown>)[each])).toBe(after.header(each))
      }),
    )
  })

  it('leave head, arguments and the rest of the map as they came', () => {
    const args = [{ $class: 'shop.Apple', $: { weight: 7 } }, hex('60 98')]
    const call = {
      id: 'deadbeefcafebabe',
      descriptor: 'Lshop/Apple;Lshop/Apple;',
      args,
      attachments: { a: '1', b: '2', c: '3' },
    }
    const before = requestBytes(call)
    const frame = frameOf(Buffer.from(before))
    frame.set('b', 'two')
    const after = written(frame)
    const expected = requestBytes({ ...call, attachments: { a: '1', c: '3', b: 'two' } })
    expect(after.buf).toEqual(expected)
  })

  it('keep what stands behind the map', () => {
    const frame = request({ attachments: Buffer.concat([map({ a: '1' }), hex('de ad')]) })
    frame.set('a', '2')
    expect(hexOf(written(frame)).endsWith(`${map({ a: '2' }).toString('hex')}dead`)).toBe(true)
  })

  it('put one value in the place of all that had its name, however that was written', () => {
    const keys = ['01 61', '30 01 61', '52 00 00 01 61', '01 c1 a1', '01 61']
    const pairs = keys.map((key) => Buffer.concat([hex(key), value('old')]))
    const frame = request({ attachments: Buffer.concat([hex('48'), ...pairs, hex('5a')]) })
    frame.set('a', 'new')
    const after = written(frame)
    expect(bodyOf(after).subarray(-8)).toEqual(hex('48 01 61 03 6e 65 77 5a'))
    expect(after.header('a')).toBe('new')
  })

  it('leave values that others may point to, and overrule them', () => {
    const apple = value({ $class: 'shop.Apple', $: { weight: 7 } })
    const call = { attachments: { x: apple, y: hex('60 98'), z: hex('51 91') } }
    for (const change of ['new', null]) {
      const frame = request(call)
      frame.edit({ name: 'x', value: change, append: false })
      const after = written(frame)
      expect(after.header('x')).toBe(change ?? undefined)
      expect(bodyOf(after).includes(apple)).toBe(true)
    }
  })

  it.each([
    ['null', hex('4e')],
    ['an empty map', hex('48 5a')],
  ])('make a map where there was %s', (_name, attachments) => {
    const frame = request({ attachments })
    frame.set('a', '1')
    const after = written(frame)
    expect(after.buf).toEqual(requestBytes({ attachments: { a: '1' } }))
    after.remove('a')
    expect(written(after).buf).toEqual(requestBytes({ attachments: hex('48 5a') }))
  })

  it('that take away what is not there leave the bytes', () => {
    for (const bytes of [requestBytes({ attachments: hex('4e') }), requestBytes()]) {
      const frame = frameOf(Buffer.from(bytes))
      frame.remove('a')
      expect(written(frame).buf).toEqual(bytes)
    }
  })

  it('keep the type of a map', () => {
    const frame = request({ attachments: hex('4d 01 6d 01 61 01 62 5a') })
    frame.set('c', 'd')
    expect(hexOf(written(frame)).endsWith('4d016d0161016201630164' + '5a')).toBe(true)
  })
})

describe('edits of a response', () => {
  it.each([
    ['a value', hex('91 01 61'), hex('94 01 61')],
    ['null', hex('92'), hex('95')],
    ['an exception', hex('90 01 61'), hex('93 01 61')],
  ])('make %s one with attachments, and it is what it was when they are gone', (_n, from, to) => {
    const frame = response(from)
    frame.set('a', '1')
    const after = written(frame)
    expect(bodyOf(after)).toEqual(Buffer.concat([to, map({ a: '1' })]))
    after.remove('a')
    expect(bodyOf(written(after))).toEqual(from)
  })

  it.each([
    ['a value', '94 01 61'],
    ['null', '95'],
    ['an exception', '93 01 61'],
  ])('make a map of attachments that are null, behind %s', (_name, kind) => {
    const frame = response(hex(kind), hex('4e'))
    frame.set('a', '1')
    expect(bodyOf(written(frame))).toEqual(Buffer.concat([hex(kind), map({ a: '1' })]))
  })

  it('change the attachments it has', () => {
    const frame = response(hex('94 01 61'), map({ a: '1', b: '2' }))
    frame.set('a', '3')
    expect(bodyOf(written(frame))).toEqual(
      Buffer.concat([hex('94 01 61'), map({ b: '2', a: '3' })]),
    )
  })
})

describe('edits are refused, and the bytes stay', () => {
  it.each([
    ['of another serialisation', requestBytes({ flag: 0xd7 })],
    ['of broken arguments', requestBytes({ descriptor: 'I', args: [hex('40')] })],
    ['of a body that ends before attachments', requestBytes({ attachments: Buffer.alloc(0) })],
    ['of attachments that are no map', requestBytes({ attachments: hex('78') })],
    ['of an empty body', frameBytes(0xc2, 0, hex(''))],
    ['of an error', frameBytes(0x02, 70, value('no'))],
    ['of a response without a kind', frameBytes(0x02, 20, hex('4e'))],
    ['of a response of another serialisation', frameBytes(0x17, 20, hex('92'))],
  ])('%s', (_name, bytes) => {
    const frame = frameOf(Buffer.from(bytes))
    frame.set('a', '1')
    expect(dubboCodec.encode(frame)).toBe(false)
    expect(frame.edits).not.toBeNull()
    expect(frame.buf).toEqual(bytes)
  })
})

/** How many bytes the map at the end has: it begins behind `put` and an empty descriptor. */
function mapBytes(frame: Frame): number {
  const body = bodyOf(frame)
  return body.length - (body.indexOf('\x03put\0') + 5)
}

function textOf(it: unknown): string | undefined {
  return typeof it === 'string' ? it : undefined
}
