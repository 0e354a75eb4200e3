import type { Problem } from '@tulle/core'
import { Depth, type Protocol } from './protocol.ts'

/**
 * Takes what a rule reads of a message. `who` is the rule in words (`a route by method`), `at` where it stands. A rule
 * that reads deeper than a protocol of the chain can be read is refused.
 */
export type Ask = (depth: Depth, who: string, at: string) => void

/** How deep the rules of a chain read its messages, and the rule that is to blame. */
export interface Reads {
  /** `nothing`: frames are cut, given other ids and sent on as they came. */
  readonly depth: 'nothing' | 'names' | 'headers'
  /** One sentence for people. */
  readonly why: string
}

const WORDS = {
  [Depth.Frames]: 'nothing',
  [Depth.Names]: 'names',
  [Depth.Headers]: 'headers',
} as const
/** How far a protocol is read, and what it therefore lacks of the next depth. */
const REACH = {
  [Depth.Frames]: 'frames and their ids',
  [Depth.Names]: 'service and method',
} as const
const LACK = { [Depth.Names]: 'service and method', [Depth.Headers]: 'headers' } as const

/** What the rules of one chain read of its messages, held against what its protocols can be read for. */
export class Demand {
  readonly speech: 'http' | 'rpc'
  readonly problems: Problem[] = []
  readonly #protocols: readonly Protocol[]
  #depth: Depth = Depth.Frames
  #why = 'no rule looks inside a frame'

  constructor(speech: 'http' | 'rpc', protocols: readonly Protocol[] = []) {
    this.speech = speech
    this.#protocols = protocols
  }

  /** Bound, so that it can be handed on. */
  readonly ask: Ask = (depth, who, at) => {
    const shallow = this.#protocols.filter((one) => one.depth < depth)
    shallow.sort((a, b) => a.depth - b.depth)
    if (shallow.length > 0) this.problems.push({ at, what: this.#refusal(shallow[0]!, depth, who) })
    this.note(depth, who, at)
  }

  /** The same for what does without where a protocol has none. */
  note(depth: Depth, who: string, at: string): void {
    if (depth <= this.#depth) return
    if (this.#protocols.length > 0 && !this.#protocols.some((one) => one.depth >= depth)) return
    this.#depth = depth
    this.#why = `${who} (${at})`
  }

  get reads(): Reads {
    return { depth: WORDS[this.#depth], why: this.#why }
  }

  #refusal({ name, depth }: Protocol, wanted: Depth, who: string): string {
    const reach = REACH[depth as keyof typeof REACH]
    const lack = LACK[wanted as keyof typeof LACK]
    const way =
      this.#protocols.length > 1
        ? 'give it a chain without such rules, or'
        : 'leave the rule out, or'
    return `protocol "${name}" is read as far as ${reach}: it has no ${lack}, which ${who} needs; ${way} let its codec read more`
  }
}
