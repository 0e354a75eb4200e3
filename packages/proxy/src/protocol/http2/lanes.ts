import type { Lane } from './lane.ts'

const FIRST_SIZE = 16
const MOST_PLACES = 4096
const GRAVES = 256

/**
 * The lanes of a connection by id. Ids of one side are every second number and grow, so half an id's low bits are its
 * place in a table; the few lanes whose place is taken, because one of them is very old, lie in a map.
 */
export class Lanes {
  #table: (Lane | null)[] = new Array<Lane | null>(FIRST_SIZE).fill(null)
  #mask = FIRST_SIZE - 1
  #rest: Map<number, Lane> | null = null
  size = 0
  /** The latest that are gone, negative where it was we who ended them early. */
  readonly #graves: number[] = []
  #nextGrave = 0

  get(id: number): Lane | null {
    const lane = this.#table[(id >> 1) & this.#mask]!
    if (lane !== null && lane.id === id) return lane
    return this.#rest === null ? null : (this.#rest.get(id) ?? null)
  }

  add(lane: Lane): void {
    this.size++
    if (this.size * 2 > this.#mask && this.#mask < MOST_PLACES) this.#grow()
    this.#place(lane)
  }

  /** `early`: the peer may go on sending for a while, which is no mistake of its own. */
  remove(lane: Lane, early: boolean): void {
    const place = (lane.id >> 1) & this.#mask
    if (this.#table[place] === lane) this.#table[place] = null
    else if (!this.#rest?.delete(lane.id)) return
    this.size--
    const { id } = lane
    if (this.#graves.length < GRAVES) this.#graves.push(early ? -id : id)
    else this.#graves[this.#nextGrave] = early ? -id : id
    this.#nextGrave = (this.#nextGrave + 1) % GRAVES
  }

  /** What became of a lane that is not there: we ended it early, it ended, or nobody remembers. */
  buried(id: number): 'early' | 'ended' | null {
    if (this.#graves.includes(-id)) return 'early'
    return this.#graves.includes(id) ? 'ended' : null
  }

  /** All lanes, in a list of its own. */
  list(): Lane[] {
    const lanes = this.#table.filter((lane) => lane !== null)
    if (this.#rest !== null) lanes.push(...this.#rest.values())
    return lanes.sort((a, b) => a.id - b.id)
  }

  /** Empties the table and gives what was in it. */
  clear(): Lane[] {
    const lanes = this.list()
    this.#table.fill(null)
    this.#rest = null
    this.size = 0
    return lanes
  }

  #place(lane: Lane): void {
    const place = (lane.id >> 1) & this.#mask
    if (this.#table[place] === null) this.#table[place] = lane
    else {
      this.#rest ??= new Map()
      this.#rest.set(lane.id, lane)
    }
  }

  #grow(): void {
    const lanes = this.list()
    const size = (this.#mask + 1) * 4
    this.#table = new Array<Lane | null>(size).fill(null)
    this.#mask = size - 1
    this.#rest = null
    for (const lane of lanes) this.#place(lane)
  }
}
