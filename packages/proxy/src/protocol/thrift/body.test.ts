import type { ServiceInterface } from '@tulle/model'
import { hex, readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Untranslatable, type Value, whole } from '../../transcoder.ts'
import { callBytes, frameOf, lengthened } from './harness.ts'
import { thrift } from './thrift.ts'
import {
  all,
  callOf,
  kind,
  listOf,
  mapOf,
  member,
  method,
  service,
  struct,
  structOf,
  tongueOf,
} from './tongue-harness.ts'
import { thriftTranscoder } from './transcode.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

describe('what cannot be said', () => {
  const problems = (one: ServiceInterface) => {
    const made = thriftTranscoder(thrift).configure([service(), one], 'services')
    return made.ok ? [] : made.problems.map(({ at, what }) => `${at}: ${what}`)
  }

  it('is told with its place when it is declared', () => {
    const bad = service({
      structs: new Map([
        struct('Used', [member('a', kind('i32'), 1), member('b', listOf(kind('any')), 1)]),
        struct('Unused', [member('a', kind('any'), 1)]),
      ]),
      methods: [
        method('one', { parameters: [member('x', kind('any'), 1)], returns: kind('any') }),
        method('two', {
          parameters: [member('x', mapOf(kind('bytes'), structOf('Used')), 1)],
          throws: [member('no', kind('string'), 1)],
        }),
      ],
      names: { thrift: 'thttp:Shop' },
    })
    expect(problems(bad)).toEqual([
      expect.stringMatching(/^services\[1\]\.names\.thrift: begins with none of binary, compact/),
      expect.stringMatching(/^services\[1\]\.methods\[0\]\.parameters\[0\]\.type: .*"any"/),
      expect.stringMatching(/^services\[1\]\.methods\[0\]\.returns: .*"void" is nothing/),
      expect.stringMatching(/^services\[1\]\.methods\[1\]\.parameters\[0\]\.type: keys/),
      expect.stringMatching(/^services\[1\]\.methods\[1\]\.throws\[0\]\.type: .*a struct/),
      expect.stringMatching(/^services\[1\]\.structs\.Used\.fields\[1\]\.type: .*"any"/),
      'services[1].structs.Used.fields[1].id: is that of "a" too',
    ])
  })

  it.each<[string, Value, string]>([
    ['i8', 300, 'arguments.i8: 300 does not fit i8'],
    ['string', 7, 'arguments.string: must be text, not 7'],
    ['bools', [true, null], 'arguments.bools[1]: is null'],
    ['texts', [['a'], [1]], 'arguments.texts[1][0]: must be text, not 1'],
    ['prices', { cox: null }, 'arguments.prices.cox: is null'],
    ['byId', { one: {} }, 'arguments.byId (key): must be a whole number'],
    ['flags', { yes: true }, 'arguments.flags (key): must be true or false'],
    ['node', { next: { nex: 1 } }, 'arguments.node.next.nex: Node has no such field'],
  ])('is told with its field: %s', (name, wrong, sentence) => {
    const args = all.map((one) => (one.name === name ? wrong : null))
    expect(() => tongueOf(service()).writeCall(callOf('all', args))).toThrow(sentence)
  })
})

describe('bytes that are not as declared', () => {
  const read = (body: Buffer, name = 'all') =>
    tongueOf(service()).readCall(whole(frameOf(callBytes({ name, body }))))

  it.each([
    ['another type', '0b 0004 00000001 61 00', 'arguments.i32: must be i32, and is string'],
    ['a number that does not fit', '08 0002 00000080 00', 'arguments.i8: 128 does not fit i8'],
    [
      'an element of another type',
      '0f 012d 08 00000001 00000001 00',
      'arguments.bools[0]: must be bool',
    ],
    [
      'a list that says it is long',
      '0f 012d 02 7fffffff 01 00',
      'arguments.bools: says it has 2147483647',
    ],
    ['a list of fewer than none', '0f 012d 02 ffffffff 01 00', 'arguments.bools: says it has -1'],
    ['a map that says it is long', '0d 012f 0b 04 7fffffff 00', 'arguments.prices: says it has'],
    [
      'a text that is too long',
      '0b 0014 0000ffff 61 00',
      'arguments.string: cannot be read: its bytes end',
    ],
    ['a text of fewer than none', '0b 0014 ffffffff 61 00', 'arguments.string: cannot be read'],
    ['no end', '08 0004 00000001', 'arguments: cannot be read: its bytes end too early'],
    [
      'an unknown field that cannot be skipped',
      '63 00ff 00',
      'arguments: cannot be read: Invalid type',
    ],
  ])('are refused with their field: %s', (_name, body, sentence) => {
    expect(() => read(hex(body))).toThrow(sentence)
    expect(() => read(hex(body))).toThrow(Untranslatable)
  })

  it('are taken where they mean the same: other widths, sets, fields of another version', () => {
    const call = read(
      hex(
        '0a 0004 0000000000000007 03 0005 ff 06 0003 fffe 0e 012d 02 00000002 01 00 0c 0063 00 00',
      ),
    )
    expect([call.args[3], call.args[4], call.args[2], call.args[10]]).toEqual([
      7,
      -1,
      -2,
      [true, false],
    ])
  })

  it('end where nothing honest is nested', () => {
    const deep = (bytes: string, field: string) =>
      Buffer.concat([hex(field), Buffer.alloc(100_000 * 3, hex(bytes))])
    expect(() => read(deep('0c 0002', '0c 0132'))).toThrow(
      /^arguments\.node(\.next){64}: nested deeper/,
    )
    expect(() => read(deep('0c 0007', '0c 0063'))).toThrow(
      'arguments: cannot be read: Maximum skip',
    )
    const lists = Buffer.alloc(100_000 * 5, hex('0f 00000001'))
    expect(() => read(Buffer.concat([hex('0f 0063'), lists]))).toThrow(
      'cannot be read: Maximum skip',
    )
  })

  it('in protobuf are refused', () => {
    const asked = frameOf(vector('ttheader-protobuf-request'))
    expect(() => tongueOf(service()).readCall(whole(asked))).toThrow('body: is written in protobuf')
  })

  it('whatever they are, are read or refused', () => {
    const names = fc.constantFrom('all', 'echo', 'reset')
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom(2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15),
          fc.constantFrom(...all),
          fc.uint8Array({ maxLength: 40 }),
        )
        .map(([type, { id }, rest]) => Uint8Array.from([type, id >> 8, id & 0xff, ...rest])),
    )
    fc.assert(
      fc.property(names, bytes, fc.boolean(), (name, body, compact) => {
        const said = Buffer.from(body)
        const head = Buffer.from([0x82, 0x21, 1, name.length, ...Buffer.from(name)])
        const frame = compact
          ? lengthened(Buffer.concat([head, said]))
          : callBytes({ name, body: said })
        try {
          expect(tongueOf(service()).readCall(whole(frameOf(frame))).args).toBeDefined()
        } catch (error) {
          expect(error).toBeInstanceOf(Untranslatable)
        }
      }),
      { numRuns: 500 },
    )
  })
})
