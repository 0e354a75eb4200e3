import { gzipSync } from 'node:zlib'
import { hex } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { frameOf, requestBytes } from './harness.ts'
import { motan } from './motan.ts'
import {
  ask,
  bound,
  call,
  map,
  method,
  of,
  PLAIN,
  service,
  tongue,
  whole,
} from './tongue-harness.ts'

describe('a call that cannot be read', () => {
  const one = service([method('hi', { who: of('string'), times: of('i32') }), method('hi', {})], {
    version: '1',
  })
  const asked = { M_v: '1', ...ask('hi') }
  it.each<[string, Parameters<typeof requestBytes>[0], string]>([
    ['an unknown service', { metadata: { M_p: 'x' } }, 'service: x is not declared'],
    [
      'another version',
      { metadata: { ...asked, M_v: '2' } },
      'service: com.demo.Svc is not declared',
    ],
    [
      'no method',
      { metadata: { M_v: '1', M_p: 'com.demo.Svc' } },
      'method: com.demo.Svc has no nameless method',
    ],
    ['an unknown method', { metadata: { ...asked, M_m: 'ho' } }, 'method: com.demo.Svc has no ho'],
    [
      'unknown classes',
      { metadata: { ...asked, M_md: 'long' } },
      'method: com.demo.Svc has no hi(long)',
    ],
    ['odd metadata', { metadata: 'M_p' }, 'metadata: cannot be read by rules that all hosts share'],
    [
      'breeze',
      { serialization: 8, body: hex('00') },
      'arguments: serialisation 8 (breeze) is not read here',
    ],
    [
      'something new',
      { serialization: 31, body: hex('00') },
      'arguments: serialisation 31 is not read here',
    ],
    ['too few arguments', { body: hex('00') }, 'arguments: the call has 1, hi takes 2'],
    ['too many arguments', { body: hex('00 00 00') }, 'arguments: the call has 3, hi takes 2'],
    ['no arguments', {}, 'arguments: the call has 0, hi takes 2'],
    [
      'one of another type',
      { body: hex('01 00 00 00 01 61 05 01') },
      'arguments.times: must be a whole number (i32), not true',
    ],
    [
      'a simple type that is none',
      { body: hex('0c') },
      'arguments: the simple serialisation of Motan has no type 12',
    ],
    [
      'a simple length that lies',
      { body: hex('01 00 00 00 09 61') },
      'arguments: a length in it passes its end',
    ],
    ['a simple value cut short', { body: hex('0b 00') }, 'arguments: it ends too early'],
    [
      'a simple number without an end',
      { body: hex('09 ff ff ff ff ff ff ff ff ff ff ff') },
      'arguments: a number in it has no end',
    ],
    [
      'a simple map of half a pair',
      { body: hex('02 00 00 00 05 00 00 00 01 61') },
      'arguments: it ends too early',
    ],
    ['a simple depth bomb', { body: bomb(70) }, 'arguments: nested deeper than 64'],
    [
      'broken Hessian',
      { serialization: 0, body: hex('01 61 40') },
      'arguments: is no Hessian 2.0: hessian read got an unexpect code: 0x40',
    ],
    ['Hessian cut short', { serialization: 0, body: hex('01 61') }, 'arguments: is no Hessian 2.0'],
    [
      'a Hessian depth bomb',
      { serialization: 0, body: Buffer.alloc(1 << 20, 0x79) },
      'arguments: is no Hessian 2.0: Maximum call stack size exceeded',
    ],
    [
      'a Hessian length that lies',
      { serialization: 0, body: hex('58 49 7f ff ff ff') },
      'arguments: is no Hessian 2.0',
    ],
    [
      'more Hessian than arguments',
      { serialization: 0, body: hex('01 61 91 92') },
      'arguments: has 4 bytes, of which 2 values need less',
    ],
    [
      'Hessian that doubles itself',
      { serialization: 0, body: doubling(40) },
      'arguments: has more than 1000000 values',
    ],
    [
      'JSON that is no list',
      { serialization: 2, body: Buffer.from('{}') },
      'arguments: is JSON, but no list',
    ],
    [
      'JSON that is none',
      { serialization: 2, body: Buffer.from('[7L]') },
      'arguments: is no JSON: ',
    ],
    ['gzip that is none', { type: 8, body: hex('00') }, 'arguments: is no gzip: '],
    [
      'a gzip bomb',
      { type: 8, body: gzipSync(Buffer.alloc((1 << 26) + 1)) },
      'arguments: is no gzip: Cannot create a Buffer larger',
    ],
  ])('for %s says which field and why', async (_name, said, sentence) => {
    const { readCall } = bound(await tongue(one))
    const frame = frameOf(requestBytes({ metadata: asked, ...said }))
    expect(() => readCall(whole(frame))).toThrow(sentence)
  })
})

describe('a call that cannot be written', () => {
  it('says which field and why', async () => {
    const one = service([method('put', { it: map(of('i32'), of('bool')) })])
    const { writeCall } = bound(await tongue(one))
    expect(() => writeCall(call(one, [{ x: true }]))).toThrow(
      'arguments.it: has the key "x", which is no i32',
    )
    const headers = new Map([['x', 'a\nM_p\nb']])
    expect(() => writeCall(call(one, [null], { headers }))).toThrow(
      'headers.x: has a line break or no name, which Motan cannot say',
    )
  })

  it('is told when the configuration arrives, where a class has no name', async () => {
    const one = service([method('put', { it: PLAIN }), method('put', {})])
    const made = (await motan.transcoder!()).configure([one], 'services')
    expect(made).toEqual({
      ok: false,
      problems: [
        {
          at: 'services[0].methods[0]',
          what: '"put" is there more than once: Motan needs the Java class of every parameter',
        },
      ],
    })
  })
})

/** Lists in lists, in simple serialisation. */
function bomb(depth: number): Buffer {
  let body = Buffer.alloc(0)
  for (let i = 0; i < depth; i++) {
    const head = Buffer.from([21, 0, 0, 0, 0])
    head.writeUInt32BE(body.length, 1)
    body = Buffer.concat([head, body])
  }
  return body
}

/** A list of lists, each of which has the one before it twice. */
function doubling(depth: number): Buffer {
  const lists = Array.from({ length: depth }, (_, i) =>
    i === 0 ? hex('78') : Buffer.from([0x7a, 0x51, 0x90 + i, 0x51, 0x90 + i]),
  )
  return Buffer.concat([Buffer.from([0x58, 0x90 + depth]), ...lists, hex('91')])
}
