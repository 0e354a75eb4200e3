import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Bench } from './bench.ts'
import { find, pinSelf } from './measure/programs.ts'
import { LOAD_CORE } from './measure/window.ts'
import type { Options } from './options.ts'
import { parseOptions } from './options.ts'
import { writeJson } from './report/json.ts'
import { machine } from './report/machine.ts'
import { markdown, updateMarkdown } from './report/markdown.ts'
import { textTable } from './report/text.ts'
import type { Outcome } from './rounds.ts'
import { rounds } from './rounds.ts'
import type { Work } from './work.ts'
import { allWorks } from './works.ts'

/** Measures Tulle and every peer found on the machine: `npm run bench`, the method in `bench/README.md`. */
const options = parseOptions(process.argv.slice(2))
if (typeof options === 'string') end(options)
const works = choose(options)
const unfit = whyUnfit()
if (unfit !== null) end(unfit)

pinSelf(LOAD_CORE)
const bench = new Bench(options, join(import.meta.dirname, '..'))
process.on('exit', () => bench.dispose())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130))
}

const strangers = unknown(
  options.peers,
  bench.peers.map(({ peer }) => peer.name),
)
if (strangers !== null) end(`no peer is called ${strangers}`)

const facts = machine(bench)
say(facts.join('\n'))
for (const { peer, found } of bench.peers) {
  if ('missing' in found) say(`missing: ${peer.name} (${found.missing})`)
}

const outcomes: Outcome[] = []
for (const work of works) {
  const outcome = await rounds(work, bench, progress)
  outcomes.push(outcome)
  say(`\n${textTable(outcome)}\n`)
  // Written after each work, so that an end half-way loses nothing.
  if (options.json !== null) writeJson(options.json, outcomes, facts)
}
if (options.markdown !== null) updateMarkdown(options.markdown, markdown(outcomes, facts))
process.exitCode = outcomes.some(({ rows }) => rows.some((row) => row.failed !== null)) ? 1 : 0

function choose({ only }: Options): Work[] {
  const names = allWorks.map((work) => work.name)
  const strange = unknown(only, names)
  if (strange !== null) end(`no work is called ${strange}; there are ${names.join(', ')}`)
  return allWorks.filter((work) => only.length === 0 || only.includes(work.name))
}

function unknown(wanted: readonly string[], known: readonly string[]): string | null {
  return wanted.find((name) => !known.includes(name)) ?? null
}

/** Processor time and cores are read and set in Linux's ways. */
function whyUnfit(): string | null {
  if (process.platform !== 'linux')
    return 'the bench needs Linux: it reads /proc and pins processes'
  if (availableParallelism() < 2)
    return 'the bench needs two cores: one for the proxy, one for the load'
  const taskset = find('taskset', 'Debian package util-linux')
  return 'missing' in taskset ? `the bench pins processes with taskset: ${taskset.missing}` : null
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

function end(text: string): never {
  process.stderr.write(`${text}\n`)
  process.exit(2)
}
