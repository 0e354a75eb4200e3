import { setTimeout as sleep } from 'node:timers/promises'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { wrkMissing } from '../load/wrk.ts'
import { HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp } from './requests.ts'

const SETTLE_MS = 1000

/** The same proxy with next to no configuration and with much: what a cluster costs, and whether a request feels it. */
export const scale: Work = {
  name: 'scale',
  title: 'at rest, with 1 000 and with 10 000 clusters and routes',
  bar: 'RSS at most 85 MB, + 10 and + 80; ready within 0.6 and 1.5 s; CPU per request within 5 %',
  reference: REFERENCE,
  columns: [
    { key: 'rss', label: 'RSS MB at rest', digits: 1, relation: null },
    { key: 'rise1', label: '+ MB with 1 000', digits: 1, relation: null },
    { key: 'rise10', label: '+ MB with 10 000', digits: 1, relation: null },
    { key: 'ready', label: 'ready ms', digits: 0, relation: null },
    { key: 'ready1', label: 'with 1 000', digits: 0, relation: null },
    { key: 'ready10', label: 'with 10 000', digits: 0, relation: null },
    { key: 'cpu', label: 'CPU µs/request', digits: 2, relation: 'ratio' },
    { key: 'cpu1', label: '× with 1 000', digits: 3, relation: null },
    { key: 'cpu10', label: '× with 10 000', digits: 3, relation: null },
  ],
  contestants(bench) {
    const contestants = bench.contestants(HTTP, async (start) => {
      const upstream = await startHttpUpstream(bench, 130)
      const one = async (extraClusters: number): Promise<Figures> => {
        const proxy = await start({ to: upstream, extraClusters })
        await sleep(SETTLE_MS)
        const rss = proxy.rssMb()
        const { cpu } = await measureHttp(bench, proxy, 64)
        await Promise.all(proxy.children.map((it) => bench.children.stop(it)))
        return { rss, cpu: cpu!, ready: proxy.readyMs }
      }
      return together(await one(0), await one(1000), await one(10_000))
    })
    return lacking(contestants, httpUpstreamMissing(), wrkMissing())
  },
}

function together(none: Figures, some: Figures, many: Figures): Figures {
  return {
    rss: none.rss!,
    rise1: some.rss! - none.rss!,
    rise10: many.rss! - none.rss!,
    ready: none.ready!,
    ready1: some.ready!,
    ready10: many.ready!,
    cpu: none.cpu!,
    cpu1: some.cpu! / none.cpu!,
    cpu10: many.cpu! / none.cpu!,
  }
}
