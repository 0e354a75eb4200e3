import { parseArgs } from 'node:util'
import { DEFAULT_BASE, PORTS } from './places.ts'

/** What the command line asks for. */
export interface Options {
  readonly portBase: number
  /** Ends by itself after so long; null is when somebody says so. */
  readonly seconds: number | null
  readonly help: boolean
}

export const HELP = `A small shop on one machine: real processes, real calls, a sidecar beside each.

  npm start -- [options]

  --port-base N    the first of the ${PORTS} ports it uses; ${DEFAULT_BASE} when nothing is said
  --seconds N      ends after N seconds of calls, with status 1 if a call failed
  --help           this text
`

/** Reads the command line. Throws with a sentence for people. */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      'port-base': { type: 'string', default: String(DEFAULT_BASE) },
      seconds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { seconds, help } = values
  return {
    portBase: whole('--port-base', values['port-base'], 1024, 65_536 - PORTS),
    seconds: seconds === undefined ? null : whole('--seconds', seconds, 1, 86_400),
    help,
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(`${name} is a whole number from ${least} to ${most}, not "${text}"`)
}
