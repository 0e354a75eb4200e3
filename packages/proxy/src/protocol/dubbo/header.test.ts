import { hex } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hessianText } from '../../transcode/java-text.ts'
import { dubboCodec } from './dubbo.ts'
import { type Call, frameBytes, frameOf, map, request, response, value } from './harness.ts'

const service = (call: Call): string | undefined => dubboCodec.service(request(call))
const method = (call: Call): string | undefined => dubboCodec.method(request(call))

const GENERIC = 'Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/Object;'

describe('the service', () => {
  it.each([
    ['with a version', {}, 'shop.Basket:1.0'],
    ['without one', { version: '' }, 'shop.Basket'],
    ['with null for one', { version: hex('4e') }, 'shop.Basket'],
    ['with the version of those who ask for none', { version: '0.0.0' }, 'shop.Basket'],
    ['with a group', { attachments: { group: 'east' } }, 'east/shop.Basket:1.0'],
    ['with an empty group', { attachments: { group: '' } }, 'shop.Basket:1.0'],
    ['with a path of its own', { attachments: { path: 'shop/Cart' } }, 'shop/Cart:1.0'],
    ['with a version of its own', { attachments: { version: '2.0' } }, 'shop.Basket:2.0'],
    ['without attachments', { attachments: hex('4e') }, 'shop.Basket:1.0'],
    ['with attachments of a type', { attachments: hex('4d 01 6d 5a') }, 'shop.Basket:1.0'],
    [
      'with attachments of all sorts',
      { attachments: { path: 7, group: ['east'], version: null } },
      'shop.Basket:1.0',
    ],
    ['of dubbox', { descriptor: hex('8f 00') }, 'shop.Basket:1.0'],
  ])('%s', (_name, call, name) => {
    expect(service(call)).toBe(name)
  })

  it.each([
    ['no attachments', { attachments: Buffer.alloc(0) }],
    ['attachments that are a list', { attachments: hex('57 5a') }],
    ['attachments that are a text', { attachments: hex('01 61') }],
    ['attachments that point to another value', { attachments: hex('51 90') }],
    ['attachments without an end', { attachments: hex('48 01 61 01 62') }],
    ['attachments with half a pair', { attachments: hex('48 01 61 5a') }],
    ['a key hidden behind a class', { attachments: hex('48 43 00 90 04 70 61 74 68 01 62 5a') }],
    ['a value hidden behind a class', { attachments: hex('48 01 61 43 00 90 01 62 5a') }],
    ['arguments that are fewer than said', { descriptor: 'II', args: [1] }],
    ['arguments that are broken', { descriptor: 'I', args: [hex('40')] }],
    ['arguments too deep', { descriptor: 'I', args: [Buffer.alloc(4000, 0x57)] }],
    ['a descriptor that is none', { descriptor: '?' }],
    ['a descriptor that is a list', { descriptor: hex('78') }],
    ['a method that is an int', { method: hex('91') }],
    ['a service that is null', { service: hex('4e') }],
    ['a version that is a list', { version: hex('78') }],
    ['more attachments than anybody sends', { attachments: Object.fromEntries(many(1025)) }],
  ])('is not known with %s', (_name, call) => {
    expect(service(call)).toBeUndefined()
    expect(dubboCodec.header(request(call), 'a')).toBeUndefined()
    expect(dubboCodec.timeoutMs(request(call))).toBe(0)
  })

  it('is not known in a serialisation of others, though the bytes look alike', () => {
    for (const flag of [0xc0, 0xc3, 0xc8, 0xd5, 0xd6, 0xd7, 0xdf]) {
      const frame = request({ flag, attachments: { group: 'east', timeout: '7' } })
      expect(dubboCodec.service(frame)).toBeUndefined()
      expect(dubboCodec.method(frame)).toBeUndefined()
      expect(dubboCodec.header(frame, 'group')).toBeUndefined()
      expect(dubboCodec.timeoutMs(frame)).toBe(0)
    }
  })

  it('is read in native hessian too', () => {
    expect(service({ flag: 0xca })).toBe('shop.Basket:1.0')
  })

  it('is the same for the same bytes and another for others, however many there are', () => {
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 3000; i++) {
        const attachments = i % 3 === 0 ? {} : { group: `g${i % 3}` }
        const group = i % 3 === 0 ? '' : `g${i % 3}/`
        expect(service({ service: `shop.Svc${i % 1500}`, attachments })).toBe(
          `${group}shop.Svc${i % 1500}:1.0`,
        )
      }
  })
})

it('neither service nor method is known of a response', () => {
  const frame = response(hex('92'))
  expect(dubboCodec.service(request({ service: 'asked.Before' }))).toBe('asked.Before:1.0')
  expect(dubboCodec.service(frame)).toBeUndefined()
  expect(dubboCodec.method(frame)).toBeUndefined()
})

describe('the method', () => {
  it('is the one in the head', () => {
    expect(method({ method: 'take' })).toBe('take')
    expect(method({ method: `find${'Everything'.repeat(10)}` })).toHaveLength(104)
    expect(method({ method: 'öffne' })).toBe('öffne')
    expect(method({ method: '$echo', descriptor: 'I', args: [1] })).toBe('$echo')
  })

  it.each(['$invoke', '$invokeAsync'])('of a generic call by %s is the one it names', (name) => {
    const args = ['drop', ['java.lang.String'], ['apple']]
    const call = { method: name, descriptor: GENERIC, args, attachments: { generic: 'true' } }
    expect(method(call)).toBe('drop')
    expect(service(call)).toBe('shop.Basket:1.0')
    expect(dubboCodec.header(request(call), 'generic')).toBe('true')
    expect(method({ ...call, args: [' drop\n', [], []] })).toBe('drop')
    expect(method({ ...call, args: ['\x01drop\0', [], []] })).toBe('drop')
    expect(method({ ...call, args: ['\xa0drop', [], []] })).toBe('\xa0drop')
    expect(method({ ...call, args: ['x'.repeat(70), [], []] })).toBe('x'.repeat(70))
  })

  it('of a generic call that names none is not known', () => {
    const descriptor = GENERIC
    expect(method({ method: '$invoke', descriptor, args: [null, [], []] })).toBe('$invoke')
    expect(method({ method: '$invoke', descriptor, args: [hex('05 61')] })).toBe('$invoke')
    expect(method({ method: '$invoke', descriptor: 'I', args: [1] })).toBe('$invoke')
  })

  it('is known of a body whose arguments nobody can read', () => {
    expect(method({ descriptor: 'I', args: [hex('40')] })).toBe('put')
    expect(method({ method: hex('91') })).toBeUndefined()
  })
})

describe('the time-out', () => {
  it.each([
    ['digits', '1500', 1500],
    ['an int', 1500, 1500],
    ['a small int', 7, 7],
    ['nothing', '', 0],
    ['zero', '0', 0],
    ['a negative number', '-1', 0],
    ['a negative int', -1, 0],
    ['a word', 'soon', 0],
    ['digits and more', '15s', 0],
    ['more than fits', '99999999999999999999', 0x7fffffff],
    ['a double', 1.5, 0],
    ['a list', [1500], 0],
    ['null', null, 0],
    ['digits of elsewhere', '１５', 0],
  ])('of %s', (_name, timeout, ms) => {
    expect(dubboCodec.timeoutMs(request({ attachments: { timeout } }))).toBe(ms)
  })
})

describe('an attachment', () => {
  it('is found behind arguments of any size', () => {
    const args = [{ $class: 'shop.Apple', $: { weight: 7 } }, 'x'.repeat(100_000), [1, [2]]]
    const frame = request({
      descriptor: 'Lshop/Apple;Ljava/lang/String;Ljava/util/List;',
      args,
      attachments: { first: '1', list: [1, 2], apple: hex('60 97'), last: 'one' },
    })
    expect(dubboCodec.header(frame, 'last')).toBe('one')
    expect(dubboCodec.header(frame, 'first')).toBe('1')
    expect(dubboCodec.header(frame, 'list')).toBeUndefined()
    expect(dubboCodec.header(frame, 'apple')).toBeUndefined()
    expect(dubboCodec.header(frame, 'LAST')).toBeUndefined()
  })

  it('is the last of equal names, as hosts see it, also when that is no text', () => {
    const pair = (key: string, it: unknown): Buffer => Buffer.concat([value(key), value(it)])
    const attachments = (...pairs: Buffer[]): Buffer =>
      Buffer.concat([hex('48'), ...pairs, hex('5a')])
    const twice = attachments(pair('a', 'one'), pair('b', 'x'), pair('a', 'two'))
    expect(dubboCodec.header(request({ attachments: twice }), 'a')).toBe('two')
    const nulled = attachments(pair('a', 'one'), pair('a', null))
    expect(dubboCodec.header(request({ attachments: nulled }), 'a')).toBeUndefined()
  })

  it.each([
    ['in two bytes of length', '30 05 67 72 6f 75 70'],
    ['in chunks', '52 00 02 67 72 03 6f 75 70'],
    ['in bytes longer than they need be', '05 c1 a7 72 6f 75 70'],
  ])('is found by its name %s', (_name, key) => {
    const attachments = Buffer.concat([hex('48'), hex(key), value('east'), hex('5a')])
    const frame = request({ attachments })
    expect(dubboCodec.header(frame, 'group')).toBe('east')
    expect(dubboCodec.service(frame)).toBe('east/shop.Basket:1.0')
    expect(dubboCodec.header(frame, 'grout')).toBeUndefined()
  })

  it('is not found by a name that is no text', () => {
    const pairs = Buffer.concat([value(5), value('x'), value(['a']), value('y'), value(null)])
    const attachments = Buffer.concat([hex('48'), pairs, value('z'), map({}), hex('54 5a')])
    const frame = request({ attachments })
    expect(dubboCodec.service(frame)).toBe('shop.Basket:1.0')
    for (const name of ['5', 'a', '', 'null'])
      expect(dubboCodec.header(frame, name)).toBeUndefined()
  })

  it('of each of two frames stays its own when they are asked in turn', () => {
    const [one, two] = [
      request({ service: 'a', attachments: { x: '1' } }),
      request({ service: 'b', descriptor: 'I', args: [9], attachments: { y: '2', x: '3' } }),
    ]
    for (let round = 0; round < 2; round++) {
      expect([dubboCodec.service(one), dubboCodec.header(one, 'x')]).toEqual(['a:1.0', '1'])
      expect([dubboCodec.service(two), dubboCodec.header(two, 'x')]).toEqual(['b:1.0', '3'])
    }
  })

  it('is told one by one, in order, if it is text', () => {
    const told: string[] = []
    const frame = request({ attachments: { b: '1', list: [1], a: '2', '': '', none: null } })
    dubboCodec.each!(frame, (name, it) => told.push(`${name}=${it}`))
    expect(told).toEqual(['b=1', 'a=2', '='])
    dubboCodec.each!(request({ flag: 0xd7, attachments: { b: '1' } }), expect.unreachable)
  })

  it('comes back as hessian.js wrote it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 12 }), (pairs) => {
        const frame = request({ attachments: pairs })
        for (const [name, it] of Object.entries(pairs))
          expect(dubboCodec.header(frame, name)).toBe(it)
      }),
    )
  })
})

describe('the attachments of a response', () => {
  const attachments = map({ trace: 'abc' })
  it.each([
    ['an exception', response(hex('93'), { $class: 'java.lang.Error', $: { a: 1 } }, attachments)],
    ['a value', response(hex('94'), 'done', attachments)],
    ['null', response(hex('95'), attachments)],
  ])('stand behind %s', (_name, frame) => {
    expect(dubboCodec.header(frame, 'trace')).toBe('abc')
    expect(dubboCodec.status(frame)).toBe(200)
  })

  it.each([
    ['a kind that has none', response(hex('91'), 'done', attachments)],
    ['null that has none', response(hex('92'), attachments)],
    ['an unknown kind', response(hex('96'), 'done', attachments)],
    ['no kind', response(hex('4e'))],
    ['no body', response()],
    ['a value that is broken', response(hex('94 40'), attachments)],
    ['a value alone', response(hex('94'), 'done')],
    ['an error', frameOf(frameBytes(2, 70, Buffer.concat([hessianText('no'), attachments])))],
  ])('are not read of %s', (_name, frame) => {
    expect(dubboCodec.header(frame, 'trace')).toBeUndefined()
  })
})

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])
}
