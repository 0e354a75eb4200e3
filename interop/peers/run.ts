/**
 * A part of the peers' table: `sh bin/node interop/peers/run.ts [--tell] [PROTOCOL|PEER…]`.
 *
 * Peers that lack something are left out. With --tell it prints what client and server said where a case failed.
 */
import { parseArgs } from 'node:util'
import { runPeers } from './peers.ts'
import { peers } from './registry.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tell: { type: 'boolean', default: false } },
})
const chosen = peers.filter(
  ({ name, protocol }) =>
    positionals.length === 0 || positionals.includes(name) || positionals.includes(protocol),
)
const { passed, failed } = await runPeers(chosen, values.tell ? console.log : undefined)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
