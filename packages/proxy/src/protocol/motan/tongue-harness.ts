import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import type { Frame } from '../../frame.ts'
import type { CommonCall, Tongue, Value } from '../../transcoder.ts'
import { frameOf } from './harness.ts'
import { motan } from './motan.ts'

/** A type of which the kind says all. */
export const of = (kind: ValueType['kind']): ValueType => ({ kind }) as ValueType
export const list = (one: ValueType): ValueType => ({ kind: 'list', of: one })
export const map = (key: ValueType, value: ValueType): ValueType => ({ kind: 'map', key, value })
export const ITEM: ValueType = { kind: 'struct', name: 'Item' }
export const PLAIN: ValueType = { kind: 'struct', name: 'Plain' }

/** Parameters or fields, in order; a class in Java beside the type. */
export function members(
  types: Readonly<Record<string, ValueType | [ValueType, string]>>,
): Member[] {
  return Object.entries(types).map(([name, said], i) => {
    const [type, java] = Array.isArray(said) ? said : [said, '']
    return { name, type, id: i + 1, java }
  })
}
export function method(
  name: string,
  parameters: Parameters<typeof members>[0],
  returns: ValueType = of('void'),
  extra: Partial<Method> = {},
): Method {
  const rest = { names: {}, throws: [], oneway: false, http: null }
  return { name, parameters: members(parameters), returns, ...rest, ...extra }
}
export const structs: ReadonlyMap<string, Struct> = new Map<string, Struct>([
  [
    'Item',
    {
      name: 'Item',
      java: 'com.shop.Item',
      fields: members({
        sku: of('string'),
        count: of('i64'),
        next: ITEM,
        prices: list(of('double')),
      }),
    },
  ],
  ['Plain', { name: 'Plain', java: '', fields: members({ a: of('i32') }) }],
])
/** `com.demo.Svc` with these methods. */
export function service(
  methods: readonly Method[],
  extra: Partial<ServiceInterface> = {},
): ServiceInterface {
  const rest = { name: 'com.demo.Svc', group: '', version: '', names: {}, structs }
  return { ...rest, methods, ...extra }
}

/** The tongue for these services. */
export async function tongue(...services: readonly ServiceInterface[]): Promise<Tongue> {
  const made = (await motan.transcoder!()).configure(services, 'services')
  if (!made.ok) throw new Error(JSON.stringify(made.problems))
  return made.value
}
export const nothing: ReadonlyMap<string, string> = new Map()

/** A call of the first method. */
export function call(
  one: ServiceInterface,
  args: readonly Value[],
  extra: Partial<CommonCall> = {},
): CommonCall {
  const rest = { headers: nothing, timeoutMs: 0, oneway: false }
  return { service: one, method: one.methods[0]!, args, ...rest, ...extra }
}
/** The frame as a peer reads it. */
export function reread({ frame }: { readonly frame: Frame }): Frame {
  return frameOf(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
}
/** Objects of one prototype, to be compared. */
export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || Buffer.isBuffer(value)) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}

/** What any serialisation says. */
export const everything: readonly [string, ValueType, Value][] = [
  ['null', of('string'), null],
  ['true', of('bool'), true],
  ['false', of('bool'), false],
  ['empty text', of('string'), ''],
  ['text', of('string'), 'Äpfel 苹果 🍎\n'],
  ['long text', of('string'), 'ä🍎'.repeat(40_000)],
  ['bytes', of('bytes'), Buffer.from([0, 1, 255])],
  ['many bytes', of('bytes'), Buffer.alloc(100_000, 7)],
  ['i8', of('i8'), -128],
  ['i16', of('i16'), -32_768],
  ['i32, the smallest', of('i32'), -0x80000000],
  ['i32, the largest', of('i32'), 0x7fffffff],
  ['i64, small', of('i64'), -3],
  ['i64, the largest number', of('i64'), 2 ** 53 - 1],
  ['i64, the smallest', of('i64'), -(2n ** 63n)],
  ['i64, the largest', of('i64'), 2n ** 63n - 1n],
  ['float', of('float'), 1.5],
  ['double', of('double'), 0.1],
  ['a whole double', of('double'), 3],
  ['a large double', of('double'), 1e300],
  ['texts', list(of('string')), ['a', '']],
  ['texts and null', list(of('string')), ['a', null]],
  ['nothing in a list', list(of('i32')), []],
  ['a list of lists', list(list(of('i64'))), [[1, 2n ** 62n], []]],
  ['a text map', map(of('string'), of('string')), { a: '1', b: '' }],
  ['a text map with null', map(of('string'), of('string')), { a: null }],
  ['nothing in a map', map(of('string'), of('string')), {}],
  ['a map by numbers', map(of('i32'), of('bool')), { '-7': true }],
  ['a map by long numbers', map(of('i64'), of('i8')), { '9223372036854775807': 1 }],
]
/** What the simple serialisation does not say, or not to everybody. */
export const structured: readonly [string, ValueType, Value][] = [
  ['a time', of('date'), new Date(1_700_000_000_123)],
  ['a time of whole minutes', of('date'), new Date(1_700_000_040_000)],
  ['a struct', ITEM, { sku: 'a', count: 2n ** 60n, next: null, prices: [1.5, 2] }],
  [
    'a struct in itself',
    ITEM,
    { sku: 'a', count: 1, next: { sku: 'b', count: 2, next: null, prices: null }, prices: [] },
  ],
  ['structs', list(PLAIN), [{ a: 1 }, { a: 2 }]],
  ['structs by name', map(of('string'), ITEM), { x: null }],
  ['anything', of('any'), { a: [1, 'x', null, true, 1.5], b: { c: 2 ** 40 } }],
]

/** The metadata of a call of this method. */
export function ask(name: string): Record<string, string> {
  return { M_p: 'com.demo.Svc', M_m: name }
}

/** The tongue's methods, to be taken apart. */
export function bound(one: Tongue): Tongue {
  return {
    readCall: (request) => one.readCall(request),
    writeCall: (said) => one.writeCall(said),
    readAnswer: (answer, asked) => one.readAnswer(answer, asked),
    writeAnswer: (answer, asked, request) => one.writeAnswer(answer, asked, request),
  }
}
