import { availableParallelism } from 'node:os'
import { freePort, type Process } from '../process.ts'
import { ask, serve } from './ask.ts'
import { neverOf } from './causes.ts'
import { type Cell, greyRow, judge } from './cell.ts'
import type { Outcome, Peer } from './peer.ts'
import { type ProtocolName, spoken } from './protocols.ts'
import { PATHS, type Path, type Place, Sidecars } from './sidecars.ts'
import type { Table } from './table.ts'

/** A machine is as busy as its processors allow. */
const LANES = availableParallelism()

/** Asks every client of a protocol at every server, by every path. Servers are started once. */
export async function cross(
  protocol: ProtocolName,
  peers: readonly Peer[],
  tell: (said: string) => void,
): Promise<Table> {
  const { cases } = spoken(protocol)
  const clients = peers.filter(({ only }) => only !== 'server')
  const servers = await Promise.all(peers.filter(({ only }) => only !== 'client').map(startServer))
  const up = servers.filter((server) => server.process !== null)
  const sidecars = await Sidecars.start(protocol, up).catch(String)
  const rows: Cell[][] = servers.map(() => [])
  // What one server hears in a case is one client's; several servers are asked at a time.
  const queue = servers.entries()
  const lane = async (): Promise<void> => {
    for (const [i, server] of queue)
      for (const client of clients) rows[i]!.push(...(await pair(client, server)))
  }
  try {
    await Promise.all(Array.from({ length: LANES }, lane))
  } finally {
    if (typeof sidecars !== 'string') await sidecars.stop()
    await Promise.all(servers.map(({ process }) => process?.stop('SIGKILL')))
  }
  return { protocol, cases, cells: rows.flat() }

  async function pair(client: Peer, server: Server): Promise<Cell[]> {
    const never = neverOf(client.name, server.peer.name)
    if (never !== null) return greyRow(client.name, server.peer.name, cases, never)
    const byPath: (readonly Outcome[])[] = []
    for (const path of PATHS) byPath.push(await through(path, client, server))
    return cases.map((name, i) =>
      judge(
        client.name,
        server.peer.name,
        name,
        byPath.map((outcomes) => outcomes[i]!),
      ),
    )
  }

  async function through(path: Path, client: Peer, server: Server): Promise<readonly Outcome[]> {
    const all = (why: string): Outcome[] => cases.map(() => ({ how: 'not ok', why }))
    if (server.process === null) return all(`the server does not run: ${server.why}`)
    if (typeof sidecars === 'string' && path !== 'direct')
      return all(`the sidecar does not run: ${sidecars}`)
    const port = typeof sidecars === 'string' ? server.port : sidecars.port(path, server)
    const { outcomes, said } = await ask(client, port, cases)
    if (outcomes.some(({ how }) => how === 'not ok'))
      tell(
        `${client.name} → ${server.peer.name}, ${path}\n${said}\nserver:\n${server.process.said}`,
      )
    return outcomes
  }
}

interface Server extends Place {
  /** Null when it could not be started. */
  readonly process: Process | null
  readonly why: string
}

async function startServer(peer: Peer): Promise<Server> {
  const port = await freePort()
  try {
    return { peer, port, process: await serve(peer, port), why: '' }
  } catch (error) {
    return { peer, port, process: null, why: String(error) }
  }
}
