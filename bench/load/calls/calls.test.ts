import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../../packages/proxy/src/frame.ts'
import type { HeaderCodec } from '../../../packages/proxy/src/framed.ts'
import { Outcome } from '../../../packages/proxy/src/outcome.ts'
import { boltCodec } from '../../../packages/proxy/src/protocol/bolt/bolt.ts'
import { dubboCodec } from '../../../packages/proxy/src/protocol/dubbo/dubbo.ts'
import { motanCodec } from '../../../packages/proxy/src/protocol/motan/motan.ts'
import { tarsCodec } from '../../../packages/proxy/src/protocol/tars/tars.ts'
import { thriftCodec } from '../../../packages/proxy/src/protocol/thrift/thrift.ts'
import {
  HessianReader,
  JavaObject as ReadObject,
} from '../../../packages/proxy/src/transcode/hessian.ts'
import { boltCall, boltWith } from './bolt.ts'
import type { Call, Shape } from './call.ts'
import { dubboCall } from './dubbo.ts'
import { DraftWriter, JavaObject, Long, type Said } from './hessian.ts'
import { itemCall } from './item.ts'
import { motanCall } from './motan.ts'
import { tarsCall } from './tars.ts'
import { thriftCall } from './thrift.ts'

const ID = 0x01020304

function read(codec: HeaderCodec, { bytes, idAt }: Shape) {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(ID, idAt)
  expect(codec.measure(copy, 0, copy.length)).toBe(copy.length)
  return codec.read(copy, 0, copy.length)!
}

describe.each<[string, HeaderCodec, Call]>([
  ['Bolt', boltCodec, boltCall],
  ['Bolt with more headers', boltCodec, boltWith([['zone', 'east']])],
  ['Bolt with an object', boltCodec, itemCall],
  ['Dubbo', dubboCodec, dubboCall],
  ['Motan', motanCodec, motanCall],
  ['Thrift', thriftCodec, thriftCall],
  ['Tars', tarsCodec, tarsCall],
])('a call of %s', (_, codec, { request, answer, service, method, goodAt }) => {
  it('is what the protocol reads it as, under the id that is written into it', () => {
    const frame = read(codec, request)
    expect([frame.kind, codec.idOf(frame)]).toEqual([FrameKind.Request, ID])
    expect([codec.service(frame), codec.method(frame)]).toEqual([service, method])
  })

  it('has an answer that finds it, told from a failure by one byte', () => {
    const frame = read(codec, answer)
    expect([frame.kind, codec.idOf(frame)]).toEqual([FrameKind.Response, ID])
    expect(codec.status(frame)).toBe(200)
    const failed = codec.reply(read(codec, request), Outcome.NoRoute, 'nowhere', 404)
    expect(failed.buf[failed.start + goodAt]).not.toBe(answer.bytes[goodAt])
  })
})

/** What a library reads of it, objects as maps. */
function readBack(bytes: Buffer): unknown {
  const plain = (value: unknown): unknown =>
    value instanceof ReadObject
      ? { [value.className]: [...value.fields].map(([name, it]) => [name, plain(it)]) }
      : value
  return plain(new HessianReader('draft', bytes).read('it'))
}

describe('what is written in the draft of Hessian', () => {
  it.each<[string, Said, unknown]>([
    ['null', null, null],
    ['a truth', false, false],
    ['a small number', 47, 47],
    ['a larger one', -2000, -2000],
    ['a long', new Long(399), 399],
    ['a fraction', 0.185, 0.185],
    ['a text', 'x'.repeat(32), 'x'.repeat(32)],
    ['a list', ['a', ['b']], ['a', ['b']]],
    ['a map', { east: 12 }, new Map([['east', 12]])],
    [
      'an object in another of its class',
      new JavaObject('a.B', { b: new JavaObject('a.B', { b: 1 }) }),
      { 'a.B': [['b', { 'a.B': [['b', 1]] }]] },
    ],
  ])('a library reads: %s', (_, said, read) => {
    expect(readBack(new DraftWriter().write(said))).toEqual(read)
  })

  it('refuses a number that it cannot write', () => {
    expect(() => new DraftWriter().write(2048)).toThrow('too large')
  })
})
