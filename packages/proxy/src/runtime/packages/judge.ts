import { bad, good, type Result } from '@tulle/core'
import { Depth, type Protocol } from '../../protocol.ts'

type Verb = {
  [K in keyof Protocol]-?: Protocol[K] extends (...given: never[]) => unknown ? K : never
}[keyof Protocol]

/** What every protocol can do. */
const VERBS = [
  'match',
  'server',
  'client',
  'poolKey',
  'service',
  'method',
  'header',
  'status',
  'idempotent',
  'upgrade',
  'timeoutMs',
  'reply',
  'refusal',
] as const satisfies readonly Verb[]

/** As configurations, metrics and logs write it. */
const NAME = /^[a-z][a-z0-9.-]*$/

/** The protocol among what a package exports. */
export function protocolIn(
  module: Readonly<Record<string, unknown>>,
  name: string,
  at: string,
): Result<Protocol> {
  const say = (what: string): Result<never> => bad({ at, what: `package "${name}" ${what}` })
  const whole = module.default
  // A package in the older module format has its exports in `default`.
  const inner = isObject(whole) ? whole.protocol : undefined
  const found = [module.protocol, inner, whole].find(isObject)
  if (found === undefined)
    return say('exports no protocol: it has to have a "default" or "protocol" export that is one')
  if (typeof found.measure === 'function')
    return say('exports a codec: export what "framed(codec)" makes of it, which its frames name')
  const missing = VERBS.filter((verb) => typeof found[verb] !== 'function')
  if (missing.length > 0)
    return say(`exports something that is no protocol: it lacks ${missing.join(', ')}`)
  const protocol = found as unknown as Protocol
  if (typeof protocol.name !== 'string' || !NAME.test(protocol.name))
    return say(
      `brings a protocol called ${JSON.stringify(protocol.name)}; a name has small letters, digits, "-" and "."`,
    )
  if (protocol.speech !== 'rpc')
    return say(`brings protocol "${protocol.name}", which is not for RPC ("speech" is not "rpc")`)
  if (!Object.values(Depth).includes(protocol.depth) || !(protocol.room >= 1))
    return say(`brings protocol "${protocol.name}" without "depth" or "room"; "framed" gives both`)
  return good(protocol)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
