import { MeshError } from './errors.ts'

/** Something that can be asked for by name. */
export interface Named {
  readonly name: string
}

/** The parts of one kind this process knows: its protocols, its filters, its balancers. */
export class Catalog<T extends Named> {
  readonly kind: string
  readonly #parts = new Map<string, T>()

  constructor(kind: string, parts: readonly T[] = []) {
    this.kind = kind
    for (const part of parts) this.add(part)
  }

  /** Registers one more part. Throws `PART_TWICE` when its name is taken. */
  add(part: T): this {
    if (this.#parts.has(part.name))
      throw new MeshError('PART_TWICE', `${this.kind} "${part.name}" is already known`)
    this.#parts.set(part.name, part)
    return this
  }

  get names(): readonly string[] {
    return [...this.#parts.keys()]
  }

  get parts(): readonly T[] {
    return [...this.#parts.values()]
  }

  /** The part of that name, or null. */
  get(name: string): T | null {
    return this.#parts.get(name) ?? null
  }

  /** The part of that name. Throws `PART_UNKNOWN`, naming all there are. */
  find(name: string): T {
    const part = this.#parts.get(name)
    if (part) return part
    throw new MeshError(
      'PART_UNKNOWN',
      `no ${this.kind} "${name}"; known: ${this.names.join(', ')}`,
    )
  }
}
