import { describe, expect, it } from 'vitest'
import { HpackDecoder } from './decoder.ts'
import { field, Indexing } from './field.ts'
import { FieldKind, isPseudo } from './field-kind.ts'
import { fieldName } from './field-name.ts'
import { fieldsOf, Literal, literal, type Pair } from './harness.ts'
import { staticTable } from './static-table.ts'

const VALID: readonly Pair[] = [
  ['accept', '*/*'],
  ['x', ''],
  ['x', 'a b\tc'],
  ['x', 'caf\xe9 \x80\xff'],
  ["!#$%&'*+-.^_`|~09az", '!'],
  [':path', '/a?b=c%20d'],
  [':authority', ''],
]

const INVALID: readonly (readonly [what: string, ...Pair])[] = [
  ['no name', '', 'a'],
  ['a capital letter', 'Accept', 'a'],
  ['a capital letter at the end', 'accepT', 'a'],
  ['a space in a name', 'a b', 'a'],
  ['a colon within a name', 'a:b', 'a'],
  ['a colon alone', ':', 'a'],
  ['two colons', '::path', '/'],
  ['a control character in a name', 'a\x01', 'a'],
  ['NUL in a name', 'a\0', 'a'],
  ['CR LF in a name', 'a\r\nb', 'a'],
  ['DEL in a name', 'a\x7f', 'a'],
  ['a high byte in a name', 'a\x80', 'a'],
  ['a separator in a name', 'a(b)', 'a'],
  ['NUL in a value', 'x', 'a\0b'],
  ['CR in a value', 'x', 'a\rb'],
  ['LF in a value', 'x', 'a\nb'],
  ['a control character in a value', 'x', 'a\x0bb'],
  ['DEL in a value', 'x', 'a\x7f'],
  ['a space before a value', 'x', ' a'],
  ['a space after a value', 'x', 'a '],
  ['a tab before a value', 'x', '\ta'],
  ['a tab after a value', 'x', 'a\t'],
  ['a space as a value', 'x', ' '],
  ['a space in a path', ':path', '/a b'],
  ['a tab in a path', ':path', '/a\tb'],
  ['a high byte in a path', ':path', '/\xe9'],
  ['a space in a method', ':method', 'GET /'],
]

const KINDS: readonly (readonly [name: string, kind: FieldKind])[] = [
  [':method', FieldKind.Method],
  [':scheme', FieldKind.Scheme],
  [':authority', FieldKind.Authority],
  [':path', FieldKind.Path],
  [':status', FieldKind.Status],
  [':protocol', FieldKind.ProtocolPseudo],
  [':anything', FieldKind.UnknownPseudo],
  ['content-length', FieldKind.ContentLength],
  ['content-type', FieldKind.ContentType],
  ['cookie', FieldKind.Cookie],
  ['connection', FieldKind.Connection],
  ['keep-alive', FieldKind.Connection],
  ['proxy-connection', FieldKind.Connection],
  ['transfer-encoding', FieldKind.Connection],
  ['upgrade', FieldKind.Connection],
  ['te', FieldKind.Te],
  ['host', FieldKind.Host],
  ['expect', FieldKind.Expect],
  ['trailer', FieldKind.Trailer],
  ['x-anything', FieldKind.Other],
]

describe('a Field', () => {
  it.each(VALID)('is valid: %j: %j', (name, value) => {
    expect(everyWay(name, value)).toEqual([true, true, true])
  })

  it.each(INVALID)('is invalid with %s', (_, name, value) => {
    expect(everyWay(name, value)).toEqual([false, false, false])
  })

  it.each(KINDS)('%s has its kind', (name, kind) => {
    expect(field(name, 'x').kind).toBe(kind)
    expect(isPseudo(kind)).toBe(name.startsWith(':'))
  })

  it('measures its texts and 32', () => {
    expect(field('custom-key', 'custom-header').size).toBe(55)
  })

  it('is not valid with characters that are no bytes', () => {
    expect(field('x', 'a\u010ab').valid).toBe(false)
  })

  it.each([
    [':method', 'GET', 2, 2],
    [':method', 'PUT', 0, 2],
    [':status', '500', 14, 8],
    ['accept-encoding', 'gzip, deflate', 16, 16],
    ['accept-encoding', '', 0, 16],
    ['cookie', '', 32, 32],
    ['www-authenticate', 'x', 0, 61],
    ['x-other', '', 0, 0],
  ])('%s: %s knows its place in the static table', (name, value, pair, first) => {
    const { staticIndex, staticName } = field(name, value)
    expect([staticIndex, staticName]).toEqual([pair, first])
  })
})

describe('names', () => {
  it('are one object each, while there are not too many', () => {
    expect(fieldName('x-one')).toBe(fieldName('x-one'))
    for (let i = 0; i < 5000; i++) fieldName(`x-${i}`)
    expect(fieldName('cookie')).toBe(staticTable[31]?.label)
  })
})

describe('the static table', () => {
  it('has 61 fields, each at its own index and with a name whose first index is not behind it', () => {
    expect(staticTable.length).toBe(61)
    staticTable.forEach((entry, i) => {
      expect(entry.staticIndex).toBe(i + 1)
      expect(entry.valid).toBe(true)
      expect(staticTable.findIndex(({ name }) => name === entry.name)).toBe(entry.staticName - 1)
    })
  })
})

/** Whether a field is valid when we make it, and when it is read as octets and in Huffman code. */
function everyWay(name: string, value: string): boolean[] {
  const decoder = new HpackDecoder({ tableBytes: 4096 })
  const read = [false, true].map(
    (coded) => fieldsOf(decoder, literal(Literal.Plain, name, value, coded))[0],
  )
  const made = field(name, value, Indexing.Without)
  for (const each of read) expect([each?.name, each?.value]).toEqual([name, value])
  return [made, ...read].map((each) => each!.valid)
}
