import type { Bench } from '../bench.ts'
import { compiled } from './compiled.ts'

/** What the Bolt load generator counted. */
export interface BoltResult {
  readonly answered: number
  readonly failed: number
  readonly rps: number
  readonly p50: number
  readonly p99: number
}

/** Runs the load generator. */
export async function boltLoad(
  bench: Bench,
  port: number,
  connections: number,
  inFlight: number,
  seconds: number,
): Promise<BoltResult> {
  const numbers = [port, connections, inFlight, seconds].map(String)
  const output = await bench.load([build('boltload'), ...numbers], (seconds + 15) * 1000)
  return JSON.parse(output) as BoltResult
}

/** The command of an upstream that answers every request with 100 bytes. */
export function boltUpstream(port: number): string[] {
  return [build('boltup'), String(port)]
}

function build(tool: string): string {
  return compiled(tool, ['bolt.h'])
}
