/** Names that are asked for come from configuration, so they are few; the bound is for who asks by chance. */
const MAX_NAMES = 1024

/** What is made of a name, such as its bytes, made once and remembered. */
export class Names<T> {
  readonly #make: (name: string) => T
  readonly #made = new Map<string, T>()

  constructor(make: (name: string) => T) {
    this.#make = make
  }

  get(name: string): T {
    let made = this.#made.get(name)
    if (made === undefined) {
      if (this.#made.size === MAX_NAMES) this.#made.clear()
      made = this.#make(name)
      this.#made.set(name, made)
    }
    return made
  }
}
