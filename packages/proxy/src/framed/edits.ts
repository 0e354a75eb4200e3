import type { Edit } from '../frame.ts'
import { Names } from './names.ts'

/** Whether an edit before this one is of the same header, whose value in the end was asked for then. */
export function isNamedBefore(edits: readonly Edit[], place: number): boolean {
  const { name } = edits[place]!
  for (let i = 0; i < place; i++) if (edits[i]!.name === name) return true
  return false
}

/**
 * The pairs that edits make, as a protocol writes them. Of each name the last is remembered: most edits set the same
 * value again and again.
 */
export class LastPairs<P> {
  readonly #write: (name: string, value: string) => P
  readonly #last = new Names<{ value: string | null; pair: P | null }>(() => ({
    value: null,
    pair: null,
  }))

  constructor(write: (name: string, value: string) => P) {
    this.#write = write
  }

  of(name: string, value: string): P {
    const last = this.#last.get(name)
    if (last.value !== value) {
      last.value = value
      last.pair = this.#write(name, value)
    }
    return last.pair!
  }
}
