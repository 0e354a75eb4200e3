import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Value,
  whole,
} from '../../transcoder.ts'
import { bytesOf, frameOf } from './harness.ts'
import { thrift } from './thrift.ts'
import { thriftTranscoder } from './transcode.ts'

/*
 * For tests: a service as its interface declares it, calls of it, and what came of them.
 */
type Said<Kind> = Extract<CommonAnswer, { readonly kind: Kind }>

export const kind = (it: string): ValueType => ({ kind: it }) as ValueType
export const listOf = (of: ValueType): ValueType => ({ kind: 'list', of })
export const mapOf = (key: ValueType, value: ValueType): ValueType => ({ kind: 'map', key, value })
export const structOf = (name: string): ValueType => ({ kind: 'struct', name })
export const member = (name: string, type: ValueType, id: number): Member => ({
  name,
  type,
  id,
  java: '',
})
export const struct = (name: string, fields: readonly Member[], java = ''): [string, Struct] => [
  name,
  { name, java, fields },
]
export const method = (name: string, parts: Partial<Method> = {}): Method => ({
  name,
  names: {},
  parameters: [],
  returns: kind('void'),
  throws: [],
  oneway: false,
  http: null,
  ...parts,
})

/** One field of every type there is. */
export const all: readonly Member[] = [
  member('bool', kind('bool'), 1),
  member('i8', kind('i8'), 2),
  member('i16', kind('i16'), 3),
  member('i32', kind('i32'), 4),
  member('i64', kind('i64'), 5),
  member('float', kind('float'), 6),
  member('double', kind('double'), 7),
  member('string', kind('string'), 20),
  member('bytes', kind('bytes'), 21),
  member('date', kind('date'), 300),
  member('bools', listOf(kind('bool')), 301),
  member('texts', listOf(listOf(kind('string'))), 302),
  member('prices', mapOf(kind('string'), kind('double')), 303),
  member('byId', mapOf(kind('i64'), structOf('Node')), 304),
  member('flags', mapOf(kind('bool'), kind('bool')), 305),
  member('node', structOf('Node'), 306),
]
const structs = new Map([
  struct('All', all),
  struct('Node', [member('name', kind('string'), 1), member('next', structOf('Node'), 2)]),
  struct('SoldOut', [member('what', kind('string'), 1)], 'com.shop.SoldOut'),
  struct('Refused', [member('code', kind('i32'), 1), member('message', kind('string'), 2)]),
])
const methods = [
  method('echo', {
    parameters: [member('text', kind('string'), 1)],
    returns: kind('string'),
    throws: [member('none', structOf('SoldOut'), 1), member('refused', structOf('Refused'), 2)],
  }),
  method('fire', { parameters: [member('text', kind('string'), 1)], oneway: true }),
  method('all', { parameters: all, returns: structOf('All') }),
  method('reset'),
]
export const service = (parts: Partial<ServiceInterface> = {}): ServiceInterface => ({
  name: 'shop.Shop',
  version: '',
  group: '',
  names: {},
  structs,
  methods,
  ...parts,
})
export const named = (thriftName: string): ServiceInterface =>
  service({ names: { thrift: thriftName } })

export function tongueOf(...services: readonly ServiceInterface[]): Tongue {
  const made = thriftTranscoder(thrift).configure(services, 'services')
  if (!made.ok) throw new Error(JSON.stringify(made.problems))
  return made.value
}

export function callOf(
  name: string,
  args: readonly Value[],
  of: ServiceInterface = service(),
  parts: Partial<CommonCall> = {},
): CommonCall {
  const found = of.methods.find((one) => one.name === name)!
  const base = { headers: new Map<string, string>(), timeoutMs: 0, oneway: found.oneway }
  return { service: of, method: found, args, ...base, ...parts }
}

export const value = (it: Value, headers: Record<string, string> = {}): Said<'value'> => ({
  kind: 'value',
  value: it,
  headers: new Map(Object.entries(headers)),
})
export const thrown = (type: string, text: string, detail: Value = null): Said<'exception'> => ({
  kind: 'exception',
  type,
  message: text,
  detail,
  headers: new Map<string, string>(),
})

/** What a tongue reads again of what it wrote; records get a prototype for comparing. */
export function reread(tongue: Tongue, call: CommonCall): CommonCall {
  const { frame } = tongue.writeCall(call)
  const read = tongue.readCall(whole(frameOf(Buffer.from(bytesOf(frame)))))
  return { ...read, args: read.args.map(plain) }
}

export function plain(it: Value): Value {
  if (Array.isArray(it)) return it.map(plain)
  if (typeof it !== 'object' || it === null || it instanceof Date || it instanceof Uint8Array)
    return it
  return Object.fromEntries(Object.entries(it).map(([key, one]) => [key, plain(one)]))
}
