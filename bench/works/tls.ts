import { inSeries } from '../bench.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { wrkMissing } from '../load/wrk.ts'
import { certificatesMissing } from '../measure/certificates.ts'
import type { Side } from '../peer.ts'
import { HTTP, PLAIN_1 } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp } from './requests.ts'

const BETWEEN: Side = { version: 2, tls: 'mutual' }

/** What the ciphers and the records cost once a connection stands. */
export const tls: Work = {
  name: 'tls',
  title: 'HTTP/1.1 over TLS 1.3 in, plain out, 64 keep-alive connections, small body',
  bar: 'CPU per request at most 1.3 × HAProxy, at most 0.6 × Envoy as a sidecar',
  reference: REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants(bench) {
    const task = { ...HTTP, downstream: { version: 1, tls: 'server' } } as const
    const contestants = bench.contestants(task, async (start) => {
      const proxy = await start({ to: await startHttpUpstream(bench, 130) })
      return measureHttp(bench, proxy, 64)
    })
    return lacking(contestants, httpUpstreamMissing(), wrkMissing(), certificatesMissing())
  },
}

/** What a mesh puts between two services: a proxy on either side, and a secret between them. Both share the core. */
export const pair: Work = {
  name: 'pair',
  title:
    'two proxies in series, HTTP/2 over mutual TLS between them, HTTP/1.1 outside, 64 keep-alive connections; both together',
  bar: 'CPU per request at most 1.3 × the pair of HAProxys, at most 0.4 × the pair of Envoys as sidecars',
  reference: REFERENCE,
  columns: REQUEST_COLUMNS,
  contestants(bench) {
    const contestants = bench.contestants({ ...HTTP, upstream: BETWEEN }, async (start) => {
      const to = await startHttpUpstream(bench, 130)
      const behind = await start({ to, downstream: BETWEEN, upstream: PLAIN_1 })
      const front = await start({ to: behind.port })
      return measureHttp(bench, inSeries(front, behind), 64)
    })
    return lacking(contestants, httpUpstreamMissing(), wrkMissing(), certificatesMissing())
  },
}
