import type { Bench } from '../bench.ts'
import { boltCall } from '../load/calls/bolt.ts'
import { BOLT } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Contestant, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { httpContestants } from './http1.ts'
import type { RpcShape } from './requests.ts'
import { rpcContestants } from './rpc-contestants.ts'

/** No other proxy here speaks Bolt, so the bar is what the best one needs for HTTP/1.1 in the same rounds. */
export const HTTP_REFERENCE = `${REFERENCE}, HTTP/1.1`

/** One call at a time per connection: every message is a read and a write. */
export const boltSingle: Work = {
  name: 'bolt-64x1',
  title: 'Bolt, 64 connections × 1 in flight',
  bar: "CPU per request at most 1.15 × HAProxy's for HTTP/1.1",
  reference: HTTP_REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => boltContestants(bench, { connections: 64, inFlight: 1 }),
}

/** Many calls in flight: what is read and written at once makes a call cheap. */
export const boltBatched: Work = {
  name: 'bolt-4x64',
  title: 'Bolt, 4 connections × 64 in flight',
  bar: "CPU per request at most 0.15 × HAProxy's for HTTP/1.1",
  reference: HTTP_REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => boltContestants(bench, { connections: 4, inFlight: 64 }),
}

function boltContestants(bench: Bench, shape: RpcShape): Contestant[] {
  return [...rpcContestants(bench, BOLT, boltCall, shape), ...httpReference(bench)]
}

/** What the best proxy needs for HTTP/1.1, as a measure of the machine in this round. */
export function httpReference(bench: Bench): Contestant[] {
  return httpContestants(bench)
    .filter((it) => it.name === REFERENCE)
    .map((it) => ({ ...it, name: HTTP_REFERENCE }))
}
