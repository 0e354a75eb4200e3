/** One target of `fuzz.ts` in a thread of its own, so that an endless loop can be seen and stopped from outside. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@tulle/core'
import type { Progress } from './fuzz-progress.ts'
import { record } from './fuzz-progress.ts'
import { type FuzzBounds, fuzz } from './fuzz-run.ts'
import { targets } from './fuzz-targets.ts'

const { name, bounds, progress } = workerData as {
  name: string
  bounds: FuzzBounds
  progress: Progress
}
const target = targets.find((one) => one.name === name)!
parentPort!.postMessage(await fuzz(target, bounds, systemClock, (bytes) => record(progress, bytes)))
