import type { Candidate } from '../balancer.ts'

/**
 * Draws a host by weight in constant time (Walker's alias method, built as Vose does). Every host has a column of equal
 * width; what a light one leaves free is filled by one heavy one.
 *
 * ```
 *  weights 1, 3, 2          ┌───────┬───────┬───────┐
 *                           │   b   │       │       │
 *                           ├───────┤   b   │   c   │   a draw chooses a column and a height:
 *                           │   a   │       │       │   below the line its own host, above it the other
 *                           └───────┴───────┴───────┘
 * ```
 */
export class AliasTable<H extends Candidate> {
  readonly #hosts: readonly H[]
  /** Where the line is in each column, in (0, 1]. */
  readonly #line: Float64Array
  /** Whose the part above the line is. */
  readonly #above: Uint32Array

  constructor(hosts: readonly H[]) {
    this.#hosts = hosts
    this.#line = new Float64Array(hosts.length).fill(1)
    this.#above = new Uint32Array(hosts.length)
    this.#build()
  }

  /** The host that `random`, a number in [0, 1), falls on. There must be hosts. */
  at(random: number): H {
    const place = random * this.#hosts.length
    const column = Math.floor(place)
    const own = place - column < this.#line[column]!
    return this.#hosts[own ? column : this.#above[column]!]!
  }

  #build(): void {
    const total = this.#hosts.reduce((sum, host) => sum + host.weight, 0)
    const height = this.#hosts.map((host) => (host.weight * this.#hosts.length) / total)
    const low: number[] = []
    const high: number[] = []
    for (const [i, one] of height.entries()) (one < 1 ? low : high).push(i)
    while (low.length > 0 && high.length > 0) {
      const light = low.pop()!
      const heavy = high.at(-1)!
      this.#line[light] = height[light]!
      this.#above[light] = heavy
      height[heavy]! -= 1 - height[light]!
      if (height[heavy]! < 1) low.push(high.pop()!)
    }
  }
}
