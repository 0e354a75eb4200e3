import type { Bench, RunningProxy } from '../bench.ts'
import { compilerMissing } from '../load/compiled.ts'
import type { PacedResult } from '../load/paced.ts'
import { http1Calls, http2Calls, startLightUpstream } from '../load/paced.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { wrk, wrkMissing } from '../load/wrk.ts'
import type { Task } from '../peer.ts'
import { H2C, HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Column, Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'
import { perRequest } from './requests.ts'

const HTTP2 = { connections: 8, inFlight: 16, fresh: false }
const CONNECTIONS = 64
const BAR = "p99 at most 1.3 × HAProxy's"

const COLUMNS: readonly Column[] = [
  { key: 'p99', label: 'p99 ms', digits: 3, relation: 'ratio' },
  { key: 'p50', label: 'p50 ms', digits: 3, relation: null },
  { key: 'rate', label: 'rps', digits: 0, relation: null },
  { key: 'core', label: 'share of the core', digits: 2, relation: null },
  { key: 'late', label: 'generator late by (p99), ms', digits: 3, relation: null },
]

/** How long a call takes when its proxy is half busy, over HTTP/1.1. */
export const halfHttp1: Work = {
  name: 'half-http1',
  title: 'half of the load that fills the core, HTTP/1.1, 64 connections',
  bar: BAR,
  reference: REFERENCE,
  columns: COLUMNS,
  contestants: (bench) =>
    lacking(
      halfLoaded(bench, HTTP, {
        startUpstream: () => startHttpUpstream(bench, 130),
        fill: async (proxy, seconds) => (await wrk(bench, proxy, CONNECTIONS, seconds)).requests,
        pace: (proxy, rate, seconds) => http1Calls(bench, proxy, CONNECTIONS, rate, seconds),
      }),
      httpUpstreamMissing(),
      wrkMissing(),
      compilerMissing(),
    ),
}

/** The same over HTTP/2. */
export const halfHttp2: Work = {
  name: 'half-h2c',
  title: 'half of the load that fills the core, HTTP/2 without TLS, 8 connections × 16 in flight',
  bar: BAR,
  reference: REFERENCE,
  columns: COLUMNS,
  contestants: (bench) =>
    lacking(
      halfLoaded(
        bench,
        { ...H2C, sidecar: true },
        {
          startUpstream: () => startLightUpstream(bench),
          fill: async (proxy, seconds) =>
            (await http2Calls(bench, proxy, { ...HTTP2, rate: 0 }, seconds)).answered,
          pace: (proxy, rate, seconds) => http2Calls(bench, proxy, { ...HTTP2, rate }, seconds),
        },
      ),
      compilerMissing(),
    ),
}

/** The two loads of a work, and where they end. */
interface Loads {
  startUpstream(): Promise<number>
  /** As much as the proxy takes; how many were answered. */
  fill(proxy: RunningProxy, seconds: number): Promise<number>
  pace(proxy: RunningProxy, rate: number, seconds: number): Promise<PacedResult>
}

function halfLoaded(bench: Bench, task: Task, loads: Loads): ReturnType<Bench['contestants']> {
  return bench.contestants(task, async (start) =>
    measure(bench, await start({ to: await loads.startUpstream() }), loads),
  )
}

/**
 * The rate that fills the core follows from what a request costs under full load: where a proxy is cheap, its load and
 * its upstream fill their core first.
 */
async function measure(bench: Bench, proxy: RunningProxy, loads: Loads): Promise<Figures> {
  const { seconds, warmupSeconds } = bench.options
  await loads.fill(proxy, warmupSeconds)
  let filled = 0
  const full = await bench.during(proxy, async () => {
    filled = await loads.fill(proxy, seconds)
  })
  const rate = Math.round(1e6 / perRequest(full, filled).cpu! / 2)
  let result: PacedResult | null = null
  const half = await bench.during(proxy, async () => {
    result = await loads.pace(proxy, rate, seconds)
  })
  const { p50, p99, rps, late99 } = result!
  const core = (half.userUs + half.systemUs) / 1e6 / half.seconds
  return { p99, p50, rate: rps, core, late: late99 }
}
