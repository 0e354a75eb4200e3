import type { Bench, RunningProxy } from '../bench.ts'
import type { Call } from '../load/calls/call.ts'
import type { H2loadResult, H2loadRun } from '../load/h2load.ts'
import { h2load } from '../load/h2load.ts'
import type { RpcResult } from '../load/rpc.ts'
import { rpcLoad } from '../load/rpc.ts'
import type { WrkResult } from '../load/wrk.ts'
import { wrk } from '../load/wrk.ts'
import type { Figures } from '../work.ts'

/** Warms a proxy up over HTTP/1.1, then measures it; a script says what is asked where that is no plain GET. */
export async function measureHttp(
  bench: Bench,
  proxy: RunningProxy,
  connections: number,
  script: string | null = null,
): Promise<Figures> {
  await wrk(bench, proxy, connections, bench.options.warmupSeconds, script)
  let result: WrkResult | null = null
  const usage = await bench.during(proxy, async () => {
    result = await wrk(bench, proxy, connections, bench.options.seconds, script)
  })
  const { requests, errors, rps, p50Ms, p99Ms } = result!
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`)
  return { ...perRequest(usage, requests), rps, p50: p50Ms, p99: p99Ms, rss: proxy.rssMb() }
}

/** Warms a proxy up over HTTP/2, then measures it. */
export async function measureHttp2(
  bench: Bench,
  proxy: RunningProxy,
  run: H2loadRun,
): Promise<Figures> {
  await h2load(bench, proxy, run, bench.options.warmupSeconds)
  let result: H2loadResult | null = null
  const usage = await bench.during(proxy, async () => {
    result = await h2load(bench, proxy, run, bench.options.seconds)
  })
  const { requests, errors, rps, meanMs } = result!
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`)
  return { ...perRequest(usage, requests), rps, mean: meanMs, rss: proxy.rssMb() }
}

/** Warms a proxy up with calls of RPC, then measures it. */
export async function measureRpc(
  bench: Bench,
  proxy: RunningProxy,
  call: Call,
  { connections, inFlight }: RpcShape,
): Promise<Figures> {
  const run = (seconds: number): Promise<RpcResult> =>
    rpcLoad(bench, proxy.port, call, connections, inFlight, seconds)
  await run(bench.options.warmupSeconds)
  let result: RpcResult | null = null
  const usage = await bench.during(proxy, async () => {
    result = await run(bench.options.seconds)
  })
  const { answered, failed, rps, p50, p99 } = result!
  if (failed > 0) throw new Error(`${failed} of ${answered + failed} calls failed`)
  return { ...perRequest(usage, answered), rps, p50, p99, rss: proxy.rssMb() }
}

/** How many calls are under way at once. */
export interface RpcShape {
  readonly connections: number
  readonly inFlight: number
}

/** Processor time shared out among so many. */
export function perRequest(
  usage: { readonly userUs: number; readonly systemUs: number },
  requests: number,
): Figures {
  const user = usage.userUs / requests
  const system = usage.systemUs / requests
  return { cpu: user + system, user, system }
}
