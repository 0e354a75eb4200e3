import type { FilterChain } from '@tulle/model'
import type { ServerTransport } from '../transport.ts'
import type { ChainIntake } from './intake.ts'

/** Protocols that are told apart by the first bytes. */
export interface Choice {
  /** Asked in this order whether the bytes are theirs. */
  readonly candidates: readonly ChainIntake[]
  /** Takes bytes that nobody claims; null: they are refused. */
  readonly fallback: ChainIntake | null
}

/** TLS with clients, until it is of use no longer. */
export interface Terminator extends ServerTransport {
  /** Connections stay; nothing is watched any more. */
  stop(): void
}

/** A filter chain at work: an intake for each protocol that its manager speaks. */
export class ServedChain {
  readonly config: FilterChain
  /** The first takes bytes that are none of the others'. */
  readonly intakes: readonly ChainIntake[]
  /** Speaks TLS with clients before anything else; null leaves bytes as they are. */
  readonly transport: Terminator | null
  /** How its protocols are told apart. */
  readonly choice: Choice

  constructor(config: FilterChain, intakes: readonly ChainIntake[], transport: Terminator | null) {
    this.config = config
    this.intakes = intakes
    this.transport = transport
    this.choice = { candidates: intakes.slice(1), fallback: intakes[0]! }
  }

  get main(): ChainIntake {
    return this.intakes[0]!
  }

  /** Whether connections in the clear may be its own. */
  get takesPlain(): boolean {
    return this.transport === null && this.config.transport !== 'tls'
  }

  /** Whether it speaks TLS, or passes on what others speak. */
  get takesTls(): boolean {
    const { transport, manager } = this.config
    return this.transport !== null || (transport !== 'plain' && manager.kind === 'tcp')
  }

  /** The intake of a protocol that TLS agreed on; null where nothing was agreed, or nothing it knows. */
  agreed(alpn: string): ChainIntake | null {
    return this.intakes.find(({ protocol }) => protocol.name === alpn) ?? null
  }
}
