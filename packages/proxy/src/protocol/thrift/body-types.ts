import type { Problem } from '@tulle/core'
import type { Member, ServiceInterface, Struct, ValueType } from '@tulle/model'
import { TType } from './wire.ts'

const ANY = 'has to be a type of its own: a field in Thrift is of one type, "any" cannot be said'
const RETURNS_ANY = `${ANY}; "void" is nothing`
/** Text stands for the keys of a map everywhere, so a key must have one. */
const KEYS: ReadonlySet<string> = new Set(['bool', 'string', 'i8', 'i16', 'i32', 'i64', 'double'])

/** The type that a value has on the wire. Times are milliseconds since 1970, and there is no float but a double. */
export function wireType(type: ValueType): number {
  switch (type.kind) {
    case 'bool':
      return TType.Bool
    case 'i8':
      return TType.I8
    case 'i16':
      return TType.I16
    case 'i32':
      return TType.I32
    case 'i64':
    case 'date':
      return TType.I64
    case 'float':
    case 'double':
      return TType.Double
    case 'string':
    case 'bytes':
      return TType.String
    case 'list':
      return TType.List
    case 'map':
      return TType.Map
    case 'struct':
      return TType.Struct
    // Neither gets here: `typeProblems` refuses them.
    case 'void':
    case 'any':
      return TType.Stop
  }
}

/** What of a service's types cannot be said in Thrift, with its place below `at`. Structs that no method uses do not matter. */
export function typeProblems(service: ServiceInterface, at: string): Problem[] {
  const problems: Problem[] = []
  const used = new Set<string>()
  const { structs } = service
  for (const [i, method] of service.methods.entries()) {
    const place = `${at}.methods[${i}]`
    checkMembers(method.parameters, `${place}.parameters`, problems)
    checkThrows(method.throws, `${place}.throws`, problems)
    if (method.returns.kind === 'any') problems.push({ at: `${place}.returns`, what: RETURNS_ANY })
    else if (method.returns.kind !== 'void') checkType(method.returns, `${place}.returns`, problems)
    for (const type of [method.returns, ...[...method.parameters, ...method.throws].map(typeOf)])
      collect(type, structs, used)
  }
  for (const name of used)
    checkMembers(structs.get(name)!.fields, `${at}.structs.${name}.fields`, problems)
  return problems
}

function typeOf({ type }: Member): ValueType {
  return type
}

function checkMembers(members: readonly Member[], at: string, problems: Problem[]): void {
  const ids = new Map<number, string>()
  for (const [i, { name, type, id }] of members.entries()) {
    checkType(type, `${at}[${i}].type`, problems)
    const other = ids.get(id)
    if (other !== undefined)
      problems.push({ at: `${at}[${i}].id`, what: `${id} is the number of "${other}", too` })
    ids.set(id, name)
  }
}

function checkThrows(members: readonly Member[], at: string, problems: Problem[]): void {
  checkMembers(members, at, problems)
  for (const [i, { type }] of members.entries())
    if (type.kind !== 'struct')
      problems.push({ at: `${at}[${i}].type`, what: 'has to be a struct: exceptions are' })
}

function checkType(type: ValueType, at: string, problems: Problem[]): void {
  if (type.kind === 'any') problems.push({ at, what: ANY })
  if (type.kind === 'void') problems.push({ at, what: '"void" is no type of a field' })
  if (type.kind === 'list') checkType(type.of, at, problems)
  if (type.kind !== 'map') return
  checkType(type.value, at, problems)
  if (!KEYS.has(type.key.kind))
    problems.push({ at, what: `keys of a map have to be text, numbers or booleans here` })
}

function collect(type: ValueType, structs: ReadonlyMap<string, Struct>, used: Set<string>): void {
  if (type.kind === 'list') collect(type.of, structs, used)
  if (type.kind === 'map') collect(type.value, structs, used)
  if (type.kind !== 'struct' || used.has(type.name)) return
  used.add(type.name)
  for (const field of structs.get(type.name)!.fields) collect(field.type, structs, used)
}
