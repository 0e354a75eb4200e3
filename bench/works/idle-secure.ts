import type { Bench } from '../bench.ts'
import { openIdle } from '../load/idle.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { certificatesMissing } from '../measure/certificates.ts'
import type { Task } from '../peer.ts'
import { HTTP, PLAIN_2 } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Column, Contestant, Work } from '../work.ts'
import { lacking } from './lacking.ts'

const CONNECTIONS = 10_000
const WARMUP = 200

const COLUMNS: readonly Column[] = [
  { key: 'kb', label: 'KB/connection', digits: 2, relation: 'ratio' },
  { key: 'rss', label: 'RSS MB', digits: 1, relation: null },
]

/** What a connection keeps of HTTP/2: its settings, its tables of headers. */
export const idleHttp2: Work = {
  name: 'idle-h2c',
  title: '10 000 idle connections, HTTP/2 without TLS, after one request each',
  bar: 'at most 10 KB of RSS each',
  reference: REFERENCE,
  columns: COLUMNS,
  contestants: (bench) =>
    lacking(idlers(bench, { ...HTTP, downstream: PLAIN_2 }, 'http2'), httpUpstreamMissing()),
}

/** What it keeps of TLS: keys, buffers, certificates. */
export const idleTls: Work = {
  name: 'idle-tls',
  title: '10 000 idle connections, HTTP/1.1 over TLS 1.3, after one request each',
  bar: 'at most 60 KB of RSS each',
  reference: REFERENCE,
  columns: COLUMNS,
  contestants: (bench) =>
    lacking(
      idlers(bench, { ...HTTP, downstream: { version: 1, tls: 'server' } }, 'tls'),
      httpUpstreamMissing(),
      certificatesMissing(),
    ),
}

/** The first connections warm the proxy up; what it grows by for them is not counted. */
function idlers(bench: Bench, task: Task, kind: 'tls' | 'http2'): Contestant[] {
  const count = bench.options.quick ? 1000 : CONNECTIONS
  return bench.contestants(task, async (start) => {
    const connections = CONNECTIONS + 2 * WARMUP
    const proxy = await start({ to: await startHttpUpstream(bench, 130), connections })
    await openIdle(bench, proxy, WARMUP, kind)
    const before = proxy.rssMb()
    await openIdle(bench, proxy, count, kind)
    const rss = proxy.rssMb()
    return { kb: ((rss - before) * 1024) / count, rss }
  })
}
