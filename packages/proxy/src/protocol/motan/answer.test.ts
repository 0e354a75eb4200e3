import { createRequire } from 'node:module'
import type { ValueType } from '@tulle/model'
import { hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { type CommonAnswer, type Value, whole } from '../../transcoder.ts'
import { frameBytes, frameOf, requestBytes } from './harness.ts'
import { motanCodec } from './motan.ts'
import {
  ask,
  bound,
  call,
  everything,
  ITEM,
  list,
  method,
  nothing,
  of,
  PLAIN,
  plain,
  reread,
  service,
  structured,
  tongue,
} from './tongue-harness.ts'

const hessian = createRequire(import.meta.url)('hessian.js') as {
  encode(value: unknown, version: '2.0'): Buffer
}
const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Frame => frameOf(Buffer.from(vectors.get(name)!))

describe('an answer', () => {
  const exchange = async (type: ValueType, serialization: number) => {
    const one = service([method('put', {}, type)])
    const { writeAnswer, readAnswer } = bound(await tongue(one))
    const asked = call(one, [])
    const request = frameOf(requestBytes({ metadata: ask('put'), serialization }))
    return (answer: Exclude<CommonAnswer, { readonly kind: 'failure' }>) =>
      readAnswer(whole(reread(writeAnswer(answer, asked, request))), asked)
  }

  it.each([
    ...everything.flatMap((one) => [0, 2, 6].map((id) => [id, ...one] as const)),
    ...structured.flatMap((one) => [0, 2].map((id) => [id, ...one] as const)),
  ])('carries, in serialisation %i, %s', async (id, _name, type, value) => {
    const answered = await (await exchange(type, id))({
      kind: 'value',
      value,
      headers: new Map([['via', 'x']]),
    })
    expect(plain(answered)).toEqual({ kind: 'value', value: plain(value), headers: {} })
    if (answered.kind === 'value') expect([...answered.headers]).toEqual([['via', 'x']])
  })

  it.each([0, 2, 6, 8])('carries an exception in serialisation %i', async (id) => {
    const thrown = {
      kind: 'exception',
      type: 'com.shop.SoldOut',
      message: 'out of "apples"\n🍎',
      detail: null,
      headers: nothing,
    } as const
    expect(await (await exchange(ITEM, id))(thrown)).toEqual(thrown)
  })

  it('in a serialisation of others, or of what that cannot say, is not written', async () => {
    const value = { kind: 'value', value: 'x', headers: nothing } as const
    await expect(async () => (await exchange(of('string'), 5))(value)).rejects.toThrow(
      'result: cannot be written in serialisation 5 (protobuf), in which the call was',
    )
    const time = { kind: 'value', value: new Date(0), headers: nothing } as const
    await expect(async () =>
      (await exchange(list(of('date')), 6))({ ...time, value: [time.value] }),
    ).rejects.toThrow('result[0]: the simple serialisation of Motan has no times')
  })

  it('in simple serialisation has structs as maps', async () => {
    const said = { sku: 'a', count: 7, next: null, prices: [1.5] }
    const answered = await (await exchange(ITEM, 6))({
      kind: 'value',
      value: said,
      headers: nothing,
    })
    expect(plain(answered)).toMatchObject({ value: said })
  })

  it.each<[string, ValueType, unknown]>([
    ['response', of('string'), 'hi bob'],
    ['response-go', of('string'), 'hi bob'],
    ['response-null', of('string'), null],
    ['response-null', of('void'), null],
  ])('of foreign hosts is read: %s', async (name, type, value) => {
    const one = service([method('hi', {}, type)])
    const { readAnswer } = bound(await tongue(one))
    expect(readAnswer(whole(vector(name)), call(one, []))).toMatchObject({ kind: 'value', value })
  })

  it.each<[string, Partial<CommonAnswer>]>([
    [
      'exception',
      {
        kind: 'exception',
        type: '',
        message: 'provider call process error, org err:out of apples',
      },
    ],
    ['exception-timeout', { kind: 'failure', status: 504, message: 'service request timeout' }],
    ['exception-go', { kind: 'failure', status: 503, message: 'no endpoint' }],
  ])('of foreign hosts tells what went wrong: %s', async (name, answer) => {
    const one = service([method('hi', {})])
    const { readAnswer } = bound(await tongue(one))
    expect(readAnswer(whole(vector(name)), call(one, []))).toMatchObject(answer)
  })

  it.each([
    ['M_e\nout of apples', { kind: 'failure', status: 500, message: 'out of apples' }],
    ['M_e\n"apples"', { kind: 'failure', status: 500, message: '"apples"' }],
    ['M_e\n{}', { kind: 'failure', status: 500, message: '' }],
    ['', { kind: 'failure', status: 500, message: '' }],
  ])('with an exception in other words tells them: %j', async (metadata, answer) => {
    const one = service([method('hi', {})])
    const { readAnswer } = bound(await tongue(one))
    const frame = frameOf(frameBytes(1, 1, metadata))
    expect(readAnswer(whole(frame), call(one, []))).toEqual(answer)
  })

  it('with classes that Java says in JSON, and with long numbers, is read', async () => {
    const one = service([method('get', {}, ITEM)])
    const { readAnswer } = bound(await tongue(one))
    const body = Buffer.from('{"@type":"com.shop.Item","sku":"a","count":9223372036854775807}')
    const frame = frameOf(frameBytes(1, 0, 'M_pt\n1', body, '0000000000000001', 2))
    expect(plain(readAnswer(whole(frame), call(one, [])))).toMatchObject({
      value: { sku: 'a', count: 9223372036854775807n },
    })
  })

  it('of an object whose class has more fields is read without them', async () => {
    const one = service([method('get', {}, PLAIN)])
    const { readAnswer } = bound(await tongue(one))
    const body = hessian.encode({ $class: 'x.Plain', $: { a: 1, b: 2 } }, '2.0')
    const frame = frameOf(frameBytes(1, 0, 'M_pt\n1', body, '0000000000000001', 0))
    expect(plain(readAnswer(whole(frame), call(one, [])))).toMatchObject({ value: { a: 1 } })
  })

  it('of no value or two is refused', async () => {
    const one = service([method('get', {}, of('string'))])
    const { readAnswer } = bound(await tongue(one))
    const frame = frameOf(frameBytes(1, 0, '', hex('00 00')))
    expect(() => readAnswer(whole(frame), call(one, []))).toThrow('result: the answer has 2 values')
  })

  it.each<[string, ValueType, Value, string]>([
    ['a text', of('string'), 'hi bob', 'response-v1'],
    ['null', of('string'), null, 'response-v1-null'],
  ])('to Motan1 is what Java itself answers: %s', async (_name, type, value, name) => {
    const one = service([method('hi', { a: of('any'), b: of('any') }, type)])
    const { writeAnswer } = bound(await tongue(one))
    const request = vector('request-v1')
    const answer = { kind: 'value', value, headers: new Map([['x', 'y']]) } as const
    const { frame } = writeAnswer(answer, call(one, []), request)
    motanCodec.restore!(frame, request)
    const captured = Buffer.from(vectors.get(name)!)
    captured.fill(0, 38, 46)
    expect(frame.buf).toEqual(captured)
  })

  it('to Motan1 may be an exception', async () => {
    const one = service([method('hi', {})])
    const { writeAnswer } = bound(await tongue(one))
    const thrown = { kind: 'exception', type: 'a.B', message: 'no', detail: null } as const
    const { frame } = writeAnswer(
      { ...thrown, headers: nothing },
      call(one, []),
      vector('request-v1'),
    )
    const answer = reread({ frame })
    expect([answer.kind, motanCodec.status(answer)]).toEqual([FrameKind.Response, 200])
    expect(answer.buf.toString('latin1')).toContain('a.B: no')
  })
})
