import { join } from 'node:path'
import type { Bench, RunningProxy } from '../bench.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { certificatesMissing, SERVER_NAME } from '../measure/certificates.ts'
import { HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'
import { perRequest } from './requests.ts'

const AT_ONCE = 16
const CLIENT = join(import.meta.dirname, '..', 'load', 'handshake-client.ts')

/** Nearly all of it is arithmetic on curves; the client is as slow as the proxy, so only processor time can be compared. */
export const handshakes: Work = {
  name: 'handshakes',
  title:
    'full mutual handshakes of TLS 1.3, ECDSA P-256, none resumed, one request on each connection',
  bar: 'at least 0.85 × as many per core as HAProxy (CPU at most 1.18 ×)',
  reference: REFERENCE,
  columns: [
    { key: 'cpu', label: 'CPU µs/handshake', digits: 0, relation: 'ratio' },
    { key: 'user', label: 'user', digits: 0, relation: null },
    { key: 'system', label: 'system', digits: 0, relation: null },
    { key: 'core', label: 'handshakes/s of a full core', digits: 0, relation: 'ratio' },
    { key: 'rate', label: 'handshakes/s', digits: 0, relation: null },
    { key: 'rss', label: 'RSS MB', digits: 1, relation: null },
  ],
  contestants(bench) {
    const task = { ...HTTP, downstream: { version: 1, tls: 'mutual' } } as const
    const contestants = bench.contestants(task, async (start) =>
      measure(bench, await start({ to: await startHttpUpstream(bench, 130) })),
    )
    return lacking(contestants, httpUpstreamMissing(), certificatesMissing())
  },
}

async function measure(bench: Bench, proxy: RunningProxy): Promise<Figures> {
  await shakeHands(bench, proxy, bench.options.warmupSeconds)
  let made = { done: 0, seconds: 0 }
  const usage = await bench.during(proxy, async () => {
    made = await shakeHands(bench, proxy, bench.options.seconds)
  })
  const each = perRequest(usage, made.done)
  const rate = made.done / made.seconds
  return { ...each, core: 1e6 / each.cpu!, rate, rss: proxy.rssMb() }
}

async function shakeHands(
  bench: Bench,
  { port, host, plan }: RunningProxy,
  seconds: number,
): Promise<{ done: number; seconds: number }> {
  const given = [port, host, SERVER_NAME, plan.pki, AT_ONCE, seconds].map(String)
  const argv = [process.execPath, CLIENT, ...given]
  return JSON.parse(await bench.load(argv, (seconds + 15) * 1000))
}
