import type { Candidate } from '../balancer.ts'

/** Whether weights make no difference, as is usual: a balancer then needs no table. */
export function equalWeights(hosts: readonly Candidate[]): boolean {
  return hosts.every((host) => host.weight === hosts[0]!.weight)
}
