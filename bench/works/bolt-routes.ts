import { boltCall, boltWith } from '../load/calls/bolt.ts'
import type { RpcRoute, Task } from '../peer.ts'
import { BOLT } from '../peer.ts'
import type { Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { httpReference } from './bolt.ts'
import type { RpcShape } from './requests.ts'
import { onlyOurs, rpcContestants } from './rpc-contestants.ts'

/** Five headers of every call, and three of the caller's own; the last one finds the route. */
const CALL = boltWith([
  ['tenant', 'blue'],
  ['sofa_penetrate_user', '0000042'],
  ['zone', 'east'],
])
const BY_HEADER = routed({
  domain: '*',
  match: { headers: [{ name: 'zone', string_match: { exact: 'east' } }] },
  filters: 'all',
})
const BY_SERVICE = 'by service, same call'

/**
 * MOSN needs 30 µs for a call where HAProxy needs 15.8 for a request of HTTP/1.1, and 35 with many in flight: 0.6 and
 * 0.12 of that are these multiples of what HAProxy needs here.
 */
export const boltHeaderSingle: Work = byHeader({ connections: 64, inFlight: 1 }, '0.6', 1.14)
export const boltHeaderBatched: Work = byHeader({ connections: 4, inFlight: 64 }, '0.12', 0.27)

function byHeader(shape: RpcShape, ofMosn: string, ofHaproxy: number): Work {
  const { connections, inFlight } = shape
  return {
    name: `bolt-header-${connections}x${inFlight}`,
    title: `Bolt routed by the last of 8 headers, ${connections} connections × ${inFlight} in flight`,
    bar: `CPU per request at most 1.3 × Bolt routed by service; both at most ${ofMosn} × MOSN, which is ${ofHaproxy} × HAProxy's for HTTP/1.1`,
    reference: BY_SERVICE,
    columns: REQUEST_COLUMNS,
    contestants: (bench) => [
      ...rpcContestants(bench, BY_HEADER, CALL, shape),
      ...onlyOurs(rpcContestants(bench, BOLT, CALL, shape), BY_SERVICE),
      ...httpReference(bench),
    ],
  }
}

const ADDRESS = routed({ domain: '*', match: {}, filters: 'none' })
const READ = routed({
  domain: boltCall.service,
  match: { method: { exact: boltCall.method } },
  filters: 'none',
})
const DECODED = 'by service and method'

/** What reading a frame costs: the same calls where no rule looks inside, and where one does. */
export const boltAddress: Work = {
  name: 'bolt-address',
  title: 'Bolt by address alone, no filters, 4 connections × 64 in flight',
  bar: 'figure; less than with service and method read',
  reference: DECODED,
  columns: REQUEST_COLUMNS,
  contestants(bench) {
    const shape = { connections: 4, inFlight: 64 }
    return [
      ...rpcContestants(bench, ADDRESS, boltCall, shape),
      ...onlyOurs(rpcContestants(bench, READ, boltCall, shape), DECODED),
    ]
  },
}

function routed(rpc: RpcRoute): Task {
  return { ...BOLT, rpc }
}
