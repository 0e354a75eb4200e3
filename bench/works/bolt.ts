import type { Bench } from '../bench.ts'
import { compilerMissing } from '../load/compiled.ts'
import { startBoltUpstream } from '../load/upstream.ts'
import { BOLT } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Contestant, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { httpContestants } from './http1.ts'
import { lacking } from './lacking.ts'
import { measureBolt } from './requests.ts'

/** No other proxy here speaks Bolt, so the bar is what the best one needs for HTTP/1.1 in the same rounds. */
const HTTP_REFERENCE = `${REFERENCE}, HTTP/1.1`

/** One call at a time per connection: every message is a read and a write. */
export const boltSingle: Work = {
  name: 'bolt-64x1',
  title: 'Bolt, 64 connections × 1 in flight',
  bar: "CPU per request at most 1.15 × HAProxy's for HTTP/1.1",
  reference: HTTP_REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => boltContestants(bench, 64, 1),
}

/** Many calls in flight: what is read and written at once makes a call cheap. */
export const boltBatched: Work = {
  name: 'bolt-4x64',
  title: 'Bolt, 4 connections × 64 in flight',
  bar: "CPU per request at most 0.15 × HAProxy's for HTTP/1.1",
  reference: HTTP_REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => boltContestants(bench, 4, 64),
}

function boltContestants(bench: Bench, connections: number, inFlight: number): Contestant[] {
  const ours = bench.contestants(BOLT, async (start) => {
    const proxy = await start({ to: await startBoltUpstream(bench) })
    return measureBolt(bench, proxy, connections, inFlight)
  })
  const reference = httpContestants(bench)
    .filter((it) => it.name === REFERENCE)
    .map((it) => ({ ...it, name: HTTP_REFERENCE }))
  return [...lacking(ours, compilerMissing()), ...reference]
}
