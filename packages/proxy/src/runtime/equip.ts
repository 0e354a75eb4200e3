import {
  bad,
  Catalog,
  good,
  type Logger,
  type Problem,
  type Result,
  silentLogger,
} from '@tulle/core'
import type { Bootstrap } from '@tulle/model'
import type { Protocol } from '../protocol.ts'
import type { Parts } from './parts.ts'
import { loadTranscoders } from './tongues.ts'

/**
 * The parts that a configuration can be planned with: those given, and what has to be loaded for it. `folder` is where
 * its file lies. It waits for files alone, and for none where nothing has to be loaded.
 */
export async function equip(
  bootstrap: Bootstrap,
  parts: Parts,
  folder: string,
  log: Logger = silentLogger,
): Promise<Result<Parts>> {
  const { protocolPackages } = bootstrap
  const protocols =
    protocolPackages.length === 0
      ? good(parts.protocols)
      : await withPackages(protocolPackages, parts, folder, log)
  if (!protocols.ok) return protocols
  const known = { ...parts, protocols: protocols.value }
  return good({ ...known, transcoders: await loadTranscoders(bootstrap, known) })
}

/** Those of packages are tried behind all others, in the order of the file; only `tcp`, which takes everything, comes later. */
async function withPackages(
  packages: readonly string[],
  { protocols: known, dialects }: Parts,
  folder: string,
  log: Logger,
): Promise<Result<Catalog<Protocol>>> {
  // Most configurations name no package: what loads them is read when one does.
  const { loadProtocol } = await import('./packages/load.ts')
  const owners = new Map([...known.names, ...dialects.names].map((name) => [name, 'this proxy']))
  const added: Protocol[] = []
  const problems: Problem[] = []
  for (const [i, name] of packages.entries()) {
    const loaded = await loadProtocol(name, folder, `protocol_packages[${i}]`, log)
    if (!loaded.ok) {
      problems.push(...loaded.problems)
      continue
    }
    const protocol = loaded.value
    const owner = owners.get(protocol.name)
    owners.set(protocol.name, `package "${name}"`)
    if (owner === undefined) added.push(protocol)
    else
      problems.push({
        at: `protocol_packages[${i}]`,
        what: `package "${name}" brings protocol "${protocol.name}", which ${owner} has already; remove the package, or give its protocol another name`,
      })
  }
  if (problems.length > 0) return bad(...problems)
  const last = known.parts.filter(({ speech }) => speech === 'bytes')
  const first = known.parts.filter(({ speech }) => speech !== 'bytes')
  return good(new Catalog(known.kind, [...first, ...added, ...last]))
}
