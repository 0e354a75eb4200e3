import type { Bench } from '../bench.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { wrkMissing } from '../load/wrk.ts'
import { HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Contestant, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp } from './requests.ts'

/** 64 clients with one request at a time: most of it is the kernel's, one read and one write per message. */
export const http1: Work = {
  name: 'http1',
  title: 'HTTP/1.1, 64 keep-alive connections, small body',
  bar: 'CPU per request at most 1.3 × HAProxy, aim 1.1; at most 0.45 × Envoy as a sidecar',
  reference: REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants: (bench) => httpContestants(bench),
}

/** Every peer under the load of this work; others compare with it. */
export function httpContestants(bench: Bench): Contestant[] {
  const contestants = bench.contestants(HTTP, async (start) => {
    const proxy = await start({ to: await startHttpUpstream(bench, 130) })
    return measureHttp(bench, proxy, 64)
  })
  return lacking(contestants, httpUpstreamMissing(), wrkMissing())
}
