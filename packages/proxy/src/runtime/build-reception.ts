import { isDeepStrictEqual } from 'node:util'
import type { FilterChain } from '@tulle/model'
import type { LogFiles } from '../filter/access-log/log-files.ts'
import { ChainIntake, intakeSettings } from '../listen/intake.ts'
import { type Reception, receive } from '../listen/reception.ts'
import { ServedChain, type Terminator } from '../listen/served-chain.ts'
import type { Protocol } from '../protocol.ts'
import type { Site } from '../site.ts'
import { readClientHello } from '../transport/tls/client-hello.ts'
import { TlsServer } from '../transport/tls/server.ts'
import type { Cluster } from '../upstream/cluster.ts'
import { buildChain } from './build.ts'
import type { Parts } from './parts.ts'
import type { ChainPlan, ListenerPlan } from './plan.ts'

/** What chains are built with. */
interface Means {
  readonly site: Site
  readonly files: LogFiles
  readonly parts: Parts
  readonly resolve: (cluster: string) => Cluster | null
}

/**
 * A listener's chains at work. What was there before and did not change stays: intakes keep their sessions and are given
 * the new chain, TLS keeps its certificates and the sessions that can be resumed.
 */
export function buildReception(
  { config, chains }: ListenerPlan,
  before: Reception | null,
  means: Means,
): Reception {
  const former = new Former(before)
  const served = chains.map((plan) => {
    const chain = buildChain(plan, means.site, means.resolve, means.files)
    const settings = intakeSettings(plan.config.manager)
    const intakes = plan.protocols.map((protocol) => {
      const known = former.intake(plan.config, protocol)
      known?.reconfigure(chain, settings)
      const { statPrefix } = plan.config.manager
      return known ?? new ChainIntake(means.site, protocol, statPrefix, chain, settings)
    })
    return new ServedChain(plan.config, intakes, former.transport(plan) ?? terminator(plan, means))
  })
  return receive(config, served, means.parts.protocols.parts, readClientHello)
}

function terminator({ config, tls }: ChainPlan, { site }: Means): Terminator | null {
  if (config.tls === null || tls === null) return null
  return new TlsServer(site, config.tls, tls.material, tls.at)
}

/** The chains of before, each of whose parts is taken over once. */
class Former {
  readonly #chains: readonly ServedChain[]
  readonly #taken = new Set<ChainIntake | Terminator>()

  constructor(before: Reception | null) {
    this.#chains = before?.chains ?? []
  }

  /** Of the same metrics and protocol; where several are, that of the chain which takes the same connections. */
  intake(config: FilterChain, protocol: Protocol): ChainIntake | null {
    const { statPrefix } = config.manager
    const same = this.#chains.filter((chain) => chain.main.name === statPrefix)
    same.sort((a, b) => Number(isSame(b.config, config)) - Number(isSame(a.config, config)))
    const found = same
      .flatMap(({ intakes }) => intakes)
      .find((one) => one.protocol === protocol && !this.#taken.has(one))
    if (found !== undefined) this.#taken.add(found)
    return found ?? null
  }

  transport({ config, tls }: ChainPlan): Terminator | null {
    if (tls === null) return null
    const found = this.#chains.find(
      ({ config: old, transport }) =>
        transport !== null && !this.#taken.has(transport) && isDeepStrictEqual(old.tls, config.tls),
    )?.transport
    if (found) this.#taken.add(found)
    return found ?? null
  }
}

function isSame(a: FilterChain, b: FilterChain): boolean {
  return matchOf(a) === matchOf(b)
}

function matchOf({ name, transport, serverNames, protocols }: FilterChain): string {
  return JSON.stringify([name, transport, serverNames, protocols])
}
