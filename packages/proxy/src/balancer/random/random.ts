import type { Result } from '@tulle/core'
import { decode, message, type Type, unsupported } from '@tulle/model'
import type { BalancerKind, Candidate, Picker } from '../../balancer.ts'
import { AliasTable } from '../alias-table.ts'
import { equalWeights } from '../weights.ts'

/** Draws a host for every request, each as often as its weight says. */
export const random: BalancerKind<null> = {
  name: 'random',

  configure(value: unknown, at: string): Result<null> {
    return decode(settings, value ?? {}, at)
  },

  picker<H extends Candidate>(
    hosts: readonly H[],
    _settings: null,
    _previous: Picker<H> | null,
    random: () => number,
  ): Picker<H> {
    return equalWeights(hosts)
      ? new EvenPicker(hosts, random)
      : new WeightedPicker(new AliasTable(hosts), random)
  },
}

const settings: Type<null> = message(
  'envoy.config.cluster.v3.Cluster.RandomLbConfig',
  unsupported('locality_lb_config'),
  () => null,
)

class EvenPicker<H extends Candidate> implements Picker<H> {
  readonly #hosts: readonly H[]
  readonly #random: () => number

  constructor(hosts: readonly H[], random: () => number) {
    this.#hosts = hosts
    this.#random = random
  }

  pick(): H | null {
    return this.#hosts[Math.floor(this.#random() * this.#hosts.length)] ?? null
  }
}

class WeightedPicker<H extends Candidate> implements Picker<H> {
  readonly #table: AliasTable<H>
  readonly #random: () => number

  constructor(table: AliasTable<H>, random: () => number) {
    this.#table = table
    this.#random = random
  }

  pick(): H {
    return this.#table.at(this.#random())
  }
}
