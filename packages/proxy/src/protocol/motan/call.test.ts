import { hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { whole } from '../../transcoder.ts'
import { bodyOf, frameOf, metadataOf, requestBytes } from './harness.ts'
import { motanCodec } from './motan.ts'
import {
  ask,
  bound,
  call,
  everything,
  ITEM,
  list,
  method,
  of,
  plain,
  reread,
  service,
  structured,
  tongue,
} from './tongue-harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Frame => frameOf(Buffer.from(vectors.get(name)!))

describe('a call', () => {
  it.each(everything)('carries %s in simple serialisation', async (_name, type, value) => {
    const one = service([method('put', { it: type }, type)])
    const { writeCall, readCall } = bound(await tongue(one))
    const frame = reread(writeCall(call(one, [value])))
    expect(frame.buf[4]).toBe(6 << 3)
    expect(readCall(whole(frame)).args.map(plain)).toEqual([plain(value)])
  })

  it.each([...everything, ...structured])('carries %s in Hessian', async (_name, type, value) => {
    const one = service([method('put', { it: type, and: of('any') }, type)])
    const { writeCall, readCall } = bound(await tongue(one))
    const frame = reread(writeCall(call(one, [value, 'behind'])))
    expect(frame.buf[4]).toBe(0)
    expect(readCall(whole(frame)).args.map(plain)).toEqual([plain(value), 'behind'])
  })

  it('says what it is of, and what travels beside it', async () => {
    const one = service([method('hi', { who: of('string') }, of('string'))], {
      group: 'g1',
      version: '1.0',
      names: { motan: 'com.demo.Other' },
    })
    const { writeCall, readCall } = bound(await tongue(one))
    const headers = new Map([
      ['color', 'gray'],
      ['M_p', 'com.evil.Svc'],
      ['group', 'evil'],
      ['empty', ''],
    ])
    const frame = reread(writeCall(call(one, ['bob'], { headers, timeoutMs: 2999.5 })))
    expect(metadataOf(frame)).toBe(
      'color\ngray\nempty\n\nM_g\ng1\nM_v\n1.0\nM_tmo\n3000\nM_m\nhi\nM_p\ncom.demo.Other',
    )
    expect(bodyOf(frame)).toEqual(hex('01 00 00 00 03 62 6f 62'))
    expect(motanCodec.service(frame)).toBe('g1/com.demo.Other:1.0')
    const read = readCall(whole(frame))
    expect([...read.headers]).toEqual([
      ['color', 'gray'],
      ['empty', ''],
    ])
    expect([read.service, read.method, read.timeoutMs]).toEqual([one, one.methods[0], 3000])
  })

  it('has the names that its service and its method have in Motan', async () => {
    const hi = method('hi', { who: of('string') }, of('string'), { names: { motan: 'gruesse' } })
    const one = service([hi], { names: { motan: 'com.demo.Lager' } })
    const { writeCall, readCall } = bound(await tongue(one))
    const frame = reread(writeCall(call(one, ['bob'])))
    expect(motanCodec.service(frame)).toBe('com.demo.Lager')
    expect(motanCodec.method(frame)).toBe('gruesse')
    expect(readCall(whole(frame))).toMatchObject({ service: one, method: hi, args: ['bob'] })
  })

  it('that nobody answers is a one-way frame', async () => {
    const one = service([method('tell', {})])
    const { writeCall, readCall } = bound(await tongue(one))
    const frame = reread(writeCall(call(one, [], { oneway: true })))
    expect([frame.kind, bodyOf(frame).length]).toEqual([FrameKind.Oneway, 0])
    expect(readCall(whole(frame)).oneway).toBe(true)
    expect(readCall(whole(frameOf(requestBytes({ metadata: ask('tell') })))).oneway).toBe(false)
  })

  it.each([
    ['once', [method('put', { a: of('i32') })], ''],
    [
      'with a class said',
      [method('put', { a: [of('i32'), 'java.lang.Integer'] })],
      'java.lang.Integer',
    ],
    [
      'twice',
      [method('put', { a: of('i32'), b: of('bytes'), c: ITEM, d: list(ITEM) }), method('put', {})],
      'int,byte[],com.shop.Item,java.util.List',
    ],
    ['twice, this one empty', [method('put', {}), method('put', { a: of('i32') })], 'void'],
  ])(
    'names the classes of a method that is there %s as Java wants it',
    async (_name, all, said) => {
      const one = service(all)
      const { writeCall } = bound(await tongue(one))
      const args = one.methods[0]!.parameters.map(({ type }) => (type.kind === 'i32' ? 7 : null))
      const frame = reread(writeCall(call(one, args)))
      expect(motanCodec.header(frame, 'M_md') ?? '').toBe(said)
    },
  )

  it.each([
    ['java.util.Set', of('string'), 6],
    ['java.math.BigDecimal', of('double'), 0],
    ['int[]', list(of('i32')), 0],
    ['', list(of('i32')), 6],
  ])('of a parameter of class %j is written so that Java reads it', async (java, type, id) => {
    const one = service([method('put', { a: [type, java] })])
    const { writeCall } = bound(await tongue(one))
    expect(writeCall(call(one, [null])).frame.buf[4]! >> 3).toBe(id)
  })

  it.each([
    ['request', ['bob', 7]],
    ['request-simple', ['bob', 7]],
    ['request-v1', ['bob', 7]],
  ])('of Java is read: %s', async (name, args) => {
    const one = service([method('hi', { who: of('string'), times: of('i32') })])
    const { readCall } = bound(await tongue(one))
    const read = readCall(whole(vector(name)))
    expect(read.args).toEqual(args)
    expect([...read.headers]).toEqual([['color', 'gray']])
    expect(read.timeoutMs).toBe(3000)
  })

  it('of Motan1 is read with null, without arguments and in pieces', async () => {
    const one = service([
      method('hi', { a: of('string'), b: [ITEM, 'com.demo.Item'], c: of('string') }),
      method('ping', {}),
    ])
    const { readCall } = bound(await tongue(one))
    expect(readCall(whole(vector('request-v1-null'))).args).toEqual(['x', null, 'y'])
    expect(readCall(whole(vector('request-v1-no-arguments'))).args).toEqual([])
    expect(readCall(whole(vector('request-v1-long'))).headers.get('long')).toHaveLength(3000)
  })

  it('in gzip is read, and one in JSON', async () => {
    const one = service([method('hi', { who: of('string') })])
    const { readCall } = bound(await tongue(one))
    expect(readCall(whole(vector('request-gzip'))).args).toEqual(['bob'])
    const json = requestBytes({
      metadata: ask('hi'),
      serialization: 2,
      body: Buffer.from('["bob"]'),
    })
    expect(readCall(whole(frameOf(json))).args).toEqual(['bob'])
  })

  it('finds the method of its name and classes, in its group and version', async () => {
    const put = method('put', { a: of('i32') })
    const other = method('put', { a: of('string') })
    const any = service([put, other])
    const east = service([put], { group: 'east', version: '1' })
    const { readCall } = bound(await tongue(any, east))
    const found = (more: Record<string, string>) => {
      const bytes = requestBytes({ metadata: { ...ask('put'), ...more }, body: hex('00') })
      const { service, method } = readCall(whole(frameOf(bytes)))
      return [service, method]
    }
    expect(found({ M_md: 'java.lang.String' })).toEqual([any, other])
    expect(found({ M_md: 'int' })).toEqual([any, put])
    expect(found({ M_md: 'int', M_g: 'east', M_v: '1' })).toEqual([east, put])
    expect(found({ M_md: 'int', M_g: 'east', M_v: '2' })).toEqual([any, put])
  })
})
