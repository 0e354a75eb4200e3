import type { Process } from '../process.ts'
import { ask, serve } from './ask.ts'
import { neverOf } from './causes.ts'
import { type Cell, greyRow, judge } from './cell.ts'
import type { Outcome, Peer } from './peer.ts'
import { serverPort } from './port.ts'
import { type ProtocolName, spoken } from './protocols.ts'
import { PATHS, type Path, type Place, Sidecars } from './sidecars.ts'
import type { Table } from './table.ts'
import type { Turns } from './turns.ts'

/** Asks every client of a protocol at every server, by every path; a client waits for its turn. Servers are started once. */
export async function cross(
  protocol: ProtocolName,
  peers: readonly Peer[],
  turns: Turns,
  tell: (said: string) => void,
): Promise<Table> {
  const { cases } = spoken(protocol)
  const clients = peers.filter(({ only }) => only !== 'server')
  const servers = await Promise.all(peers.filter(({ only }) => only !== 'client').map(startServer))
  const up = servers.filter((server) => server.process !== null)
  const sidecars = await Sidecars.start(protocol, up).catch(String)
  try {
    const rows = await Promise.all(servers.map(row))
    return { protocol, cases, cells: rows.flat() }
  } finally {
    if (typeof sidecars !== 'string') await sidecars.stop()
    await Promise.all(servers.map(({ process }) => process?.stop('SIGKILL')))
  }

  /** What one server hears in a case is one client's; several servers are asked at a time. */
  async function row(server: Server): Promise<Cell[]> {
    const cells: Cell[] = []
    for (const client of clients) cells.push(...(await pair(client, server)))
    return cells
  }

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
    const { outcomes, said } = await turns.take(() => ask(client, port, cases))
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
  const port = await serverPort()
  try {
    return { peer, port, process: await serve(peer, port), why: '' }
  } catch (error) {
    return { peer, port, process: null, why: String(error) }
  }
}
