import type { Result } from '@tulle/core'
import { decode, fixed, integer, message, optional, type Type, unsupported } from '@tulle/model'
import type { BalancerKind, Candidate, Picker } from '../../balancer.ts'
import { AliasTable } from '../alias-table.ts'
import { equalWeights } from '../weights.ts'

/** `least_request_lb_config`. */
export interface LeastRequestSettings {
  /** How many hosts are drawn for a request; the one with the fewest requests under way gets it. @default 2 */
  readonly choiceCount: number
}

/**
 * Draws a few hosts and takes the one with the fewest requests under way for its weight. Two draws are nearly as good as
 * looking at all, and unlike that they do not send everybody to the same idle host at once.
 */
export const leastRequest: BalancerKind<LeastRequestSettings> = {
  name: 'least_request',

  configure(value: unknown, at: string): Result<LeastRequestSettings> {
    return decode(settings, value ?? {}, at)
  },

  picker<H extends Candidate>(
    hosts: readonly H[],
    { choiceCount }: LeastRequestSettings,
    _previous: Picker<H> | null,
    random: () => number,
  ): Picker<H> {
    return equalWeights(hosts)
      ? new EvenPicker(hosts, choiceCount, random)
      : new WeightedPicker(new AliasTable(hosts), choiceCount, random)
  },
}

const settings: Type<LeastRequestSettings> = message(
  'envoy.config.cluster.v3.Cluster.LeastRequestLbConfig',
  {
    choice_count: optional(integer(2), 2, 'How many hosts are drawn and compared.'),
    ...fixed({ active_request_bias: 1 }),
    ...unsupported(
      'slow_start_config',
      'locality_lb_config',
      'enable_full_scan',
      'selection_method',
    ),
  },
  (it) => ({ choiceCount: it.choice_count }),
)

class EvenPicker<H extends Candidate> implements Picker<H> {
  readonly #hosts: readonly H[]
  readonly #choiceCount: number
  readonly #random: () => number

  constructor(hosts: readonly H[], choiceCount: number, random: () => number) {
    this.#hosts = hosts
    this.#choiceCount = Math.min(choiceCount, hosts.length)
    this.#random = random
  }

  /** Every draw is among the hosts other than the best so far, so that two hosts are always compared. */
  pick(): H | null {
    const hosts = this.#hosts
    if (hosts.length === 0) return null
    let best = Math.floor(this.#random() * hosts.length)
    for (let draws = 1; draws < this.#choiceCount; draws++) {
      let other = Math.floor(this.#random() * (hosts.length - 1))
      if (other >= best) other++
      if (hosts[other]!.active < hosts[best]!.active) best = other
    }
    return hosts[best]!
  }
}

/** Draws by weight, so that hosts which are equally busy for their weight get their share. */
class WeightedPicker<H extends Candidate> implements Picker<H> {
  readonly #table: AliasTable<H>
  readonly #choiceCount: number
  readonly #random: () => number

  constructor(table: AliasTable<H>, choiceCount: number, random: () => number) {
    this.#table = table
    this.#choiceCount = choiceCount
    this.#random = random
  }

  pick(): H {
    let best = this.#table.at(this.#random())
    for (let draws = 1; draws < this.#choiceCount; draws++) {
      const other = this.#table.at(this.#random())
      if (other.active * best.weight < best.active * other.weight) best = other
    }
    return best
  }
}
