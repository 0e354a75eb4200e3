import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HpackDecoder } from './decoder.ts'
import { HpackFault, hpackFault } from './fault.ts'
import { Indexing } from './field.ts'
import {
  codedString,
  fieldsOf,
  indexed,
  integer,
  Kept,
  Literal,
  literal,
  type Pair,
  plainString,
  sizeUpdate,
  tableOf,
} from './harness.ts'
import { staticTable } from './static-table.ts'

const { concat } = Buffer
const ENTRY = literal(Literal.Entering, 'a', 'b')

/** Blocks that are refused, after one that put a single field into the dynamic table. */
const FAULTS: readonly (readonly [what: string, fault: HpackFault, block: Buffer])[] = [
  ['index 0', HpackFault.Index, Buffer.of(0x80)],
  ['an index behind the last entry', HpackFault.Index, indexed(63)],
  ['an index far behind the last entry', HpackFault.Index, indexed(2 ** 31)],
  ['a name behind the last entry', HpackFault.Index, literal(Literal.Plain, 63, 'b')],
  ['an index whose entry the block drops', HpackFault.Index, concat([sizeUpdate(0), indexed(62)])],
  ['an index cut short', HpackFault.Truncated, Buffer.of(0xff)],
  ['an index cut short later', HpackFault.Truncated, Buffer.of(0xff, 0x80)],
  ['a literal without anything', HpackFault.Truncated, Buffer.of(0x40)],
  ['a literal without a value', HpackFault.Truncated, Buffer.of(0x41)],
  ['a name cut short', HpackFault.Truncated, Buffer.of(0x00, 0x02, 0x61)],
  ['a value cut short', HpackFault.Truncated, Buffer.of(0x01, 0x02, 0x61)],
  ['a coded value cut short', HpackFault.Truncated, Buffer.of(0x01, 0x82, 0x1f)],
  ['a length cut short', HpackFault.Truncated, Buffer.of(0x01, 0x7f)],
  ['a huge length', HpackFault.Truncated, concat([Buffer.of(0x01), integer(0, 0x7f, 2 ** 31)])],
  ['an integer above 2^31', HpackFault.Integer, indexed(2 ** 31 + 1)],
  ['an integer far above 2^31', HpackFault.Integer, indexed(2 ** 50)],
  ['an integer of many zeros', HpackFault.Integer, Buffer.from('ff80808080808000', 'hex')],
  ['a length above 2^31', HpackFault.Integer, Buffer.from('017fffffffff7f', 'hex')],
  ['EOS in a value', HpackFault.Huffman, Buffer.from('0184ffffffff', 'hex')],
  ['EOS in a name', HpackFault.Huffman, Buffer.from('0084ffffffff0162', 'hex')],
  ['padding of a byte', HpackFault.Huffman, Buffer.from('01821fff', 'hex')],
  ['padding of zeros', HpackFault.Huffman, Buffer.from('018118', 'hex')],
  ['a size update after a field', HpackFault.LateUpdate, concat([indexed(2), sizeUpdate(100)])],
  ['a size update at the end', HpackFault.LateUpdate, concat([ENTRY, sizeUpdate(4096)])],
  ['three size updates', HpackFault.ManyUpdates, concat([0, 1, 2].map(sizeUpdate))],
  ['a size update above our limit', HpackFault.LargeUpdate, sizeUpdate(4097)],
  ['a size update cut short', HpackFault.Truncated, Buffer.of(0x3f)],
  ['a size update above 2^31', HpackFault.Integer, sizeUpdate(2 ** 32)],
]

describe('HpackDecoder', () => {
  it.each(FAULTS)('refuses %s', (_, fault, block) => {
    const decoder = newDecoder()
    fieldsOf(decoder, ENTRY)
    expect(decoder.decode(block, 0, block.length, new Kept())).toBe(fault)
    expect(hpackFault(fault)).toMatch(/^[a-zA-Z].*[a-z0-9]$/i)
  })

  it('gives every field of the static table by its index', () => {
    const all = concat(staticTable.map((_, i) => indexed(i + 1)))
    expect(fieldsOf(newDecoder(), all)).toEqual(staticTable)
  })

  it('reads an empty block as no fields', () => {
    expect(fieldsOf(newDecoder(), Buffer.alloc(0))).toEqual([])
  })

  it('takes names from both tables, also from an entry that the new field drops', () => {
    const decoder = newDecoder()
    fieldsOf(decoder, concat([sizeUpdate(70), literal(Literal.Entering, 'name', 'old')]))
    const [fresh] = fieldsOf(decoder, literal(Literal.Entering, 62, 'new', true))
    expect([fresh?.name, fresh?.value]).toEqual(['name', 'new'])
    expect(tableOf(decoder)).toEqual([['name', 'new']])
    expect(fieldsOf(decoder, literal(Literal.Plain, 32, 'c'))[0]?.name).toBe('cookie')
  })

  it('takes two size updates before the first field, the least and the last', () => {
    const decoder = newDecoder()
    fieldsOf(decoder, ENTRY)
    fieldsOf(decoder, concat([sizeUpdate(0), sizeUpdate(4096), ENTRY]))
    expect(tableOf(decoder)).toEqual([['a', 'b']])
  })

  it('takes a block of size updates alone', () => {
    expect(fieldsOf(newDecoder(), sizeUpdate(0))).toEqual([])
  })

  it('gives indexed fields as one object, whatever they add up to', () => {
    const decoder = newDecoder()
    const [large] = fieldsOf(decoder, literal(Literal.Entering, 'bomb', 'x'.repeat(4000)))
    const again = fieldsOf(decoder, Buffer.alloc(10_000, indexed(62)))
    expect(again.length).toBe(10_000)
    expect(again.every((field) => field === large)).toBe(true)
    expect(large?.size).toBe(4036)
  })

  it('asks a sink that has enough no more, and stays in step', () => {
    const decoder = newDecoder()
    const kept = new Kept(2)
    const block = concat([
      indexed(2),
      indexed(4),
      ENTRY,
      literal(Literal.Entering, 'c', 'd'),
      indexed(7),
    ])
    expect(decoder.decode(block, 0, block.length, kept)).toBe(HpackFault.None)
    expect(kept.pairs).toEqual([
      [':method', 'GET'],
      [':path', '/'],
    ])
    expect(tableOf(decoder)).toEqual([
      ['c', 'd'],
      ['a', 'b'],
    ])
  })

  it('still finds what is wrong behind the last field that the sink wanted', () => {
    const block = concat([indexed(2), Buffer.of(0x80)])
    expect(newDecoder().decode(block, 0, block.length, new Kept(1))).toBe(HpackFault.Index)
  })

  it('reads only its own bytes of a larger buffer', () => {
    const block = concat([ENTRY, literal(Literal.Plain, 'name', 'value', true)])
    const buf = concat([Buffer.of(0x82, 0x82), block, Buffer.of(0x82, 0x82)])
    const kept = new Kept()
    expect(newDecoder().decode(buf, 2, 2 + block.length, kept)).toBe(HpackFault.None)
    expect(kept.pairs).toEqual([
      ['a', 'b'],
      ['name', 'value'],
    ])
    for (let end = 3; end < 2 + block.length; end++) {
      const fault = newDecoder().decode(buf, 2, end, new Kept())
      expect(fault).toBe(end === 2 + ENTRY.length ? HpackFault.None : HpackFault.Truncated)
    }
  })
})

describe('HpackDecoder and a table smaller than the first', () => {
  it('lets the peer use the first until it knows', () => {
    const decoder = new HpackDecoder({ tableBytes: 0 })
    fieldsOf(decoder, concat([sizeUpdate(4096), ENTRY]))
    expect(tableOf(decoder)).toEqual([['a', 'b']])
  })

  it('demands a size update once the peer knows', () => {
    const decoder = new HpackDecoder({ tableBytes: 100 })
    decoder.onSettingsAcknowledged()
    expect(decoder.decode(ENTRY, 0, ENTRY.length, new Kept())).toBe(HpackFault.MissingUpdate)
    const large = sizeUpdate(101)
    expect(decoder.decode(large, 0, large.length, new Kept())).toBe(HpackFault.LargeUpdate)
    fieldsOf(decoder, concat([sizeUpdate(100), ENTRY]))
    fieldsOf(decoder, ENTRY)
    expect(tableOf(decoder).length).toBe(2)
  })

  it('lets the peer grow a larger one whenever it likes', () => {
    const decoder = new HpackDecoder({ tableBytes: 65_536 })
    decoder.onSettingsAcknowledged()
    fieldsOf(decoder, ENTRY)
    fieldsOf(decoder, concat([sizeUpdate(65_536), literal(Literal.Entering, 'c', 'd')]))
    for (let i = 0; i < 300; i++) fieldsOf(decoder, literal(Literal.Entering, 'n', `${i}`))
    expect(tableOf(decoder).length).toBe(302)
    expect(tableOf(decoder).at(-1)).toEqual(['a', 'b'])
  })
})

describe('literals that repeat', () => {
  it.each([
    ['plain', false],
    ['coded', true],
  ])('are one field from the third time on, also of other connections: %s', (_, coded) => {
    const block = literal(Literal.Plain, ':path', `/repeats/${coded}`, coded)
    const [, , third, fourth] = [1, 2, 3, 4].map(() => fieldsOf(newDecoder(), block)[0])
    expect(third).toBe(fourth)
    expect([third?.name, third?.value]).toEqual([':path', `/repeats/${coded}`])
  })

  it('are kept apart by how they may be indexed', () => {
    for (let i = 0; i < 4; i++) {
      for (const [form, index] of [
        [Literal.Plain, Indexing.Without],
        [Literal.Entering, Indexing.Incremental],
        [Literal.Never, Indexing.Never],
      ] as const) {
        expect(fieldsOf(newDecoder(), literal(form, 'x-form', 'same'))[0]?.index).toBe(index)
      }
    }
  })

  it('are never remembered if they are secret', () => {
    const block = literal(Literal.Never, 'authorization', 'Basic c2VjcmV0')
    const read = [1, 2, 3, 4].map(() => fieldsOf(newDecoder(), block)[0])
    expect(new Set(read).size).toBe(4)
  })

  it('are what their bytes say, among many alike', () => {
    const name = fc.constantFrom(':path', 'cookie', 'x-a', 'x-b', 'x-c')
    const value = fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', '\xc3', '\0') })
    const tail = fc.constantFrom('', '-'.repeat(40), '-'.repeat(93), '-'.repeat(94))
    const one = fc.tuple(name, value, tail, fc.boolean())
    fc.assert(
      fc.property(fc.array(one, { maxLength: 100 }), (list) => {
        const decoder = newDecoder()
        for (const [name, value, tail, coded] of list) {
          const [field] = fieldsOf(decoder, literal(Literal.Plain, name, value + tail, coded))
          expect([field?.name, field?.value]).toEqual([name, value + tail])
          expect(field?.valid).toBe(
            !value.includes('\0') && !(name === ':path' && value.includes('\xc3')),
          )
        }
      }),
    )
  })
})

describe('any bytes', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      ENTRY,
      indexed(62),
      indexed(2),
      sizeUpdate(64),
      Buffer.of(0x40),
      Buffer.of(0x00),
      plainString('x-name'),
      codedString('value'),
    ),
  )

  it('are read or refused, and the table keeps its size', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const decoder = newDecoder()
        for (const block of [concat(parts), ...parts]) {
          const kept = new Kept()
          const fault = decoder.decode(block, 0, block.length, kept)
          if (kept.fields.length > block.length) expect.unreachable('more fields than bytes')
          expect(hpackFault(fault)).toBeTypeOf('string')
          if (fault !== HpackFault.None) return
        }
        const size = ([name, value]: Pair): number => name.length + value.length + 32
        expect(tableOf(decoder).reduce((sum, pair) => sum + size(pair), 0)).toBeLessThanOrEqual(
          4096,
        )
      }),
      { numRuns: 2000 },
    )
  })
})

function newDecoder(): HpackDecoder {
  return new HpackDecoder({ tableBytes: 4096 })
}
