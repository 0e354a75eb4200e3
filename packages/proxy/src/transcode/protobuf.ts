import type { Problem } from '@tulle/core'
import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import protobuf from 'protobufjs'
import { Untranslatable, type Value } from '../transcoder.ts'
import { conform } from './conform.ts'

/** The messages that a method takes and gives. */
export interface Messages {
  readonly request: Message
  readonly response: Message
}

/** A message of protobuf for some values. */
export interface Message {
  encode(values: readonly Value[]): Buffer
  decode(bytes: Uint8Array, field: string): readonly Value[]
}

const SCALARS: Readonly<Record<string, string>> = {
  bool: 'bool',
  string: 'string',
  bytes: 'bytes',
  i8: 'int32',
  i16: 'int32',
  i32: 'int32',
  i64: 'int64',
  float: 'float',
  double: 'double',
}
const KEYS: readonly string[] = ['bool', 'string', 'int32', 'int64']

/**
 * The messages of a service's methods. Methods of gRPC take one message and give one: a single struct is that message,
 * anything else becomes one with a field for each parameter, numbered by its `id`, or with the result as field 1, as
 * `google.protobuf.StringValue` has it.
 */
export function messagesOf(
  service: ServiceInterface,
  at: string,
  problems: Problem[],
): ReadonlyMap<Method, Messages> {
  const schema = new Schema(service, problems)
  return new Map(
    service.methods.map((method, i) => {
      const here = `${at}.methods[${i}]`
      const request = schema.message(method.parameters, `${method.name}$request`, here, 'arguments')
      const { returns } = method
      const result =
        returns.kind === 'void' ? [] : [{ name: 'result', type: returns, id: 1, java: '' }]
      const response = schema.message(result, `${method.name}$response`, here, '')
      return [method, { request, response }]
    }),
  )
}

class Schema {
  readonly #root = new protobuf.Root()
  readonly #service: ServiceInterface
  readonly #problems: Problem[]

  constructor(service: ServiceInterface, problems: Problem[]) {
    this.#service = service
    this.#problems = problems
    for (const { name, fields } of service.structs.values()) {
      const type = new protobuf.Type(name)
      for (const field of fields) this.#add(type, field, `structs.${name}.${field.name}`)
      this.#root.add(type)
    }
  }

  message(members: readonly Member[], name: string, at: string, field: string): Message {
    const { structs } = this.#service
    const only = members.length === 1 && members[0]!.type.kind === 'struct' ? members[0]! : null
    const type =
      only === null ? new protobuf.Type(name) : this.#root.lookupType(typeName(only.type))
    if (only === null) {
      for (const member of members) this.#add(type, member, `${at}: ${member.name}`)
      this.#root.add(type)
    }
    const place = (one: Member): string => (field === '' ? one.name : `${field}.${one.name}`)
    return {
      encode: (values) => {
        for (const [i, one] of members.entries())
          needValues(values[i] ?? null, one.type, structs, place(one))
        const whole = only === null ? object(members, values) : (values[0] ?? {})
        return Buffer.from(type.encode(type.fromObject(whole as object)).finish())
      },
      decode: (bytes, what) => {
        const said = read(type, bytes, what)
        if (only !== null) return [conform(said, only.type, structs, place(only))]
        return members.map((one) => conform(said[one.name], one.type, structs, place(one)))
      },
    }
  }

  #add(type: protobuf.Type, { name, type: of, id }: Member, place: string): void {
    const { key, value, repeated } = shapeOf(of)
    const problem = value === null ? `protobuf has no field for ${place}` : null
    if (problem !== null) {
      this.#problems.push({ at: place, what: problem })
      return
    }
    if (key !== null) type.add(new protobuf.MapField(name, id, key, value!))
    else type.add(new protobuf.Field(name, id, value!, repeated ? 'repeated' : undefined))
  }
}

/** How protobuf writes a type: as a field, repeated, or as a map; `value` is null where it cannot. */
function shapeOf(type: ValueType): { key: string | null; value: string | null; repeated: boolean } {
  if (type.kind === 'list') return { key: null, value: single(type.of), repeated: true }
  if (type.kind !== 'map') return { key: null, value: single(type), repeated: false }
  const key = single(type.key)
  const value = key !== null && KEYS.includes(key) ? single(type.value) : null
  return { key, value, repeated: false }
}

function single(type: ValueType): string | null {
  return type.kind === 'struct' ? type.name : (SCALARS[type.kind] ?? null)
}

function typeName(type: ValueType): string {
  return type.kind === 'struct' ? type.name : ''
}

function object(members: readonly Member[], values: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(
    members.flatMap(({ name }, i) => {
      const value = values[i] ?? null
      return value === null ? [] : [[name, value]]
    }),
  )
}

/** Fields may be missing; what stands in a list or a map may not: the library would write `"null"` for it. */
function needValues(
  value: Value,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  at: string,
): void {
  if (value === null) return
  if (type.kind === 'struct') {
    const given = value as Record<string, Value>
    for (const one of structs.get(type.name)!.fields)
      needValues(given[one.name] ?? null, one.type, structs, `${at}.${one.name}`)
  } else if (type.kind === 'list') {
    for (const [i, one] of (value as readonly Value[]).entries())
      needValue(one, type.of, structs, `${at}[${i}]`)
  } else if (type.kind === 'map') {
    for (const [name, one] of Object.entries(value as Record<string, Value>))
      needValue(one, type.value, structs, `${at}.${name}`)
  }
}

function needValue(
  value: Value,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  at: string,
): void {
  if (value === null) throw new Untranslatable(at, 'is null, which protobuf cannot say here')
  needValues(value, type, structs, at)
}

function read(type: protobuf.Type, bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const options = { longs: String, bytes: Buffer, defaults: true, arrays: true, objects: true }
    return type.toObject(type.decode(bytes), options as unknown as protobuf.IConversionOptions)
  } catch (error) {
    throw new Untranslatable(what, `is no ${type.name}: ${(error as Error).message}`)
  }
}
