import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { bad, type Logger, type Result } from '@tulle/core'
import type { Protocol } from '../../protocol.ts'
import { findEntry } from './find.ts'
import { protocolIn } from './judge.ts'
import { shareModules } from './share-modules.ts'

/** When the entries that were loaded had been written: Node keeps a module for as long as the process lives. */
const loaded = new Map<string, number>()

/** The protocol that a package brings, or why there is none. */
export async function loadProtocol(
  name: string,
  folder: string,
  at: string,
  log: Logger,
): Promise<Result<Protocol>> {
  const entry = findEntry(name, folder, at)
  if (!entry.ok) return entry
  let module: Readonly<Record<string, unknown>>
  try {
    shareModules()
    module = (await import(pathToFileURL(entry.value).href)) as typeof module
  } catch (error) {
    return bad({ at, what: `package "${name}" cannot be loaded: ${sentenceOf(error)}` })
  }
  const protocol = protocolIn(module, name, at)
  if (protocol.ok) tell(entry.value, name, protocol.value, log)
  return protocol
}

/** Once when it is loaded, and once for each time its file has changed since. */
function tell(entry: string, name: string, { name: protocol }: Protocol, log: Logger): void {
  const written = statSync(entry).mtimeMs
  const before = loaded.get(entry)
  loaded.set(entry, written)
  if (before === undefined) log.info('protocol package loaded', { package: name, protocol })
  else if (before !== written)
    log.warn('a protocol package has changed; it is read again at the next start', {
      package: name,
      protocol,
    })
}

/** The first line: what follows in Node's messages is a list of who imported it. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!
}
