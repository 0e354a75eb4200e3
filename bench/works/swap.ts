import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { boltCall } from '../load/calls/bolt.ts'
import { compilerMissing } from '../load/compiled.ts'
import { generate } from '../load/generator.ts'
import { watchAnswers } from '../load/probe.ts'
import { startRpcUpstream } from '../load/rpc.ts'
import { httpUpstreamMissing, startHttpUpstream } from '../load/upstream.ts'
import { freePort } from '../measure/network.ts'
import type { Plan } from '../peer.ts'
import { BOLT, HTTP } from '../peer.ts'
import { tulleCommand, tulleListener } from '../peers/tulle.ts'
import { bootstrap, cluster, GENEROUS } from '../peers/xds.ts'
import type { Contestant, Figures, Work } from '../work.ts'
import { lacking } from './lacking.ts'

const EVERY_MS = 10
const SECONDS = 30
const LOAD = { connections: 16, warmupSeconds: 0 }

/** The file is replaced over and over, each time with the routes to the other of two clusters. */
export const swap: Work = {
  name: 'swap',
  title: 'snapshot swapped 100 times a second for 30 s under load',
  bar: 'no failed call',
  reference: '',
  columns: [
    { key: 'written', label: 'files written', digits: 0, relation: null },
    { key: 'seen', label: 'changes seen in answers', digits: 0, relation: null },
    { key: 'http', label: 'HTTP calls', digits: 0, relation: null },
    { key: 'httpFailed', label: 'failed', digits: 0, relation: null },
    { key: 'bolt', label: 'Bolt calls', digits: 0, relation: null },
    { key: 'boltFailed', label: 'failed', digits: 0, relation: null },
    { key: 'p99', label: 'HTTP p99 ms', digits: 2, relation: null },
    { key: 'rise', label: 'RSS rise MB', digits: 1, relation: null },
  ],
  contestants(bench) {
    const contestants = bench.peers
      .filter(({ peer }) => peer.can(BOLT))
      .map(({ peer, found }): Contestant => {
        if ('missing' in found) return { name: peer.name, missing: found.missing, run: never }
        return { name: peer.name, missing: null, run: () => run(bench, found.program) }
      })
    return lacking(contestants, httpUpstreamMissing(), compilerMissing())
  },
}

const never = (): Promise<Figures> => Promise.reject(new Error('it is missing'))

async function run(bench: Bench, program: string): Promise<Figures> {
  const swapped = await prepare(bench)
  swapped.write(0)
  const proxy = await bench.watchProxy(tulleCommand(program, swapped.file), swapped.http)
  const rss = proxy.rssMb()
  const seconds = bench.options.quick ? 3 : SECONDS
  const watched = watchAnswers(proxy.port)
  const [written, http, bolt] = await Promise.all([
    writeFor(seconds, swapped.write),
    generate(bench, { ...LOAD, protocol: 'http', port: swapped.http.port, seconds }),
    generate(bench, { ...LOAD, ...boltCalls(swapped.bolt.port), seconds }),
  ])
  const seen = await watched.stop()
  explain({ ...http.failures, ...bolt.failures, ...seen.failures })
  return {
    written,
    seen: seen.changes,
    http: http.answered,
    httpFailed: http.failed + seen.failed,
    bolt: bolt.answered,
    boltFailed: bolt.failed,
    p99: http.latencyMs.p99,
    rise: proxy.rssMb() - rss,
  }
}

/** Two clusters for each protocol; those of HTTP answer with bodies of different length, so that a change is seen. */
async function prepare(bench: Bench): Promise<Swapped> {
  const plan = { extraClusters: 0, connections: 1024, pki: '', to: 0 }
  const http: Plan = { ...HTTP, ...plan, port: await freePort() }
  const bolt: Plan = { ...BOLT, ...plan, port: await freePort() }
  const clusters = [
    cluster('http0', await startHttpUpstream(bench, 130), GENEROUS),
    cluster('http1', await startHttpUpstream(bench, 131), GENEROUS),
    cluster('bolt0', await startRpcUpstream(bench, boltCall), GENEROUS),
    cluster('bolt1', await startRpcUpstream(bench, boltCall), GENEROUS),
  ]
  const folder = bench.newFolder('swap')
  const file = join(folder, 'tulle.yaml')
  const texts = [0, 1].map((side) => {
    const listeners = [tulleListener(http, `http${side}`), tulleListener(bolt, `bolt${side}`)]
    return JSON.stringify(bootstrap(listeners, clusters))
  })
  const write = (version: number): void => {
    writeFileSync(`${file}.new`, texts[version % 2]!)
    renameSync(`${file}.new`, file)
  }
  return { http, bolt, file, write }
}

interface Swapped {
  readonly http: Plan
  readonly bolt: Plan
  readonly file: string
  /** Puts the next version in the place of the file. */
  write(version: number): void
}

async function writeFor(seconds: number, write: (version: number) => void): Promise<number> {
  const begun = performance.now()
  let version = 1
  while (performance.now() - begun < seconds * 1000) {
    write(version++)
    const next = begun + version * EVERY_MS
    await sleep(Math.max(0, next - performance.now()))
  }
  return version - 1
}

function boltCalls(port: number): { protocol: 'bolt'; port: number; service: string; inFlight: 4 } {
  return { protocol: 'bolt', port, service: boltCall.service, inFlight: 4 }
}

function explain(failures: Readonly<Record<string, number>>): void {
  if (Object.keys(failures).length > 0) {
    process.stderr.write(`  failures by kind: ${JSON.stringify(failures)}\n`)
  }
}
