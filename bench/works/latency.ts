import type { Bench } from '../bench.ts'
import { generate } from '../load/generator.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { HTTP, hostOf } from '../peer.ts'
import type { Column, Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'

const DIRECT = 'direct'
const RATE = 1000
const CONNECTIONS = 16

const COLUMNS: readonly Column[] = [
  { key: 'p50', label: 'p50 ms', digits: 3, relation: 'difference' },
  { key: 'p90', label: 'p90 ms', digits: 3, relation: 'difference' },
  { key: 'p99', label: 'p99 ms', digits: 3, relation: 'difference' },
  { key: 'p999', label: 'p99.9 ms', digits: 3, relation: null },
  { key: 'late', label: 'generator late by, ms', digits: 2, relation: null },
]

/** Far below what anybody can carry, begun by the clock: what a proxy adds to a call when it has time. */
export const latency: Work = {
  name: 'latency',
  title: 'added latency at 1 000 rps, 1 KB',
  bar: 'p50 below 0.2 ms and p99 below 1 ms above direct',
  reference: DIRECT,
  columns: COLUMNS,
  contestants(bench) {
    const direct = {
      name: DIRECT,
      missing: null,
      run: async () => {
        const port = await startHttpUpstream(bench, 1024)
        return measure(bench, port, hostOf({ extraClusters: 0 }))
      },
    }
    const through = bench.contestants(HTTP, async (start) => {
      const proxy = await start({ to: await startHttpUpstream(bench, 1024) })
      let figures: Figures = {}
      await bench.during(proxy, async () => {
        figures = await measure(bench, proxy.port, proxy.host)
      })
      return figures
    })
    return lacking([direct, ...through], httpUpstreamMissing())
  },
}

async function measure(bench: Bench, port: number, host: string): Promise<Figures> {
  const report = await steady(bench, port, host)
  const { p50, p90, p99, p999 } = report.latencyMs
  return { p50, p90, p99, p999, late: report.lateMsMax }
}

/** A thousand requests a second, none of which may fail. */
export async function steady(
  bench: Bench,
  port: number,
  host: string,
): ReturnType<typeof generate> {
  const { seconds, warmupSeconds } = bench.options
  const report = await generate(bench, {
    protocol: 'http',
    port,
    service: host,
    connections: CONNECTIONS,
    ratePerSecond: RATE,
    seconds,
    warmupSeconds,
  })
  if (report.failed > 0) throw new Error(`failed: ${JSON.stringify(report.failures)}`)
  return report
}
