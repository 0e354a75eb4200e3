import { type Field, field } from './field.ts'
import { staticPairs } from './static-pairs.ts'

/** The fields that both sides know before they meet, by their index less one. */
export const staticTable: readonly Field[] = staticPairs.map(([name, value]) => field(name, value))

/** The first index of the dynamic table. */
export const FIRST_DYNAMIC: number = staticTable.length + 1
