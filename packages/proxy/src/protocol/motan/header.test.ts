import { readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { motan1 } from './encode.ts'
import { type Call, frameOf, lines, metadataOf, request, requestBytes } from './harness.ts'
import { BYTE_ARRAY, STREAM_MAGIC } from './heartbeat.ts'
import { utf } from './java-text.ts'
import { motan, motanCodec } from './motan.ts'
import { block } from './object-stream.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const service = (call: Call): string | undefined => motanCodec.service(request(call))

/** A Motan1 request of these object stream's parts. */
function motan1Request(...parts: readonly Buffer[]) {
  const { buf } = motan1(motan, 0, 0, 0, 1, Buffer.concat([STREAM_MAGIC, ...parts]))
  return frameOf(buf)
}
const texts = (...all: readonly string[]): Buffer => Buffer.concat(all.map((one) => utf(one)!))
const names = texts('shop.Basket', 'put', 'void')
const attachments = (pairs: Record<string, string>, extra = 0): Buffer => {
  const count = Buffer.alloc(4)
  count.writeInt32BE(Object.keys(pairs).length + extra)
  return Buffer.concat([count, texts(...Object.entries(pairs).flat())])
}

describe('the service', () => {
  it.each([
    ['alone', {}, 'shop.Basket'],
    ['with a group', { more: { M_g: 'east' } }, 'east/shop.Basket'],
    ['with a version', { more: { M_v: '1.0' } }, 'shop.Basket:1.0'],
    ['with both', { more: { M_g: 'east', M_v: '1.0' } }, 'east/shop.Basket:1.0'],
    ['with both as Java has them', { more: { group: 'e', version: '2' } }, 'e/shop.Basket:2'],
    ['with both in both ways', { more: { group: 'a', M_g: 'b', version: '1' } }, 'b/shop.Basket:1'],
    ['with an empty group', { more: { M_g: '', group: 'west', M_v: '1' } }, 'west/shop.Basket:1'],
    ['named twice', { metadata: 'M_p\na\nM_m\nx\nM_p\nb' }, 'b'],
    ['behind an empty value', { metadata: 'x\n\nM_p\na\nM_m\nb' }, 'a'],
    ['before a newline too many', { metadata: 'M_p\na\nM_m\nb\n' }, 'a'],
    ['before many newlines', { metadata: 'M_p\na\n\n\n\n' }, 'a'],
    ['that is not named', { metadata: 'M_m\nput' }, undefined],
    ['in another case', { metadata: 'm_p\na' }, undefined],
    ['with nothing at all', { metadata: '' }, undefined],
    ['with newlines alone', { metadata: '\n\n' }, undefined],
  ])('%s', (_name, call, name) => {
    expect(service(call)).toBe(name)
  })

  it.each([
    ['a key without a value', 'M_p\na\nM_m'],
    ['a key without a value, in front', 'M_p'],
    ['an empty key, which Go steps over', '\nM_p\nother\nM_m\nM_p\na'],
    ['an empty key in the middle', 'M_p\na\n\nx\ny\nz'],
    ['more pairs than anybody sends', lines(Object.fromEntries(many(1025)))],
  ])('is not known with %s, nor is anything else', (_name, metadata) => {
    const frame = request({ metadata: `${metadata}` })
    expect(motanCodec.service(frame)).toBeUndefined()
    expect(motanCodec.method(frame)).toBeUndefined()
    expect(motanCodec.header(frame, 'M_p')).toBeUndefined()
    expect(motanCodec.timeoutMs(frame)).toBe(0)
    frame.set('x', 'y')
    expect(motanCodec.encode(frame)).toBe(false)
  })

  it('is read among as many pairs as are looked at', () => {
    expect(service({ metadata: lines(Object.fromEntries([['M_p', 'a'], ...many(1023)])) })).toBe(
      'a',
    )
  })

  it('is the same for the same bytes and another for others, however many there are', () => {
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 3000; i++) {
        const metadata = { M_p: `shop.Svc${i % 1500}`, M_m: 'x', M_g: `g${i % 3}` }
        expect(service({ metadata })).toBe(`g${i % 3}/shop.Svc${i % 1500}`)
      }
  })
})

describe('the metadata', () => {
  it('is found by its exact name, the last of equal ones', () => {
    const frame = request({ metadata: 'a\none\nb\nx\na\ntwo\nÄpfel\n苹果 🍎\nempty\n\nlast\n1' })
    const said = ['a', 'b', 'Äpfel', 'empty', 'last', 'A', ''].map((name) => frame.header(name))
    expect(said).toEqual(['two', 'x', '苹果 🍎', '', '1', undefined, undefined])
  })

  it('is visited pair by pair', () => {
    for (const name of ['request', 'request-v1-unicode', 'request-v1-long']) {
      const frame = frameOf(Buffer.from(vectors.get(name)!))
      const seen: string[] = []
      motanCodec.each!(frame, (key, value) => {
        expect(motanCodec.header(frame, key)).toBe(value)
        seen.push(key)
      })
      expect(seen).toContain('color')
    }
  })

  it('gives every pair that was put in', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((it) => !it.includes('\n'))
    fc.assert(
      fc.property(fc.dictionary(text, text), (metadata) => {
        const frame = request({ metadata })
        const motan1 = motan1Request(block(Buffer.concat([names, attachments(metadata)])))
        for (const [name, value] of Object.entries(metadata)) {
          expect(motanCodec.header(frame, name)).toBe(value)
          expect(motanCodec.header(motan1, name)).toBe(value)
        }
      }),
    )
  })

  it('is nothing while it has come in part', () => {
    const bytes = requestBytes({ more: { M_g: 'east', M_tmo: '50' } })
    for (let end = 13; end < bytes.length - 4; end++) {
      const head = motanCodec.readHead(bytes, 0, end)!
      expect(motanCodec.service(head)).toBeUndefined()
      expect(motanCodec.timeoutMs(head)).toBe(0)
    }
  })
})

describe('the object stream of Motan1', () => {
  const array = (bytes: string): Buffer =>
    Buffer.concat([BYTE_ARRAY, Buffer.from([0, 0, 0, bytes.length / 2]), Buffer.from(bytes, 'hex')])

  it('has a long attachment in pieces', () => {
    const frame = frameOf(Buffer.from(vectors.get('request-v1-long')!))
    expect(motanCodec.service(frame)).toBe('g1/com.demo.Svc:1.0')
    expect(motanCodec.method(frame)).toBe('ping')
    expect(motanCodec.header(frame, 'long')).toBe('x'.repeat(3000))
    expect(motanCodec.header(frame, 'color')).toBe('gray')
  })

  it.each([
    ['with arguments', [block(names), array('c0ffee'), block(attachments({ a: '1' }))]],
    ['without', [block(Buffer.concat([names, attachments({ a: '1' })]))]],
    ['with nothing but null', [block(names), Buffer.from([0x70]), block(attachments({ a: '1' }))]],
  ])('is read %s', (_name, parts) => {
    const frame = motan1Request(...parts)
    expect(motanCodec.service(frame)).toBe('shop.Basket')
    expect(motanCodec.method(frame)).toBe('put')
    expect(frame.header('a')).toBe('1')
  })

  it.each([
    ['nothing', []],
    ['an object in place of the names', [Buffer.from('7372', 'hex')]],
    ['names cut short', [block(names.subarray(0, 20))]],
    ['no attachments', [block(names)]],
    ['no attachments behind arguments', [block(names), array('01')]],
    ['arguments that are objects', [block(names), Buffer.from('7372', 'hex'), block(names)]],
    ['arrays of something else', [block(names), Buffer.from('757200025b49', 'hex')]],
    ['an array longer than the frame', [block(names), array('01').subarray(0, -1)]],
    ['half a count', [block(Buffer.concat([names, Buffer.from([0, 0])]))]],
    ['fewer attachments than counted', [block(Buffer.concat([names, attachments({ a: '1' }, 1)]))]],
    ['more attachments than counted', [block(Buffer.concat([names, attachments({ a: '1' }, -1)]))]],
    ['a negative count', [block(Buffer.concat([names, attachments({ a: '1' }, -2)]))]],
    ['something behind', [block(Buffer.concat([names, attachments({})])), Buffer.from([0x70])]],
    ['a block that is not whole', [Buffer.from('77ff00', 'hex')]],
    ['a block of a negative length', [Buffer.from('7affffffff00', 'hex')]],
  ])('tells nothing with %s', (_name, parts) => {
    const frame = motan1Request(...parts)
    expect(motanCodec.service(frame)).toBeUndefined()
    expect(motanCodec.method(frame)).toBeUndefined()
    expect(frame.header('a')).toBeUndefined()
    frame.set('x', 'y')
    expect(motanCodec.encode(frame)).toBe(false)
  })
})

describe('the time-out', () => {
  it.each([
    ['3000', 3000],
    ['0', 0],
    ['007', 7],
    ['99999999999', 0x7fffffff],
    ['-5', 0],
    ['soon', 0],
    ['', 0],
  ])('%j is %i ms', (M_tmo, ms) => {
    expect(motan.timeoutMs(request({ more: { M_tmo, x: 'y' } }))).toBe(ms)
  })

  it.each([
    [3000, '3000'],
    [2999.5, '2999'],
    [7, '0007'],
    [0, '0001'],
    [-3, '0001'],
  ])('is shortened to %i in the digits that it has', (left, said) => {
    const frame = request({ more: { M_tmo: '3000', x: 'y' } })
    const bytes = frame.end
    motan.shorten!(frame, left)
    expect(metadataOf(frame)).toBe(`M_p\nshop.Basket\nM_m\nput\nM_tmo\n${said}\nx\ny`)
    expect(frame.end).toBe(bytes)
  })

  it('of Motan1 is an attachment like others', () => {
    const frame = frameOf(Buffer.from(vectors.get('request-v1')!))
    expect(motan.timeoutMs(frame)).toBe(3000)
    motan.shorten!(frame, 950)
    expect(frame.header('M_tmo')).toBe('0950')
    expect(motan.timeoutMs(frame)).toBe(950)
  })
})

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])
}
