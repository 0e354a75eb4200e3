import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, RunningProxy } from '../bench.ts'
import { LOAD_CORE } from '../measure/window.ts'

const CLIENT = join(import.meta.dirname, 'idle-client.ts')
const OPEN_LIMIT_MS = 60_000
/** Memory is looked at when what opening them left behind has been cleared away. */
const SETTLE_MS = 1500

/** Opens connections that make one request and then wait; they last until the run's processes are ended. */
export async function openIdle(
  bench: Bench,
  { port, host }: RunningProxy,
  count: number,
  kind: 'http1' | 'tls' | 'http2',
): Promise<void> {
  const argv = [process.execPath, CLIENT, `${port}`, host, `${count}`, kind]
  const child = bench.children.start(LOAD_CORE, argv)
  const begun = performance.now()
  while (!child.stdout.includes('ready')) {
    const late = performance.now() - begun > OPEN_LIMIT_MS
    if (late || !child.running) throw new Error(`${count} connections: ${child.lastWords()}`)
    await sleep(20)
  }
  await sleep(SETTLE_MS)
}
