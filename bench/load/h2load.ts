import type { Bench, RunningProxy } from '../bench.ts'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'
import { milliseconds } from './milliseconds.ts'

/** What h2load counted. */
export interface H2loadResult {
  readonly requests: number
  /** Everything but answers 2xx. */
  readonly errors: number
  readonly rps: number
  /** The middle is not told; the mean is. */
  readonly meanMs: number
  readonly seconds: number
}

/** How h2load is run. */
export interface H2loadRun {
  readonly connections: number
  readonly inFlight: number
  readonly path: string
  /** More of its command line, such as headers and a body. */
  readonly options?: readonly string[]
}

/** Why h2load cannot make the load here, or null. */
export function h2loadMissing(): string | null {
  const found = findH2load()
  return 'missing' in found ? `h2load makes the load: ${found.missing}` : null
}

/** Runs h2load against a proxy for so long, one thread. */
export function h2load(
  bench: Bench,
  proxy: RunningProxy,
  run: H2loadRun,
  seconds: number,
): Promise<H2loadResult> {
  return call(bench, proxy, run, ['-D', `${Math.ceil(seconds)}`], (seconds + 15) * 1000)
}

/** One request to its end. */
export function h2loadOnce(
  bench: Bench,
  proxy: RunningProxy,
  run: Omit<H2loadRun, 'connections' | 'inFlight'>,
  limitMs: number,
): Promise<H2loadResult> {
  return call(bench, proxy, { ...run, connections: 1, inFlight: 1 }, ['-n', '1'], limitMs)
}

async function call(
  bench: Bench,
  proxy: RunningProxy,
  { connections, inFlight, path, options = [] }: H2loadRun,
  amount: readonly string[],
  limitMs: number,
): Promise<H2loadResult> {
  const found = findH2load()
  if ('missing' in found) throw new Error(`h2load: ${found.missing}`)
  const scheme = proxy.plan.downstream.tls === 'none' ? 'http' : 'https'
  const argv = [found.program, '-t1', `-c${connections}`, `-m${inFlight}`, ...amount]
  const host = ['-H', `:authority: ${proxy.host}`]
  const url = `${scheme}://127.0.0.1:${proxy.port}${path}`
  return parseH2load(await bench.load([...argv, ...host, ...options, url], limitMs))
}

/** Reads the report that h2load prints. */
export function parseH2load(output: string): H2loadResult {
  const finished = /finished in ([\d.]+)(us|ms|s), ([\d.]+) req\/s/.exec(output)
  const mean = /time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)/.exec(output)
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0)
  const done = number(/requests: .*? (\d+) done,/)
  const failed = number(/requests: .*? (\d+) failed,/)
  // Those that failed without an answer may not have been done.
  const good = number(/status codes: (\d+) 2xx/)
  const requests = Math.max(done, good + failed)
  return {
    requests,
    errors: requests - good,
    rps: Number(finished?.[3] ?? 0),
    meanMs: milliseconds(mean),
    seconds: milliseconds(finished) / 1000,
  }
}

function findH2load(): Found {
  return find('h2load', 'Debian package nghttp2-client')
}
