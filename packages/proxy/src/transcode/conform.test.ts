import type { Struct, ValueType } from '@tulle/model'
import { expect, it } from 'vitest'
import { conform } from './conform.ts'

const structs = new Map<string, Struct>([
  [
    'Item',
    {
      name: 'Item',
      java: '',
      fields: [
        { name: 'sku', type: { kind: 'string' }, id: 1, java: '' },
        { name: 'next', type: { kind: 'struct', name: 'Item' }, id: 2, java: '' },
        { name: 'prices', type: { kind: 'list', of: { kind: 'double' } }, id: 3, java: '' },
      ],
    },
  ],
])

const of = (kind: ValueType['kind']): ValueType => ({ kind }) as ValueType

it.each<[unknown, ValueType, unknown]>([
  [null, of('i32'), null],
  [undefined, of('string'), null],
  [true, of('bool'), true],
  [-128, of('i8'), -128],
  [7n, of('i32'), 7],
  [2 ** 53 - 1, of('i64'), 2 ** 53 - 1],
  ['9223372036854775807', of('i64'), 9223372036854775807n],
  ['12', of('i64'), 12],
  [1.5, of('double'), 1.5],
  ['AQID', of('bytes'), Buffer.from([1, 2, 3])],
  ['2026-01-02T03:04:05Z', of('date'), new Date(Date.UTC(2026, 0, 2, 3, 4, 5))],
  [[1, 2], { kind: 'list', of: of('i8') }, [1, 2]],
  [new Set(['a']), { kind: 'list', of: of('string') }, ['a']],
  [new Map([[1, 'x']]), { kind: 'map', key: of('i32'), value: of('string') }, { 1: 'x' }],
  [
    { sku: 'a', next: { sku: 'b' } },
    { kind: 'struct', name: 'Item' },
    { sku: 'a', next: { sku: 'b' } },
  ],
  [{ a: [1, { b: null }] }, of('any'), { a: [1, { b: null }] }],
])('makes %o what %o wants', (value, type, wanted) => {
  const made = conform(value, type, structs, 'x')
  expect(plain(made)).toEqual(wanted)
})

it.each<[unknown, ValueType, string]>([
  [1.5, of('i32'), 'x: must be a whole number (i32), not 1.5'],
  [300, of('i8'), 'x: 300 does not fit i8'],
  ['9223372036854775808', of('i64'), 'x: 9223372036854775808 does not fit i64'],
  ['one', of('i64'), 'x: must be a whole number (i64), as text where it is beyond 2⁵³, not "one"'],
  ['yes', of('bool'), 'x: must be true or false, not "yes"'],
  [1, of('string'), 'x: must be text, not 1'],
  ['§', of('bytes'), 'x: must be bytes in base64, not "§"'],
  ['soon', of('date'), 'x: must be a time (ISO 8601, or milliseconds since 1970), not "soon"'],
  [{}, { kind: 'list', of: of('any') }, 'x: must be a list, not an object'],
  [
    { sku: 'a', next: { prices: [1, 'b'] } },
    { kind: 'struct', name: 'Item' },
    'x.next.prices[1]: must be a number, not "b"',
  ],
  [
    { sku: 'a', price: 1 },
    { kind: 'struct', name: 'Item' },
    'x.price: Item has no such field; it has sku, next, prices',
  ],
])('says of %o as %o: %s', (value, type, sentence) => {
  expect(() => conform(value, type, structs, 'x')).toThrow(sentence)
})

it('ends where nothing honest is nested', () => {
  let deep: unknown = null
  for (let i = 0; i < 70; i++) deep = [deep]
  expect(() => conform(deep, of('any'), structs, 'x')).toThrow('nested deeper than 64')
})

/** Records made here have no prototype; for comparing they get one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null)
    return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}
