import { sum } from '../checks.ts'
import type { Count } from '../suite.ts'
import { cross } from './cross.ts'
import type { Peer } from './peer.ts'
import { countOf, draw, reasons, type Table } from './table.ts'

/** Crosses these peers, protocol by protocol, and prints the tables at the end. `tell` gets what is said where a case failed. */
export async function runPeers(
  peers: readonly Peer[],
  tell: (said: string) => void = () => {},
): Promise<Count> {
  const able = peers.filter(isAble)
  await Promise.all(able.map(({ program }) => program.build()))
  const tables: Table[] = []
  for (const [protocol, speakers] of Map.groupBy(able, ({ protocol }) => protocol)) {
    const begun = performance.now()
    const table = await cross(protocol, speakers, tell)
    tables.push(table)
    const { passed, failed, grey } = countOf(table.cells)
    const took = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`  ${protocol}: ${passed} passed, ${failed} failed, ${grey} cannot be (${took} s)`)
  }
  console.log(
    '\n  each cell: directly, one sidecar, two sidecars; ✓ holds, ✗ does not, – cannot be',
  )
  for (const table of tables) console.log(`\n${draw(table)}`)
  const cells = tables.flatMap(({ cells }) => cells)
  console.log(`\n${reasons(cells)}`)
  return sum(countOf(cells))
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
