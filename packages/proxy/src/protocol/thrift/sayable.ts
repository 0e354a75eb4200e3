import type { Problem } from '@tulle/core'
import type { Member, ServiceInterface, ValueType } from '@tulle/model'
import { doubleNumbers } from '../../transcode/member-numbers.ts'
import { usedStructs } from '../../transcode/used-structs.ts'
import { MANNERS, mannerOf } from './naming.ts'

const ANY = 'has to be a type of its own: a field in Thrift is of one type, "any" cannot be said'
const UNKNOWN_MANNER = `begins with none of ${Object.keys(MANNERS).join(', ')} before its colon`
const RETURNS_ANY = `${ANY}; "void" is nothing`
/** Text stands for the keys of a map everywhere, so a key must have one. */
const KEYS: ReadonlySet<string> = new Set(['bool', 'string', 'i8', 'i16', 'i32', 'i64', 'double'])

/** What of these services Thrift cannot say, each with its place below `at`. Structs that no method uses do not matter. */
export function unsayable(services: readonly ServiceInterface[], at: string): readonly Problem[] {
  const problems: Problem[] = []
  for (const [i, service] of services.entries()) {
    const place = `${at}[${i}]`
    if (mannerOf(service) === null)
      problems.push({ at: `${place}.names.thrift`, what: UNKNOWN_MANNER })
    for (const [m, { parameters, returns, throws }] of service.methods.entries()) {
      const here = `${place}.methods[${m}]`
      checkMembers(parameters, `${here}.parameters`, problems)
      checkThrows(throws, `${here}.throws`, problems)
      if (returns.kind === 'any') problems.push({ at: `${here}.returns`, what: RETURNS_ANY })
      else if (returns.kind !== 'void') checkType(returns, `${here}.returns`, problems)
    }
    for (const name of usedStructs(service))
      checkMembers(service.structs.get(name)!.fields, `${place}.structs.${name}.fields`, problems)
  }
  return problems
}

function checkMembers(members: readonly Member[], at: string, problems: Problem[]): void {
  for (const [i, { type }] of members.entries()) checkType(type, `${at}[${i}].type`, problems)
  problems.push(...doubleNumbers(members, at))
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
