import type { Stream } from '../../stream.ts'

/** Who an answer is for that no client waits for. */
export const Own = {
  /** A heartbeat. */
  Ping: 'ping',
  /** What is said when a connection begins. */
  Greeting: 'greeting',
  /** Somebody who has gone. */
  Nobody: 'nobody',
} as const
export type Own = (typeof Own)[keyof typeof Own]

/** Who waits for the answers of one connection, in the order in which they come. */
export class Waiting {
  #ring: (Stream | Own)[] = new Array<Stream | Own>(64).fill(Own.Nobody)
  #mask = 63
  #head = 0
  #tail = 0

  get size(): number {
    return this.#tail - this.#head
  }

  /** A stream remembers its place in `stream.upId`. */
  push(who: Stream | Own): void {
    if (this.size > this.#mask) this.#grow()
    if (typeof who === 'object') who.upId = this.#tail
    this.#ring[this.#tail++ & this.#mask] = who
  }

  /** Whose turn it is; null when nobody waits. */
  get first(): Stream | Own | null {
    return this.#head === this.#tail ? null : this.#ring[this.#head & this.#mask]!
  }

  shift(): void {
    this.#ring[this.#head++ & this.#mask] = Own.Nobody
  }

  /** The stream's answer, should it come, is for nobody. */
  leave(stream: Stream): void {
    const place = stream.upId & this.#mask
    if (this.#ring[place] === stream) this.#ring[place] = Own.Nobody
  }

  /** Forgets all; gives the streams among them. */
  clear(): Stream[] {
    const streams: Stream[] = []
    for (; this.#head < this.#tail; this.#head++) {
      const place = this.#head & this.#mask
      const who = this.#ring[place]!
      this.#ring[place] = Own.Nobody
      if (typeof who === 'object') streams.push(who)
    }
    return streams
  }

  #grow(): void {
    const size = (this.#mask + 1) * 2
    const larger = new Array<Stream | Own>(size).fill(Own.Nobody)
    for (let i = this.#head; i < this.#tail; i++)
      larger[i & (size - 1)] = this.#ring[i & this.#mask]!
    this.#ring = larger
    this.#mask = size - 1
  }
}
