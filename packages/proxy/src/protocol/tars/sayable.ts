import type { Problem } from '@tulle/core'
import type { Member, ServiceInterface, ValueType } from '@tulle/model'
import { doubleNumbers } from '../../transcode/member-numbers.ts'
import { argumentTag, fieldTag } from './members.ts'

const MAX_TAG = 255
/** Keys are text in what all protocols share, and made of it. */
const KEYS: readonly string[] = ['bool', 'string', 'i8', 'i16', 'i32', 'i64', 'float', 'double']

/** What of these services Tars cannot say, each with its place below `at`. */
export function unsayable(services: readonly ServiceInterface[], at: string): readonly Problem[] {
  const problems: Problem[] = []
  for (const [i, service] of services.entries()) {
    for (const { name, fields } of service.structs.values())
      checkMembers(fields, fieldTag, `${at}[${i}].structs.${name}.fields`, problems)
    for (const [m, { parameters, returns }] of service.methods.entries()) {
      const place = `${at}[${i}].methods[${m}]`
      checkMembers(parameters, argumentTag, `${place}.parameters`, problems)
      if (returns.kind !== 'void') checkType(returns, `${place}.returns`, problems)
    }
  }
  return problems
}

function checkMembers(
  members: readonly Member[],
  tag: (member: Member) => number,
  at: string,
  problems: Problem[],
): void {
  for (const [i, one] of members.entries()) {
    checkType(one.type, `${at}[${i}].type`, problems)
    const what = `is above what Tars has tags for (${MAX_TAG})`
    if (tag(one) > MAX_TAG) problems.push({ at: `${at}[${i}].id`, what })
  }
  problems.push(...doubleNumbers(members, at))
}

function checkType(type: ValueType, at: string, problems: Problem[]): void {
  switch (type.kind) {
    case 'any':
    case 'date':
    case 'void':
      problems.push({ at, what: `Tars has no type for "${type.kind}"` })
      return
    case 'list':
      return checkType(type.of, at, problems)
    case 'map':
      if (KEYS.includes(type.key.kind)) return checkType(type.value, at, problems)
      problems.push({ at, what: `"${type.key.kind}" cannot be the key of a map` })
      return
    default:
  }
}
