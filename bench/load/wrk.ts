import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, RunningProxy } from '../bench.ts'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'
import { milliseconds } from './milliseconds.ts'

/** What wrk counted. */
export interface WrkResult {
  readonly requests: number
  /** Answers other than 2xx and 3xx, and failures of sockets. */
  readonly errors: number
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Why wrk cannot make the load here, or null. */
export function wrkMissing(): string | null {
  const found = findWrk()
  return 'missing' in found ? `wrk makes the load: ${found.missing}` : null
}

/** Runs wrk against a proxy, one thread; what it asks where that is no plain GET is a script's (`postScript`). */
export async function wrk(
  bench: Bench,
  proxy: RunningProxy,
  connections: number,
  seconds: number,
  script: string | null = null,
): Promise<WrkResult> {
  const found = findWrk()
  if ('missing' in found) throw new Error(`wrk: ${found.missing}`)
  const argv = [found.program, '-t1', `-c${connections}`, '--latency']
  const time = `-d${Math.ceil(seconds)}s`
  const scheme = proxy.plan.downstream.tls === 'none' ? 'http' : 'https'
  const url = `${scheme}://127.0.0.1:${proxy.port}/`
  const output = await bench.load(
    [...argv, time, '-H', `Host: ${proxy.host}`, ...(script === null ? [] : ['-s', script]), url],
    (seconds + 15) * 1000,
  )
  return parseWrk(output)
}

/** A script by which wrk posts JSON; its file. */
export function postScript(bench: Bench, path: string, body: string): string {
  const file = join(bench.newFolder('script'), 'post.lua')
  const lines = [
    'wrk.method = "POST"',
    `wrk.path = "${path}"`,
    'wrk.headers["Content-Type"] = "application/json"',
    `wrk.body = [==[${body}]==]`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
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

function findWrk(): Found {
  return find('wrk', 'Debian package wrk')
}
