const SLOTS = 64
const NONE: readonly string[] = new Array<string>(SLOTS).fill('')

/**
 * Tells which texts come again, as far as 64 of the last ones tell. A text has two slots, neighbours, and takes an
 * empty one or either of them by chance: whatever the rhythm in which texts push each other out, each that returns is
 * found before long.
 */
export class SeenTexts {
  // Made when first used: most connections that idle never do.
  #texts = NONE as string[]
  #chance = 1

  /** Whether the text was here before; from now on it was. The empty one always was. The seed tells its name or use. */
  again(text: string, seed: number): boolean {
    if (text === '') return true
    const slot = slotOf(text, seed)
    const texts = this.#texts
    if (texts[slot] === text || texts[slot ^ 1] === text) return true
    this.#remember(text, slot)
    return false
  }

  #remember(text: string, slot: number): void {
    if (this.#texts === NONE) this.#texts = NONE.slice()
    this.#texts[this.#free(slot)] = text
  }

  #free(slot: number): number {
    if (this.#texts[slot] === '') return slot
    if (this.#texts[slot ^ 1] === '') return slot ^ 1
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) | 0
    return this.#chance < 0 ? slot : slot ^ 1
  }
}

/** From the length and two characters: what differs between ids or paths is mostly towards the end. */
function slotOf(text: string, seed: number): number {
  const length = text.length
  const middle = text.charCodeAt(length >> 1)
  return (seed * 31 + length * 7 + text.charCodeAt(length - 1) * 5 + middle) & (SLOTS - 1)
}
