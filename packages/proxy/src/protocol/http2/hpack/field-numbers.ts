import type { Field } from './field.ts'

const SLOTS = 64
const NO_FIELDS: readonly (Field | null)[] = new Array<null>(SLOTS).fill(null)
const NO_NUMBERS: readonly number[] = new Array<number>(SLOTS).fill(-1)

/**
 * Under which number of a dynamic table a field was found the last time: fields that come again are mostly the very
 * same objects, as they come from the table of a decoder. Comparing identities costs a fifth of looking up the texts.
 */
export class FieldNumbers {
  // Made when first used: most connections that idle never do.
  #fields = NO_FIELDS as (Field | null)[]
  #numbers = NO_NUMBERS as number[]

  /** The number of the field, -1 if it is not known. It may have left the table since. */
  get(field: Field): number {
    const slot = slotOf(field)
    if (this.#fields[slot] === field) return this.#numbers[slot]!
    return this.#fields[slot ^ 1] === field ? this.#numbers[slot ^ 1]! : -1
  }

  /** Keeps the number of a field, rather in the place of one that has left a table whose oldest entry is `oldest`. */
  set(field: Field, number: number, oldest: number): void {
    if (this.#fields === NO_FIELDS) {
      this.#fields = NO_FIELDS.slice()
      this.#numbers = NO_NUMBERS.slice()
    }
    const first = slotOf(field)
    const slot = this.#numbers[first]! < oldest ? first : first ^ 1
    this.#fields[slot] = field
    this.#numbers[slot] = number
  }
}

function slotOf(field: Field): number {
  return (Math.imul(field.label.id, 37) + field.size) & (SLOTS - 1)
}
