import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  boltChain,
  bootstrap,
  cluster,
  deadPort,
  everyCall,
  listener,
  loadOptions,
  runLoad,
  startBoltEcho,
} from '@tulle/testkit'
import { newProtocol } from '../../packages/cli/src/commands/new-protocol.ts'
import { cpuTicks, processTree, TICKS_PER_SECOND } from '../measure/proc.ts'

/*
 * What one more protocol known to the process costs: the same proxy with none and with eight packages of protocols, each
 * made by `tulle new protocol`. How long it takes to be ready, from when it is started, and how much of that time it
 * works; then what a Bolt call costs it at 4 × 64, on a port whose clients are told by their first bytes.
 *
 *   sh bin/node bench/micro/protocol-packages.ts [ROUNDS]
 *
 * Rounds alternate. Where other work shares the machine, the least says more than the median. Bar: 3 ms for each, and
 * nothing for a call.
 */

const PACKAGES = 8
const ROUNDS = Number(process.argv[2] ?? 15)
const SECONDS = 2
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'tulle-bench-'))
const echo = await startBoltEcho()
const port = await deadPort()
try {
  await main()
} finally {
  await echo.close()
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  const names = Array.from({ length: PACKAGES }, (_, i) => `extra-${i}`)
  for (const name of names) await newProtocol.run(name, { in: folder })
  const none = configOf([])
  const many = configOf(names.map((name) => `./tulle-protocol-${name}`))
  const starts = {
    none: [] as number[],
    many: [] as number[],
    noneCpu: [] as number[],
    manyCpu: [] as number[],
  }
  // The first of each compiles; what counts is a start from compiled code, as in every start but a machine's first.
  for (const file of [none, many]) await stopped((await started(file)).child)
  for (let round = 0; round < ROUNDS; round++)
    for (const [file, times, cpu] of [
      [none, starts.none, starts.noneCpu],
      [many, starts.many, starts.manyCpu],
    ] as const) {
      const { child, readyMs, cpuMs } = await started(file)
      times.push(readyMs)
      cpu.push(cpuMs)
      await stopped(child)
    }
  say('ready after', starts.none, starts.many, 'ms')
  say('of that at work', starts.noneCpu, starts.manyCpu, 'ms')
  const calls = { none: [] as number[], many: [] as number[] }
  for (let round = 0; round < 3; round++) {
    calls.none.push(await costOf(none))
    calls.many.push(await costOf(many))
  }
  console.log(
    `a call: ${median(calls.none).toFixed(2)} µs without, ${median(calls.many).toFixed(2)} µs with ${PACKAGES} packages`,
  )
}

function configOf(protocol_packages: readonly string[]): string {
  const chain = boltChain([everyCall('echo')], { protocol: undefined })
  const file = join(folder, `with-${protocol_packages.length}.json`)
  const text = bootstrap([listener('calls', [chain], { port })], [cluster('echo', [echo.port])], {
    protocol_packages,
  })
  writeFileSync(file, text)
  return file
}

async function started(
  file: string,
): Promise<{ child: ChildProcess; readyMs: number; cpuMs: number }> {
  const begun = performance.now()
  const main = join(ROOT, 'packages/cli/src/main.ts')
  const child = spawn(
    'sh',
    [join(ROOT, 'bin/node'), main, 'proxy', '-c', file, '--drain-time-s', '0'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr!.on('data', (chunk) => {
      said += chunk
      if (said.includes('"msg":"ready"')) resolve()
    })
    child.once('close', () => reject(new Error(said)))
  })
  const readyMs = performance.now() - begun
  return { child, readyMs, cpuMs: cpuMs(child) }
}

/** Microseconds of processor time for a call. */
async function costOf(file: string): Promise<number> {
  const { child } = await started(file)
  const options = loadOptions({ protocol: 'bolt', port, connections: 4, inFlight: 64 })
  await runLoad(options, { warmupSeconds: 0, seconds: SECONDS })
  const before = cpuMs(child)
  const { answered } = await runLoad(options, { warmupSeconds: 0, seconds: SECONDS })
  const spent = cpuMs(child) - before
  await stopped(child)
  return (spent * 1000) / answered
}

function cpuMs(child: ChildProcess): number {
  const { user, system } = cpuTicks(processTree(child.pid!))
  return ((user + system) * 1000) / TICKS_PER_SECOND
}

/** As told, not by force: compiled code is kept for the next start when a process ends by itself. */
function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}

function say(what: string, none: readonly number[], many: readonly number[], unit: string): void {
  for (const [word, of] of [
    ['median', median],
    ['least', least],
  ] as const) {
    const [a, b] = [of(none), of(many)]
    const each = ((b - a) / PACKAGES).toFixed(2)
    console.log(
      `${what}, ${word}: ${a.toFixed(1)} ${unit} without, ${b.toFixed(1)} with ${PACKAGES} packages: ${each} ${unit} each`,
    )
  }
}

function least(values: readonly number[]): number {
  return Math.min(...values)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
