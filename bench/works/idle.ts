import type { Bench, RunningProxy } from '../bench.ts'
import { openIdle } from '../load/idle.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'
import { steady } from './latency.ts'

const CONNECTIONS = 10_000

/** Connections that made one request and then wait, beside a thousand requests a second. */
export const idle: Work = {
  name: 'idle',
  title: '10 000 idle connections with 1 000 rps beside them',
  bar: 'at most 6 KB of RSS each, p99 of the others at most twice what it was',
  reference: REFERENCE,
  columns: [
    { key: 'kb', label: 'KB/connection', digits: 2, relation: null },
    { key: 'p99without', label: 'p99 ms without', digits: 3, relation: null },
    { key: 'p99with', label: 'p99 ms with', digits: 3, relation: null },
    { key: 'factor', label: 'p99 with/without', digits: 2, relation: null },
    { key: 'rss', label: 'RSS MB', digits: 1, relation: null },
  ],
  contestants(bench) {
    const contestants = bench.contestants(HTTP, async (start) => {
      const upstream = await startHttpUpstream(bench, 1024)
      return measure(bench, await start({ to: upstream, connections: CONNECTIONS + 200 }))
    })
    return lacking(contestants, httpUpstreamMissing())
  },
}

async function measure(bench: Bench, proxy: RunningProxy): Promise<Figures> {
  const count = bench.options.quick ? 1000 : CONNECTIONS
  const p99without = await p99(bench, proxy)
  const before = proxy.rssMb()
  await openIdle(bench, proxy, count, 'http1')
  const rss = proxy.rssMb()
  const p99with = await p99(bench, proxy)
  return {
    kb: ((rss - before) * 1024) / count,
    p99without,
    p99with,
    factor: p99with / p99without,
    rss,
  }
}

async function p99(bench: Bench, proxy: RunningProxy): Promise<number> {
  let value = 0
  await bench.during(proxy, async () => {
    value = (await steady(bench, proxy.port, proxy.host)).latencyMs.p99
  })
  return value
}
