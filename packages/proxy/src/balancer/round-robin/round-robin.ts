import type { Result } from '@tulle/core'
import { decode, message, type Type, unsupported } from '@tulle/model'
import type { BalancerKind, Candidate, Picker } from '../../balancer.ts'
import { schedule } from './schedule.ts'

/** Gives hosts their requests in turn, heavier ones more often. */
export const roundRobin: BalancerKind<null> = {
  name: 'round_robin',

  configure(value: unknown, at: string): Result<null> {
    return decode(settings, value ?? {}, at)
  },

  picker<H extends Candidate>(
    hosts: readonly H[],
    _settings: null,
    previous: Picker<H> | null,
    random: () => number,
  ): Picker<H> {
    const round = schedule(hosts)
    const next = previous instanceof RoundRobinPicker ? placeOf(previous, round) : -1
    return new RoundRobinPicker(round, next < 0 ? Math.floor(random() * round.length) : next)
  },
}

const settings: Type<null> = message(
  'envoy.config.cluster.v3.Cluster.RoundRobinLbConfig',
  unsupported('slow_start_config', 'locality_lb_config'),
  () => null,
)

class RoundRobinPicker<H extends Candidate> implements Picker<H> {
  readonly #round: readonly H[]
  #next: number

  constructor(round: readonly H[], next: number) {
    this.#round = round
    this.#next = next
  }

  pick(): H | null {
    const round = this.#round
    if (round.length === 0) return null
    const host = round[this.#next]!
    this.#next = this.#next + 1 === round.length ? 0 : this.#next + 1
    return host
  }

  /** The host of `there` whose turn is next; undefined when this round has none of them. */
  nextAmong(there: ReadonlySet<string>): H | undefined {
    const isThere = (host: H): boolean => there.has(host.address)
    return this.#round.slice(this.#next).find(isThere) ?? this.#round.find(isThere)
  }

  /** How far into a round of `length` turns this one is. */
  placeIn(length: number): number {
    return Math.floor((this.#next * length) / this.#round.length)
  }
}

/**
 * Where a new round goes on after an old one: at the host whose turn it was, or the next that is still there; -1 when
 * none is. Of a host's several turns it is the one nearest to as far into the round, so that a round that did not change
 * goes on exactly where it was.
 */
function placeOf<H extends Candidate>(old: RoundRobinPicker<H>, round: readonly H[]): number {
  const next = old.nextAmong(new Set(round.map((host) => host.address)))
  if (next === undefined) return -1
  const from = old.placeIn(round.length)
  const later = round.findIndex((host, i) => i >= from && host.address === next.address)
  return later >= 0 ? later : round.findIndex((host) => host.address === next.address)
}
