import type { Bench, RunningProxy } from '../bench.ts'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'

/** What wrk counted. */
export interface WrkResult {
  readonly requests: number
  /** Answers other than 2xx and 3xx, and failures of sockets. */
  readonly errors: number
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export function findWrk(): Found {
  return find('wrk', 'Debian package wrk')
}

/** Runs wrk against a proxy, one thread. */
export async function wrk(
  bench: Bench,
  proxy: RunningProxy,
  connections: number,
  seconds: number,
): Promise<WrkResult> {
  const found = findWrk()
  if ('missing' in found) throw new Error(`wrk: ${found.missing}`)
  const argv = [found.program, '-t1', `-c${connections}`, '--latency']
  const time = `-d${Math.ceil(seconds)}s`
  const url = `http://127.0.0.1:${proxy.port}/`
  const output = await bench.load(
    [...argv, time, '-H', `Host: ${proxy.host}`, url],
    (seconds + 15) * 1000,
  )
  return parseWrk(output)
}

/** Reads the report that wrk prints. */
export function parseWrk(output: string): WrkResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0)
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    output,
  )
  const broken = (sockets?.slice(1) ?? []).reduce((sum, it) => sum + Number(it), 0)
  return {
    requests: number(/(\d+) requests in /),
    errors: broken + number(/Non-2xx or 3xx responses: (\d+)/),
    rps: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(output)),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(output)),
  }
}

function milliseconds(match: RegExpExecArray | null): number {
  if (match === null) return 0
  const unit = { us: 0.001, ms: 1, s: 1000 }[match[2] as 'us' | 'ms' | 's']
  return Number(match[1]) * unit
}
