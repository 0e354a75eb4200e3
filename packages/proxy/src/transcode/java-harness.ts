import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import type { CommonCall, Value } from '../transcoder.ts'

/** A parameter or a field, written short. */
export function member(name: string, type: ValueType | ValueType['kind'], java = ''): Member {
  return {
    name,
    type: typeof type === 'string' ? ({ kind: type } as ValueType) : type,
    id: 0,
    java,
  }
}

/** A method, written short. */
export function method(
  name: string,
  parameters: readonly Member[],
  returns: ValueType | ValueType['kind'] = 'any',
  oneway = false,
): Method {
  const type = member('', returns).type
  return { name, names: {}, parameters, returns: type, throws: [], oneway, http: null }
}

/** An item by its type. */
export const item: ValueType = { kind: 'struct', name: 'Item' }

/** What tests call: a service with a value of every type. */
export const stock: ServiceInterface = {
  name: 'shop.Stock',
  version: '1.0',
  group: '',
  names: {},
  structs: new Map<string, Struct>([
    [
      'Item',
      {
        name: 'Item',
        java: 'shop.Item',
        fields: [
          member('sku', 'string'),
          member('count', 'i32'),
          member('total', 'i64'),
          member('price', 'double'),
          member('color', 'string', 'shop.Color'),
          member('cost', 'string', 'java.math.BigDecimal'),
          member(
            'tags',
            { kind: 'list', of: { kind: 'string' } },
            'java.util.Set<java.lang.String>',
          ),
          member('parts', { kind: 'list', of: item }),
          member('byPlace', { kind: 'map', key: { kind: 'i32' }, value: { kind: 'i64' } }),
          member('since', 'date'),
          member('photo', 'bytes'),
          member('sold', 'bool'),
          member('next', item),
        ],
      },
    ],
    [
      'SoldOut',
      {
        name: 'SoldOut',
        java: 'shop.SoldOutException',
        fields: [member('left', 'i64'), member('item', item)],
      },
    ],
  ]),
  methods: [
    method('plus', [member('a', 'i32'), member('b', 'i32')], 'i32'),
    method('hello', [member('name', 'string')], 'string'),
    method('put', [member('item', item), member('count', 'i64', 'java.lang.Long')], item),
    method(
      'all',
      [member('names', { kind: 'list', of: { kind: 'string' } }, 'java.lang.String[]')],
      {
        kind: 'list',
        of: item,
      },
    ),
    method('any', [member('value', 'any')], 'any'),
    method('find', [member('query', 'any', 'shop.Query'), member('limit', 'i32')], 'any'),
    method('fail', [member('why', 'string')], 'void'),
    method('tell', [member('what', 'string')], 'void', true),
  ],
}

/** An item with something of every type. */
export const apple: Value = {
  sku: 'cox 🍎',
  count: 3,
  total: 2n ** 62n,
  price: 2,
  color: 'RED',
  cost: '12.50',
  tags: ['sweet', 'ripe'],
  parts: [bare('core')],
  byPlace: { 7: 2 ** 40, 8: 1 },
  since: new Date(Date.UTC(2026, 0, 2)),
  photo: Buffer.from([0, 1, 255]),
  sold: true,
  next: null,
}

/** An item of which only the sku is known. */
export function bare(sku: string): Record<string, Value> {
  const { fields } = stock.structs.get('Item')!
  return { ...Object.fromEntries(fields.map(({ name }) => [name, null])), sku }
}

/** A call of a method of `stock`. */
export function callOf(
  name: string,
  args: readonly Value[],
  rest: Partial<CommonCall> = {},
): CommonCall {
  const service = rest.service ?? stock
  const called = service.methods.find((one) => one.name === name)!
  return {
    service,
    method: called,
    args,
    headers: new Map(),
    timeoutMs: 0,
    oneway: called.oneway,
    ...rest,
  }
}

/** A value for comparing: records are made without a prototype, and bytes may be buffers or not. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}
