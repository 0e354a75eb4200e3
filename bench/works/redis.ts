import { join } from 'node:path'
import type { LoadReport } from '@tulle/testkit'
import type { Bench, RunningProxy } from '../bench.ts'
import { generate } from '../load/generator.ts'
import { freePort } from '../measure/network.ts'
import { REDIS, REDIS_KEY } from '../peer.ts'
import { redisRelay } from '../peers/redis-relay.ts'
import type { Figures, Work } from '../work.ts'
import { REQUEST_COLUMNS } from '../work.ts'
import { perRequest } from './requests.ts'

const CONNECTIONS = 8
const PIPELINE = 16

/** GET of one key by clients that keep their pipelines full, over one connection to the host. */
export const redisPipelined: Work = {
  name: 'redis-pipelined',
  title: `Redis, ${CONNECTIONS} connections × ${PIPELINE} pipelined`,
  bar: 'CPU per command at most 0.5 × a plain Node relay that parses with a library',
  reference: redisRelay.name,
  columns: REQUEST_COLUMNS,
  contestants: (bench) =>
    bench.contestants(REDIS, async (start) => {
      const proxy = await start({ to: await startRedisUpstream(bench) })
      return measureRedis(bench, proxy)
    }),
}

/** Starts an upstream that answers every command with 100 bytes; its port. */
async function startRedisUpstream(bench: Bench): Promise<number> {
  const port = await freePort()
  const folder = join(bench.checkout, 'packages', 'testkit', 'src', 'load')
  const argv = [process.execPath, join(folder, 'redis-echo-main.ts'), String(port)]
  await bench.startUpstream(port, argv)
  return port
}

/** Warms a proxy up, then measures it. */
async function measureRedis(bench: Bench, proxy: RunningProxy): Promise<Figures> {
  const run = (seconds: number): Promise<LoadReport> =>
    generate(bench, {
      protocol: 'redis',
      port: proxy.port,
      connections: CONNECTIONS,
      inFlight: PIPELINE,
      service: REDIS_KEY,
      warmupSeconds: 0,
      seconds,
    })
  await run(bench.options.warmupSeconds)
  let report: LoadReport | null = null
  const usage = await bench.during(proxy, async () => {
    report = await run(bench.options.seconds)
  })
  const { answered, failed, rps, latencyMs } = report!
  if (failed > 0) throw new Error(`${failed} of ${answered + failed} commands failed`)
  const { p50, p99 } = latencyMs
  return { ...perRequest(usage, answered), rps, p50, p99, rss: proxy.rssMb() }
}
