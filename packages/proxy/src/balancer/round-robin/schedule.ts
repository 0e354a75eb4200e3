import type { Candidate } from '../../balancer.ts'
import { equalWeights } from '../weights.ts'

/** Weights that need a longer round are rounded: the lightest hosts then get up to a 4096th of all requests. */
const MAX_ROUND = 4096

/**
 * One round: each host as often as its weight says, and its turns as far apart as they can be. Hosts of equal weight
 * take the turns of that weight one after the other.
 *
 * ```
 *  weights  a 3, b 1, c 1       3  │  a       a       a  │
 *                               1  │    b           c    │
 *                                  └▶ a   b a   a   c  ──┘
 * ```
 */
export function schedule<H extends Candidate>(hosts: readonly H[]): readonly H[] {
  if (hosts.length === 0 || equalWeights(hosts)) return hosts
  const turns: { readonly host: H; readonly at: number }[] = []
  for (const [weight, equals] of groupByTurns(hosts)) {
    const count = weight * equals.length
    for (let turn = 0; turn < count; turn++)
      turns.push({ host: equals[turn % equals.length]!, at: (turn + 0.5) / count })
  }
  return turns.sort((a, b) => a.at - b.at).map((turn) => turn.host)
}

/** The hosts by how many turns of a round they have. */
function groupByTurns<H extends Candidate>(hosts: readonly H[]): Map<number, H[]> {
  const common = hosts.reduce((divisor, host) => greatestCommonDivisor(divisor, host.weight), 0)
  const round = hosts.reduce((sum, host) => sum + host.weight, 0) / common
  const scale = Math.min(1, MAX_ROUND / round) / common
  return Map.groupBy(hosts, (host) => Math.max(1, Math.round(host.weight * scale)))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
