import { parseArgs } from 'node:util'

/** What somebody asked of `npm run bench`. */
export interface Options {
  /** Names of works; empty is all. */
  readonly only: readonly string[]
  /** Names of peers; empty is all. */
  readonly peers: readonly string[]
  readonly rounds: number
  /** How long one measurement takes. */
  readonly seconds: number
  readonly warmupSeconds: number
  /** Small sizes and one round: whether everything works, not how fast it is. */
  readonly quick: boolean
  readonly json: string | null
  readonly markdown: string | null
  /** Another checkout of Tulle, to see what a change did. */
  readonly against: string | null
}

export const USAGE = `npm run bench -- [options]

  --only NAME        only this work; may be repeated
  --peers NAME,NAME  only these proxies
  --rounds N         how often each proxy has its turn, 3 by default
  --seconds S        how long each measurement takes, 5 by default
  --quick            one short round of small sizes: does everything work?
  --json FILE        the figures of every run
  --markdown FILE    puts the table between the markers in this file
  --against DIR      measures another checkout of Tulle beside this one
`

/** Reads the command line; a sentence when it cannot be understood. */
export function parseOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        peers: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        markdown: { type: 'string' },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return USAGE
    const { quick } = values
    return {
      only: words(values.only),
      peers: words(values.peers),
      rounds: positive('rounds', values.rounds, quick ? 1 : 3),
      seconds: positive('seconds', values.seconds, quick ? 1 : 5),
      warmupSeconds: quick ? 0.5 : 2,
      quick,
      json: values.json ?? null,
      markdown: values.markdown ?? null,
      against: values.against ?? null,
    }
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`
  }
}

function words(given: readonly string[]): string[] {
  return given.flatMap((it) => it.split(',')).filter((it) => it !== '')
}

function positive(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} wants a number above 0, not "${given}"`)
}
