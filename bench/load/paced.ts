import type { Bench, RunningProxy } from '../bench.ts'
import { freePort } from '../measure/network.ts'
import { compiled } from './compiled.ts'

/** What the load generators for HTTP counted. */
export interface PacedResult {
  readonly answered: number
  readonly failed: number
  readonly rps: number
  readonly p50: number
  readonly p99: number
  /** How far behind its clock the generator was when it began a call, in milliseconds. */
  readonly late99: number
}

/** How calls over HTTP/2 are made. */
export interface Http2Calls {
  readonly connections: number
  readonly inFlight: number
  /** Calls a second begun by the clock; 0 begins one when another ends. */
  readonly rate: number
  /** Whether every request has a path and a cookie that were never sent before. */
  readonly fresh: boolean
}

const HTTP2_HEADERS = ['http2.h', 'wire.h']
const LOAD_HEADERS = [...HTTP2_HEADERS, 'hpack.h', 'pace.h']

/** Calls over HTTP/2 without TLS. */
export function http2Calls(
  bench: Bench,
  { port, host }: RunningProxy,
  { connections, inFlight, rate, fresh }: Http2Calls,
  seconds: number,
): Promise<PacedResult> {
  const kind = fresh ? 'fresh' : 'same'
  const argv = [port, host, connections, inFlight, seconds, rate, kind].map(String)
  return run(bench, [compiled('http2load', LOAD_HEADERS), ...argv], seconds)
}

/** Calls over HTTP/1.1, begun by the clock. */
export function http1Calls(
  bench: Bench,
  { port, host }: RunningProxy,
  connections: number,
  rate: number,
  seconds: number,
): Promise<PacedResult> {
  const argv = [port, host, connections, seconds, rate].map(String)
  return run(bench, [compiled('http1load', ['wire.h', 'pace.h']), ...argv], seconds)
}

/** Starts an upstream that answers every path over HTTP/2 and costs less than nghttpd; its port. */
export async function startLightUpstream(bench: Bench): Promise<number> {
  const port = await freePort()
  await bench.startUpstream(port, [compiled('http2up', HTTP2_HEADERS), `${port}`])
  return port
}

async function run(bench: Bench, argv: string[], seconds: number): Promise<PacedResult> {
  const result = JSON.parse(await bench.load(argv, (seconds + 15) * 1000)) as PacedResult
  const { answered, failed } = result
  if (failed > 0) throw new Error(`${failed} of ${answered + failed} calls failed`)
  return result
}
