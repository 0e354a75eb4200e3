import type { Listener as ListenerConfig } from '@tulle/model'
import type { Protocol } from '../protocol.ts'
import type { ChainIntake } from './intake.ts'
import type { Choice, ServedChain } from './served-chain.ts'
import { type ReadHello, TlsChains } from './tls-chains.ts'

/** What a listener does with connections: which chain takes which. */
export interface Reception {
  readonly config: ListenerConfig
  /** In the order of the configuration. */
  readonly chains: readonly ServedChain[]
  /** All intakes of all chains. */
  readonly intakes: readonly ChainIntake[]
  /** Takes every connection, so that none needs to be looked at; null when that is not so. */
  readonly direct: ChainIntake | null
  /** Of connections in the clear. */
  readonly plain: Choice
  /** Of those that speak TLS; null: nobody looks for it. */
  readonly tls: TlsChains | null
  /** Protocols that are only spoken over TLS here: their clients are told, in their own words. */
  readonly covered: readonly Protocol[]
}

/** `order` is that in which protocols are asked, `readHello` what finds out about TLS; null: nothing does. */
export function receive(
  config: ListenerConfig,
  chains: readonly ServedChain[],
  order: readonly Protocol[],
  readHello: ReadHello | null,
): Reception {
  const plain = plainChoice(chains, order)
  const tls =
    readHello === null || !needsTls(chains)
      ? null
      : new TlsChains(
          chains.filter(({ takesTls }) => takesTls),
          readHello,
        )
  const looked = plain.candidates.length > 0 || plain.fallback === null || tls !== null
  const covered = new Set(
    chains.flatMap(({ transport, intakes }) =>
      transport === null ? [] : intakes.map(({ protocol }) => protocol),
    ),
  )
  return {
    config,
    chains,
    intakes: chains.flatMap(({ intakes }) => intakes),
    direct: looked ? null : plain.fallback,
    plain,
    tls,
    covered: [...covered],
  }
}

/** Chains that name protocols are asked first; the one that names none also tells its own apart. */
function plainChoice(chains: readonly ServedChain[], order: readonly Protocol[]): Choice {
  const open = chains.filter(({ takesPlain }) => takesPlain)
  open.sort(
    (a, b) => Number(b.config.transport === 'plain') - Number(a.config.transport === 'plain'),
  )
  const named = open.flatMap(({ config, intakes }) =>
    intakes.filter(({ protocol }) => config.protocols.includes(protocol.name)),
  )
  named.sort((a, b) => order.indexOf(a.protocol) - order.indexOf(b.protocol))
  const rest = open.find(({ config }) => config.protocols.length === 0)
  return {
    candidates: [...named, ...(rest?.choice.candidates ?? [])],
    fallback: rest?.main ?? null,
  }
}

/** Where all chains take any connection, TLS is to them what everything is: bytes. */
function needsTls(chains: readonly ServedChain[]): boolean {
  const [first] = chains
  return chains.some(
    ({ config, transport }) =>
      transport !== null ||
      config.transport === 'tls' ||
      config.transport !== first!.config.transport,
  )
}
