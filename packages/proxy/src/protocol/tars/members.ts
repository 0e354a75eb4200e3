import type { Member } from '@tulle/model'

/** The tag of a field of a struct. Numbers count from 1 where nobody gives them, tags from 0. */
export function fieldTag(field: Member): number {
  return field.id - 1
}

/** The tag of an argument; 0 is the result's. */
export function argumentTag(parameter: Member): number {
  return parameter.id
}

/** Hosts read fields in the order of their tags. */
export function inOrder(members: readonly Member[]): readonly Member[] {
  return members.toSorted((one, other) => one.id - other.id)
}
