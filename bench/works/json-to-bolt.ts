import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { ITEM_BYTES, ITEM_JSON, ITEM_PATH, ITEM_SERVICE, itemCall } from '../load/calls/item.ts'
import { compilerMissing } from '../load/compiled.ts'
import { startRpcUpstream } from '../load/rpc.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { postScript, wrkMissing } from '../load/wrk.ts'
import { freePort } from '../measure/network.ts'
import type { Plan } from '../peer.ts'
import { BOLT, HTTP } from '../peer.ts'
import { tulleCommand, tulleListener } from '../peers/tulle.ts'
import { bootstrap, cluster, GENEROUS } from '../peers/xds.ts'
import { any } from '../peers/xds-any.ts'
import type { Contestant, Figures, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp } from './requests.ts'
import { onlyOurs } from './rpc-contestants.ts'

const CONNECTIONS = 64
const SAME_REQUEST = 'HTTP/1.1 to HTTP/1.1'

/** An object in JSON that a Java service gets as an object of its own class, and the way back. */
export const jsonToBolt: Work = {
  name: 'http-json-to-bolt',
  title:
    'JSON over HTTP/1.1 to Bolt, 64 connections × 1 in flight, an object of eight fields each way',
  bar: 'figure',
  reference: SAME_REQUEST,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => [
    ...lacking(converting(bench), wrkMissing(), compilerMissing()),
    ...onlyOurs(lacking(passing(bench), wrkMissing(), httpUpstreamMissing()), SAME_REQUEST),
  ],
}

/** Whoever speaks Bolt. */
function converting(bench: Bench): Contestant[] {
  return bench.peers
    .filter(({ peer }) => peer.can(BOLT))
    .map(({ peer: { name }, found }) => {
      if ('missing' in found) return { name, missing: found.missing, run: never }
      return { name, missing: null, run: () => convert(bench, found.program) }
    })
}

const never = (): Promise<Figures> => Promise.reject(new Error('it is missing'))

async function convert(bench: Bench, program: string): Promise<Figures> {
  const to = await startRpcUpstream(bench, itemCall)
  const port = await freePort()
  const plan: Plan = { ...HTTP, port, to, extraClusters: 0, connections: CONNECTIONS, pki: '' }
  const type = 'tulle.proxy.v1.RpcProtocolOptions'
  const options = any(type, { protocol: 'bolt', services: [ITEM_SERVICE] })
  const speaking = { ...GENEROUS, typed_extension_protocol_options: { [type]: options } }
  const file = join(bench.newFolder('json'), 'tulle.yaml')
  const text = bootstrap([tulleListener(plan, 'b')], [cluster('b', to, speaking)])
  writeFileSync(file, JSON.stringify(text))
  const proxy = await bench.watchProxy(tulleCommand(program, file), plan)
  return measureHttp(bench, proxy, CONNECTIONS, postScript(bench, ITEM_PATH, ITEM_JSON))
}

/** The same request and as long an answer, converted by nobody. */
function passing(bench: Bench): Contestant[] {
  return bench.contestants(HTTP, async (start) => {
    const proxy = await start({ to: await startHttpUpstream(bench, ITEM_BYTES) })
    return measureHttp(bench, proxy, CONNECTIONS, postScript(bench, ITEM_PATH, ITEM_JSON))
  })
}
