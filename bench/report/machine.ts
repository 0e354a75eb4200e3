import { cpus, release, totalmem } from 'node:os'
import type { Bench } from '../bench.ts'

/** What a reader must know of the machine and the peers to make sense of figures. */
export function machine(bench: Bench): string[] {
  const { rounds, seconds, quick } = bench.options
  const all = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const peers = bench.peers.map(({ peer, found }) =>
    'missing' in found ? `${peer.name} missing` : `${peer.name} ${peer.version(found.program)}`,
  )
  return [
    `${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, Linux ${release()}`,
    `${new Date().toISOString().slice(0, 10)}, ${rounds} rounds of ${seconds} s${quick ? ', small sizes' : ''}`,
    peers.join(', '),
  ]
}
