import type { Program } from './program.ts'
import type { ProtocolName } from './protocols.ts'

/** A program somebody else's library speaks in, as server, as client or as both. */
export interface Peer {
  readonly name: string
  readonly protocol: ProtocolName
  readonly program: Program
  /** The side it can be; both when it does not say. */
  readonly only?: 'client' | 'server'
}

/** What every client is asked, in this order; a protocol may have more. */
export const CASES = [
  'echo',
  'nested',
  'exception',
  'null',
  'large',
  'oneway',
  'timeout',
  'concurrent',
] as const

/** How a case went. */
export interface Outcome {
  readonly how: 'ok' | 'not ok' | 'skip'
  /** What the client says about it; empty when it held. */
  readonly why: string
}
