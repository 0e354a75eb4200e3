import { join } from 'node:path'
import type { LoadOptions, LoadReport } from '@tulle/testkit'
import type { Bench } from '../bench.ts'

/** How a load of the testkit's generator is run. */
export interface GeneratorRun extends Partial<LoadOptions> {
  readonly protocol: LoadOptions['protocol']
  readonly port: number
  readonly warmupSeconds: number
  readonly seconds: number
}

/** Runs the testkit's load generator in a process of its own. */
export async function generate(bench: Bench, run: GeneratorRun): Promise<LoadReport> {
  const flags: Record<string, string | number | undefined> = {
    protocol: run.protocol,
    port: run.port,
    connections: run.connections,
    'in-flight': run.inFlight,
    rate: run.ratePerSecond,
    timeout: run.timeoutMs,
    body: run.bodyBytes,
    service: run.service,
    path: run.path,
    seconds: run.seconds,
    warmup: run.warmupSeconds,
  }
  const given = Object.entries(flags).filter(([, value]) => value !== undefined)
  const main = join(bench.checkout, 'packages', 'testkit', 'src', 'load', 'main.ts')
  const argv = [
    process.execPath,
    main,
    ...given.flatMap(([name, value]) => [`--${name}`, `${value}`]),
  ]
  const limitMs = (run.warmupSeconds + run.seconds + 30) * 1000
  return JSON.parse(await bench.load(argv, limitMs)) as LoadReport
}
