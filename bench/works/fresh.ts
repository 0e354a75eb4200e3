import type { Bench, RunningProxy } from '../bench.ts'
import { compilerMissing } from '../load/compiled.ts'
import type { PacedResult } from '../load/paced.ts'
import { http2Calls, startLightUpstream } from '../load/paced.ts'
import { H2C } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Figures, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { perRequest } from './requests.ts'

const CALLS = { connections: 8, inFlight: 16, rate: 0, fresh: true }

/** Load tools repeat one request, the best case for whatever remembers headers; this is the worst. */
export const fresh: Work = {
  name: 'h2c-fresh',
  title:
    'HTTP/2 without TLS, 8 connections × 16 in flight, a new path of 60 characters and a new cookie of 200 in every request',
  bar: 'CPU per request at most 1.6 × HAProxy',
  reference: REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants(bench) {
    const contestants = bench.contestants({ ...H2C, sidecar: true }, async (start) =>
      measure(bench, await start({ to: await startLightUpstream(bench) })),
    )
    return lacking(contestants, compilerMissing())
  },
}

async function measure(bench: Bench, proxy: RunningProxy): Promise<Figures> {
  await http2Calls(bench, proxy, CALLS, bench.options.warmupSeconds)
  let result: PacedResult | null = null
  const usage = await bench.during(proxy, async () => {
    result = await http2Calls(bench, proxy, CALLS, bench.options.seconds)
  })
  const { answered, rps, p50, p99 } = result!
  return { ...perRequest(usage, answered), rps, p50, p99, rss: proxy.rssMb() }
}
