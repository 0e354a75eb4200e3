import { boltCall } from '../load/calls/bolt.ts'
import type { Call } from '../load/calls/call.ts'
import { dubboCall } from '../load/calls/dubbo.ts'
import { motanCall } from '../load/calls/motan.ts'
import { tarsCall } from '../load/calls/tars.ts'
import { thriftCall } from '../load/calls/thrift.ts'
import type { Task } from '../peer.ts'
import { BOLT } from '../peer.ts'
import type { Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import type { RpcShape } from './requests.ts'
import { onlyOurs, rpcContestants } from './rpc-contestants.ts'

/** Our own figure of the protocol that is measured against others. */
const BOLT_REFERENCE = 'Bolt, same shape'

const SHAPES: readonly RpcShape[] = [
  { connections: 64, inFlight: 1 },
  { connections: 4, inFlight: 64 },
]

const WITHOUT_HEADERS = ', no filter that changes headers'

/** The other protocols of RPC, routed by service and method. */
export const rpcWorks: readonly Work[] = [
  ...SHAPES.map((shape) => work('Dubbo', dubboCall, shape)),
  ...SHAPES.map((shape) => work('Motan2', motanCall, shape)),
  ...SHAPES.map((shape) => work('Thrift in frames', thriftCall, shape, WITHOUT_HEADERS)),
  ...SHAPES.map((shape) => work('Tars', tarsCall, shape)),
]

function work(title: string, call: Call, shape: RpcShape, remark = ''): Work {
  const { connections, inFlight } = shape
  return {
    name: `${call.protocol}-${connections}x${inFlight}`,
    title: `${title} by service and method, ${connections} connections × ${inFlight} in flight${remark}`,
    bar: 'CPU per request at most 1.25 × our Bolt figure',
    reference: BOLT_REFERENCE,
    columns: REQUEST_COLUMNS,
    contestants: (bench) => [
      ...rpcContestants(bench, byMethod(call), call, shape),
      ...onlyOurs(rpcContestants(bench, BOLT, boltCall, shape), BOLT_REFERENCE),
    ],
  }
}

function byMethod({ protocol, service, method }: Call): Task {
  const filters = protocol === 'thrift' ? 'no-headers' : 'all'
  return {
    ...BOLT,
    protocol,
    rpc: { domain: service, match: { method: { exact: method } }, filters },
  }
}
