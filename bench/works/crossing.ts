import type { Bench } from '../bench.ts'
import { h2loadMissing } from '../load/h2load.ts'
import { http2UpstreamMissing, startHttp2Upstream } from '../load/nghttpd.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { wrkMissing } from '../load/wrk.ts'
import { HTTP, PLAIN_2 } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Work } from '../work.ts'
import { MEAN_COLUMNS, REQUEST_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp, measureHttp2 } from './requests.ts'

const BAR = 'CPU per request at most 1.3 × HAProxy'

/** Old clients of a new service: what came on 64 connections leaves on a few. */
export const http1ToHttp2: Work = {
  name: 'http1-h2c',
  title: 'HTTP/1.1 to HTTP/2, 64 keep-alive connections, small body',
  bar: BAR,
  reference: REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants(bench: Bench) {
    const contestants = bench.contestants({ ...HTTP, upstream: PLAIN_2 }, async (start) => {
      const proxy = await start({ to: await startHttp2Upstream(bench) })
      return measureHttp(bench, proxy, 64)
    })
    return lacking(contestants, http2UpstreamMissing(), wrkMissing())
  },
}

/** New clients of an old service. */
export const http2ToHttp1: Work = {
  name: 'h2c-http1',
  title: 'HTTP/2 to HTTP/1.1, 64 connections × 1 in flight, small body',
  bar: BAR,
  reference: REFERENCE,
  columns: MEAN_COLUMNS,
  contestants(bench: Bench) {
    const contestants = bench.contestants({ ...HTTP, downstream: PLAIN_2 }, async (start) => {
      const proxy = await start({ to: await startHttpUpstream(bench, 130) })
      return measureHttp2(bench, proxy, { connections: 64, inFlight: 1, path: '/' })
    })
    return lacking(contestants, httpUpstreamMissing(), h2loadMissing())
  },
}
