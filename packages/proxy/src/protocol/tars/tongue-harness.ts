import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import type { CommonCall, Tongue, Value } from '../../transcoder.ts'
import { tars } from './tars.ts'
import { tarsTranscoder } from './transcode.ts'

type Short = ValueType | 'void' | 'any' | 'date' | Scalar
type Scalar = 'bool' | 'string' | 'bytes' | 'i8' | 'i16' | 'i32' | 'i64' | 'float' | 'double'

export function type(short: Short): ValueType {
  return typeof short === 'string' ? { kind: short } : short
}

export const list = (of: Short): ValueType => ({ kind: 'list', of: type(of) })
export const map = (key: Short, value: Short): ValueType => ({
  kind: 'map',
  key: type(key),
  value: type(value),
})
export const struct = (name: string): ValueType => ({ kind: 'struct', name })

/** Members numbered by their place, or by what stands behind their type. */
export function members(
  ...all: readonly (readonly [name: string, type: Short, id?: number])[]
): readonly Member[] {
  return all.map(([name, short, id], i) => ({ name, type: type(short), id: id ?? i + 1, java: '' }))
}

export function method(
  name: string,
  parameters: readonly Member[],
  returns: Short = 'void',
  oneway = false,
): Method {
  return { name, names: {}, parameters, returns: type(returns), throws: [], oneway, http: null }
}

export function service(
  methods: readonly Method[],
  structs: Readonly<Record<string, readonly Member[]>> = {},
): ServiceInterface {
  return {
    name: 'com.shop.Stock',
    version: '',
    group: '',
    names: { tars: 'Shop.Stock.StockObj' },
    structs: new Map<string, Struct>(
      Object.entries(structs).map(([name, fields]) => [name, { name, java: '', fields }]),
    ),
    methods,
  }
}

/** A service with a value of every type, its fields numbered out of order. */
export const stock: ServiceInterface = service(
  [
    method('hello', members(['name', 'string']), 'string'),
    method('plus', members(['b', 'i32', 2], ['a', 'i32', 1]), 'i32'),
    method('turn', members(['item', struct('Item')], ['times', 'i64']), struct('Item')),
    method('all', members(['names', list('string')]), list(struct('Item'))),
    method('marks', members(['of', map('i32', list('string'))]), map('i64', 'double')),
    method('fail', members(['why', 'string'])),
    method('tell', members(['what', 'string']), 'void', true),
  ],
  {
    Item: members(
      ['sku', 'string', 2],
      ['sold', 'bool', 1],
      ['i8', 'i8', 3],
      ['i16', 'i16', 4],
      ['i32', 'i32', 5],
      ['i64', 'i64', 6],
      ['float', 'float', 7],
      ['double', 'double', 8],
      ['photo', 'bytes', 9],
      ['tags', list('string'), 10],
      ['marks', map('string', 'i32'), 11],
      ['byNumber', map('i64', struct('Part')), 12],
      ['parts', list(struct('Part')), 13],
      ['next', struct('Item'), 21],
    ),
    Part: members(['name', 'string'], ['grams', 'double']),
  },
)

export function tongueOf(...services: readonly ServiceInterface[]): Tongue {
  const made = tarsTranscoder(tars).configure(services, 'services')
  if (!made.ok) throw new Error(JSON.stringify(made.problems))
  return made.value
}

export function callOf(
  name: string,
  args: readonly Value[],
  rest: Partial<CommonCall> = {},
): CommonCall {
  const called = stock.methods.find((one) => one.name === name)!
  return {
    service: stock,
    method: called,
    args,
    headers: new Map(),
    timeoutMs: 0,
    oneway: called.oneway,
    ...rest,
  }
}

/** An item with something of every type. */
export const apple: Value = {
  sku: 'cox 🍎',
  sold: true,
  i8: -128,
  i16: -32_768,
  i32: 2_147_483_647,
  i64: -(2n ** 63n),
  float: 1.5,
  double: 0.1,
  photo: Buffer.from([0, 1, 255]),
  tags: ['sweet', '', 'x'.repeat(300)],
  marks: Object.fromEntries([
    ['a', 1],
    ['__proto__', 2],
    ['7', -1],
  ]),
  byNumber: { '9007199254740993': { name: 'core', grams: 0 } },
  parts: [
    { name: 'leaf', grams: -1.25 },
    { name: 'stem', grams: 3 },
  ],
  next: { sku: 'pear', tags: [] },
}

/** A value for comparing: records are made without a prototype, and bytes may be buffers or not. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (typeof value !== 'object' || value === null) return value
  return new Map(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([name, one]) => [name, plain(one)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}
