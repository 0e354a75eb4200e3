import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import type { Usage } from './measure/window.ts'
import type { Contestant, Figures, Work } from './work.ts'

/** How often a run that other work disturbed is thrown away before it is taken as it is. */
const REPEATS = 4
/** Other work may have ended by then. */
const PATIENCE_MS = 2000

/** One run as it was taken. */
export interface Run {
  readonly round: number
  readonly figures: Figures
  /** It stayed disturbed in every repetition; its figures are too dear. */
  readonly disturbed: boolean
}

/** A contestant's runs, one a round. */
export interface Row {
  readonly name: string
  readonly missing: string | null
  readonly runs: readonly Run[]
  /** Why it stopped taking part, null when it did not. */
  readonly failed: string | null
}

/** What came out of a work. */
export interface Outcome {
  readonly work: Work
  readonly rows: readonly Row[]
}

/** Lets the contestants of a work take turns, A B C A B C, so that slow changes of the machine meet all of them. */
export async function rounds(
  work: Work,
  bench: Bench,
  say: (line: string) => void,
): Promise<Outcome> {
  const contestants = work.contestants(bench)
  const rows = contestants.map(({ name, missing }) => ({
    name,
    missing,
    runs: [] as Run[],
    failed: null as string | null,
  }))
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const row = rows[index]!
      if (row.missing !== null || row.failed !== null) continue
      say(`${work.name}: round ${round + 1} of ${bench.options.rounds}, ${contestant.name}`)
      try {
        row.runs.push({ round, ...(await undisturbed(contestant, bench, say)) })
      } catch (error) {
        row.failed = (error as Error).message
        say(`  failed: ${row.failed}`)
      }
    }
  }
  return { work, rows }
}

async function undisturbed(
  contestant: Contestant,
  bench: Bench,
  say: (line: string) => void,
): Promise<Omit<Run, 'round'>> {
  for (let left = bench.options.quick ? 0 : REPEATS; ; left--) {
    const { figures, disturbances } = await once(contestant, bench)
    if (disturbances.length === 0) return { figures, disturbed: false }
    if (left === 0) return { figures, disturbed: true }
    say(`  thrown away: other work took ${disturbances.map(describe).join('; ')}`)
    await sleep(PATIENCE_MS)
  }
}

async function once(
  contestant: Contestant,
  bench: Bench,
): Promise<{ figures: Figures; disturbances: Usage[] }> {
  bench.takeDisturbances()
  try {
    const figures = await contestant.run()
    return { figures, disturbances: bench.takeDisturbances() }
  } finally {
    await bench.stopAll()
  }
}

function describe({ others }: Usage): string {
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
  return `${percent(others.proxyCore)} of the proxy's core, ${percent(others.loadCore)} of the load's`
}
