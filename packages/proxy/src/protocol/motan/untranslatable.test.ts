import { gzipSync } from 'node:zlib'
import { hex } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { whole } from '../../transcoder.ts'
import { frameOf, requestBytes } from './harness.ts'
import { motan } from './motan.ts'
import { ask, bound, call, map, method, of, PLAIN, service, tongue } from './tongue-harness.ts'

describe('a call that cannot be read', () => {
  const one = service([method('hi', { who: of('string'), times: of('i32') }), method('hi', {})], {
    version: '1',
  })
  const asked = { M_v: '1', ...ask('hi') }
  it.each<[string, Parameters<typeof requestBytes>[0], string]>([
    [
      'an unknown service',
      { metadata: { M_p: 'x', M_m: 'hi' } },
      'service: no service "x" is declared; there is com.demo.Svc:1',
    ],
    [
      'another version',
      { metadata: { ...asked, M_v: '2' } },
      'service: no service "com.demo.Svc:2" is declared; there is com.demo.Svc:1',
    ],
    [
      'no method',
      { metadata: { M_v: '1', M_p: 'com.demo.Svc' } },
      'headers: name no method by rules that all hosts share',
    ],
    [
      'an unknown method',
      { metadata: { ...asked, M_m: 'ho' } },
      'method: no method "ho" of com.demo.Svc is declared; there is hi',
    ],
    [
      'unknown classes',
      { metadata: { ...asked, M_md: 'long' } },
      'method: no method "hi(long)" of com.demo.Svc is declared; there is hi(java.lang.String,int), hi(void)',
    ],
    ['odd metadata', { metadata: 'M_p' }, 'headers: name no method by rules that all hosts share'],
    [
      'breeze',
      { serialization: 8, body: hex('00') },
      'body: is written in serialisation 8 (breeze), which is not read here',
    ],
    [
      'something new',
      { serialization: 31, body: hex('00') },
      'body: is written in serialisation 31, which is not read here',
    ],
    ['too few arguments', { body: hex('00') }, 'arguments: are 1; "hi" takes 2'],
    ['too many arguments', { body: hex('00 00 00') }, 'arguments: are 3; "hi" takes 2'],
    ['no arguments', {}, 'arguments: are 0; "hi" takes 2'],
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
      'arguments: is no Hessian: hessian read got an unexpect code: 0x40',
    ],
    ['Hessian cut short', { serialization: 0, body: hex('01 61') }, 'arguments: is no Hessian'],
    [
      'a Hessian depth bomb',
      { serialization: 0, body: Buffer.alloc(1 << 20, 0x79) },
      'arguments: is no Hessian: Maximum call stack size exceeded',
    ],
    [
      'a Hessian length that lies',
      { serialization: 0, body: hex('58 49 7f ff ff ff') },
      'arguments: is no Hessian',
    ],
    [
      'more Hessian than arguments',
      { serialization: 0, body: hex('01 61 91 92') },
      'arguments: has more bytes than 2 values need: 1',
    ],
    [
      'Hessian that doubles itself',
      { serialization: 0, body: doubling(40) },
      'holds more than 1000000 values',
    ],
    [
      'JSON that is no list',
      { serialization: 2, body: Buffer.from('{}') },
      'arguments: are JSON, but no list',
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
