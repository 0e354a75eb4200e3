import { bad, good, type Problem } from '@tulle/core'
import type { ServiceInterface } from '@tulle/model'
import type { Tongue, Transcoder } from '../transcoder.ts'
import { Callees, type Naming } from './callees.ts'

/**
 * What turns messages of an RPC protocol into common calls and back.
 * @param unsayable what of services the protocol cannot say, each with its place below `at`
 */
export function rpcTranscoder(
  naming: Naming,
  unsayable: (services: readonly ServiceInterface[], at: string) => readonly Problem[],
  tongueOf: (callees: Callees) => Tongue,
): Transcoder {
  return {
    configure(services, at) {
      const problems = unsayable(services, at)
      if (problems.length > 0) return bad(...problems)
      return good(tongueOf(new Callees(services, naming)))
    },
  }
}
