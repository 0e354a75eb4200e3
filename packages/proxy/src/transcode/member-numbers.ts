import type { Problem } from '@tulle/core'
import type { Member } from '@tulle/model'

/** Members that have a number which another before them has: what goes by numbers cannot tell them apart. */
export function doubleNumbers(members: readonly Member[], at: string): Problem[] {
  const problems: Problem[] = []
  const names = new Map<number, string>()
  for (const [i, { name, id }] of members.entries()) {
    const other = names.get(id)
    if (other === undefined) names.set(id, name)
    else problems.push({ at: `${at}[${i}].id`, what: `is that of "${other}" too` })
  }
  return problems
}
