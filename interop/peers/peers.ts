import { availableParallelism } from 'node:os'
import { sum, Tally } from '../checks.ts'
import type { Count } from '../suite.ts'
import { cross } from './cross.ts'
import type { Peer } from './peer.ts'
import type { ProtocolName } from './protocols.ts'
import { countOf, draw, reasons, type Table } from './table.ts'
import { Turns } from './turns.ts'

/** How many clients are at work at a time: a case is waiting for a part of its time. */
const CLIENTS = availableParallelism() + 1
/** The servers and sidecars of how many protocols are there at a time. */
const PROTOCOLS = 3

/** Crosses these peers, several protocols at a time, and prints the tables at the end. `tell` gets what is said where a case failed. */
export async function runPeers(
  peers: readonly Peer[],
  tell: (said: string) => void = () => {},
): Promise<Count> {
  const tally = new Tally()
  const able = await build(peers.filter(isAble), tally)
  const clients = new Turns(CLIENTS)
  const protocols = new Turns(PROTOCOLS)
  const crossed = await Promise.all(
    [...Map.groupBy(able, ({ protocol }) => protocol)].map(([protocol, speakers]) =>
      protocols
        .take(() => crossAndSay(protocol, speakers, clients, tell))
        .catch((error) => {
          tally.failed(`${protocol} comes to its end`, String(error))
          return null
        }),
    ),
  )
  const tables = crossed.filter((table) => table !== null)
  console.log(
    '\n  each cell: directly, one sidecar, two sidecars; ✓ holds, ✗ does not, – cannot be',
  )
  for (const table of tables) console.log(`\n${draw(table)}`)
  const cells = tables.flatMap(({ cells }) => cells)
  console.log(`\n${reasons(cells)}`)
  return sum(tally.count, countOf(cells))
}

/** Whether what it needs is there; says what is missing. */
function isAble({ name, program }: Peer): boolean {
  const lacking = program.needs.filter((need) => need.find() === null)
  for (const need of lacking)
    console.log(
      `  ${name} is not run: ${need.name} is missing; get it by \`${need.get.join(' ')}\``,
    )
  return lacking.length === 0
}

/** Gives the peers that could be built. What could not be is one failed check, whoever is made of it. */
async function build(peers: readonly Peer[], tally: Tally): Promise<Peer[]> {
  const built = await Promise.allSettled(peers.map(({ program }) => program.build()))
  const broken = new Map<unknown, string[]>()
  for (const [i, outcome] of built.entries())
    if (outcome.status === 'rejected')
      broken.set(outcome.reason, [...(broken.get(outcome.reason) ?? []), peers[i]!.name])
  for (const [error, names] of broken)
    tally.failed(`${names.join(', ')}: built`, error instanceof Error ? error.message : `${error}`)
  return peers.filter((_, i) => built[i]!.status === 'fulfilled')
}

async function crossAndSay(
  protocol: ProtocolName,
  peers: readonly Peer[],
  clients: Turns,
  tell: (said: string) => void,
): Promise<Table> {
  const begun = performance.now()
  const table = await cross(protocol, peers, clients, tell)
  const { passed, failed, grey } = countOf(table.cells)
  const took = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`  ${protocol}: ${passed} passed, ${failed} failed, ${grey} cannot be (${took} s)`)
  return table
}
