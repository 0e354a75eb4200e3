import { readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { type CommonAnswer, type Value, whole } from '../../transcoder.ts'
import { bytesOf, frameOf } from './harness.ts'
import { thriftCodec } from './thrift.ts'
import {
  all,
  callOf,
  named,
  plain,
  reread,
  service,
  thrown,
  tongueOf,
  value,
} from './tongue-harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const everything: Value[] = [
  true,
  -128,
  -32768,
  -2147483648,
  -9223372036854775808n,
  1.5,
  -1e300,
  'Äpfel 🍎',
  new Uint8Array([0, 255, 128]),
  new Date(1_234_567_890_123),
  [true, false, true],
  [['a', ''], []],
  { cox: 1.25, '': -0.5 },
  { '9007199254740993': { name: 'big' }, '-1': {} },
  { true: false, false: true },
  { name: 'a', next: { name: 'b', next: {} } },
]

describe.each(['Shop', 'compact:Shop', 'theader:Shop', 'ttheader:Shop'])('calls by %s', (name) => {
  const shop = named(name)
  const tongue = tongueOf(shop)

  it('carry values of every type', () => {
    expect(reread(tongue, callOf('all', everything, shop)).args).toEqual(everything)
    expect(reread(tongue, callOf('all', [], shop)).args).toEqual(all.map(() => null))
  })

  it('carry whole numbers of any size', () => {
    const small = (bits: number) =>
      fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    const numbers = fc.tuple(
      small(8),
      small(16),
      small(32),
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    )
    fc.assert(
      fc.property(numbers, fc.double({ noNaN: true }), (whole, real) => {
        const [, ...read] = reread(tongue, callOf('all', [null, ...whole, null, real], shop)).args
        expect(read.slice(0, 4).map(BigInt as (it: unknown) => bigint)).toEqual(whole.map(BigInt))
        // The package writes no negative zero.
        expect(read[5]).toBe(real === 0 ? 0 : real)
      }),
    )
  })

  it('give results and exceptions back', () => {
    const call = callOf('echo', ['bob'], shop)
    const asked = tongue.writeCall(call)
    const answers: [Exclude<CommonAnswer, { kind: 'failure' }>, unknown][] = [
      [value('hi bob'), value('hi bob')],
      [value(null), value(null)],
      [
        thrown('com.shop.SoldOut', 'no apples'),
        thrown('com.shop.SoldOut', 'no apples', { what: 'no apples' }),
      ],
      [
        thrown('Refused', 'not you', { code: 7 }),
        thrown('Refused', 'not you', { code: 7, message: 'not you' }),
      ],
      [thrown('org.else.SoldOut', ''), thrown('com.shop.SoldOut', '', {})],
      [
        thrown('Refused', 'not you', { code: 'seven', stack: ['x'] }),
        thrown('Refused', 'not you', { message: 'not you' }),
      ],
    ]
    for (const [answer, expected] of answers) {
      const { frame } = tongue.writeAnswer(answer, call, asked.frame)
      const read = tongue.readAnswer(whole(frameOf(bytesOf(frame))), call)
      expect(read.kind === 'exception' ? { ...read, detail: plain(read.detail) } : read).toEqual(
        expected,
      )
    }
  })

  it('tell exceptions that are not declared, and failures, as such', () => {
    const call = callOf('echo', ['bob'], shop)
    const asked = tongue.writeCall(call).frame
    const odd = tongue.writeAnswer(thrown('java.io.IOException', 'disk'), call, asked)
    expect(tongue.readAnswer(odd, call)).toEqual({
      kind: 'failure',
      status: 500,
      message: 'java.io.IOException: disk',
    })
    const nameless = tongue.writeAnswer(thrown('', 'disk'), call, asked)
    expect(tongue.readAnswer(nameless, call)).toMatchObject({ kind: 'failure', message: 'disk' })
    const refused = thriftCodec.reply(asked, Outcome.NoRoute, 'no route', 404)
    expect(tongue.readAnswer(whole(refused), call)).toEqual({
      kind: 'failure',
      status: 404,
      message: 'no route',
    })
  })

  it('that nobody answers are such frames', () => {
    const call = callOf('fire', ['z'], shop)
    expect(tongue.writeCall(call).frame.kind).toBe(FrameKind.Oneway)
    expect(reread(tongue, call)).toMatchObject({ oneway: true, args: ['z'] })
  })
})

describe('headers and time-outs', () => {
  const parts = { headers: new Map([['x-user', 'alice']]), timeoutMs: 249.5 }

  it.each([
    ['Shop', {}, 0],
    ['theader:Shop', { 'x-user': 'alice' }, 250],
    ['ttheader:Shop', { 'x-user': 'alice' }, 250],
  ])('by %s are what the transport has room for', (name, headers, ms) => {
    const shop = named(name)
    const read = reread(tongueOf(shop), callOf('echo', ['bob'], shop, parts))
    expect([Object.fromEntries(read.headers), read.timeoutMs]).toEqual([headers, ms])
  })

  it('of answers go back where the request came by a header transport', () => {
    const said = value('x', { zone: 'east' })
    const shop = service()
    for (const [name, headers] of [
      ['request', {}],
      ['theader-numbered-request', { zone: 'east' }],
      ['ttheader-request', { zone: 'east' }],
    ] as const) {
      const tongue = tongueOf(shop)
      const asked = frameOf(vector(name))
      const call = tongue.readCall(whole(asked))
      const answer = tongue.writeAnswer(said, call, asked)
      const read = tongue.readAnswer(answer, call)
      expect(read).toEqual({ ...value('x'), headers: new Map(Object.entries(headers)) })
      expect(answer.frame.id).toBe(asked.id)
    }
  })

  it('by TTHeader name the service that is called', () => {
    const shop = named('ttheader:demo.shop')
    const { frame } = tongueOf(shop).writeCall(callOf('echo', ['bob'], shop))
    const read = (it: string) => thriftCodec.header(frame, it)
    expect([read('to_service'), read('to_method'), read('msg_type')]).toEqual([
      'demo.shop',
      'echo',
      '1',
    ])
    expect(thriftCodec.method(frame)).toBe('echo')
  })

  it('that are too many for a header transport are refused', () => {
    const shop = named('theader:')
    const headers = new Map([['x', 'y'.repeat(70_000)]])
    expect(() => tongueOf(shop).writeCall(callOf('echo', ['b'], shop, { headers }))).toThrow(
      'headers: are more than fit',
    )
  })
})
