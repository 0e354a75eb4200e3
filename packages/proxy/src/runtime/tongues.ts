import type { Problem } from '@tulle/core'
import type { Bootstrap, Cluster as ClusterConfig } from '@tulle/model'
import { type Dialect, GRPC, HTTP } from '../convert/dialect.ts'
import type { Tongue, Transcoder } from '../transcoder.ts'
import { spokenBy } from '../upstream/cluster.ts'
import type { Parts } from './parts.ts'

/** What the hosts of a cluster say they speak. */
export function dialectsOf(config: ClusterConfig): readonly Dialect[] {
  const said = config.endpoints.map((endpoint) => spokenBy(endpoint, config))
  return [...new Set([...said, config.rpc.protocol])].filter((one) => one !== null)
}

/**
 * Loads what turns messages into common calls, for whatever callers and hosts of a configuration speak. Nothing is loaded
 * where no cluster declares services.
 */
export async function loadTranscoders(
  { clusters, listeners }: Bootstrap,
  { protocols, dialects }: Pick<Parts, 'protocols' | 'dialects'>,
): Promise<ReadonlyMap<Dialect, Transcoder>> {
  const converting = clusters.filter(({ rpc }) => rpc.services.length > 0)
  const loaded = new Map<Dialect, Transcoder>()
  if (converting.length === 0) return loaded
  const wanted = new Set(converting.flatMap(dialectsOf))
  for (const { manager } of listeners.flatMap(({ chains }) => chains)) {
    if (manager.kind === 'http') for (const one of [HTTP, GRPC]) wanted.add(one)
    if (manager.kind !== 'rpc') continue
    const all = protocols.parts.filter(({ speech }) => speech === 'rpc').map(({ name }) => name)
    for (const name of manager.protocols.length > 0 ? manager.protocols : all) wanted.add(name)
  }
  for (const name of wanted) {
    const load = dialects.get(name)?.transcoder ?? protocols.get(name)?.transcoder
    if (load !== undefined) loaded.set(name, await load())
  }
  return loaded
}

/** The tongues for a cluster's services: by dialect, or why they cannot be said in it. What its hosts speak must be one. */
export function configureTongues(
  config: ClusterConfig,
  transcoders: ReadonlyMap<Dialect, Transcoder>,
  at: string,
  problems: Problem[],
): ReadonlyMap<Dialect, Tongue | string> {
  const tongues = new Map<Dialect, Tongue | string>()
  const { services } = config.rpc
  if (services.length === 0) return tongues
  const spoken = dialectsOf(config)
  const here = `${at}.services`
  if (spoken.length === 0)
    problems.push({
      at,
      what: 'services are declared for conversion, and nothing says what hosts speak; give "protocol"',
    })
  for (const [dialect, transcoder] of transcoders) {
    const tongue = transcoder.configure(services, here)
    if (tongue.ok) tongues.set(dialect, tongue.value)
    else if (spoken.includes(dialect)) problems.push(...tongue.problems)
    else tongues.set(dialect, `not to be called by ${dialect}: ${tongue.problems[0]!.what}`)
  }
  for (const dialect of spoken)
    if (!transcoders.has(dialect))
      problems.push({ at, what: `calls cannot be converted to "${dialect}"` })
  return tongues
}
