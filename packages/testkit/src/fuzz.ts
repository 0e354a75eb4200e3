/**
 * `npm run fuzz`: random, spoilt and cut bytes for every protocol, with a seed that is printed so that a finding can be
 * had again. Exits with 1 when something was found.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { casesOf, inputOf, newProgress } from './fuzz-progress.ts'
import type { FuzzBounds, FuzzReport } from './fuzz-run.ts'
import { targets } from './fuzz-targets.ts'

/** A case that takes so long never ends: usual ones take microseconds. */
const STUCK_MS = 10_000

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    protocol: { type: 'string' },
  },
})
const bounds: FuzzBounds = {
  cases: numberOf('cases', values.cases),
  seconds: numberOf('seconds', values.seconds),
  seed: numberOf('seed', values.seed),
}
const names = targets.map(({ name }) => name)
const chosen = names.filter((name) => values.protocol === undefined || name === values.protocol)
if (chosen.length === 0) fail(`no protocol "${values.protocol}"; known: ${names.join(', ')}`)
console.log(`seed ${bounds.seed}, at most ${bounds.cases} cases and ${bounds.seconds} s each`)
for (const name of chosen) print(await run(name))

/** Runs a target in a thread; what hangs, or takes the thread down, is a finding like any other. */
function run(name: string): Promise<FuzzReport> {
  const { promise, resolve } = Promise.withResolvers<FuzzReport>()
  const progress = newProgress()
  const begun = performance.now()
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: { name, bounds, progress },
  })
  let last = -1
  const watch = setInterval(() => {
    const cases = casesOf(progress)
    if (cases === last) finish(new Error(`no end of this case in ${STUCK_MS} ms`))
    last = cases
  }, STUCK_MS)
  const finish = (error: unknown): void => {
    clearInterval(watch)
    const seconds = (performance.now() - begun) / 1000
    const finding = { hex: inputOf(progress), error }
    resolve({ name, cases: casesOf(progress), messages: 0, seconds, finding })
    void worker.terminate()
  }
  worker.once('error', finish)
  worker.once('message', (report: FuzzReport) => {
    clearInterval(watch)
    resolve(report)
  })
  return promise
}

function print({ name, cases, messages, seconds, finding }: FuzzReport): void {
  console.log(`${name}: ${cases} cases, ${messages} messages in them, ${seconds.toFixed(1)} s`)
  if (finding === null) return
  console.error(`${name}: case ${cases} with seed ${bounds.seed}, bytes ${finding.hex}`)
  console.error(finding.error)
  process.exitCode = 1
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value >= 0) return value
  return fail(`--${name} has to be a number of 0 or more, not "${text}"`)
}

function fail(sentence: string): never {
  console.error(`fuzz: ${sentence}`)
  process.exit(2)
}
