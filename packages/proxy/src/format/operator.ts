import type { Depth } from '../protocol.ts'
import type { Stream } from '../stream.ts'

/** What an operator finds out about a stream; null when there is no such thing. */
export type Read = (stream: Stream) => string | number | null

/** Takes what is wrong with the template. */
export type Say = (what: string) => void

/** One of the words that may stand between percent signs. */
export interface Operator {
  /** What it tells, for people. */
  readonly help: string
  /** What its brackets hold, as documentation shows it; empty for an operator without brackets. */
  readonly argument: string
  /** Whether `argument` must be given. */
  readonly required: boolean
  /** How deep it reads messages; left out, it looks at none. */
  readonly reads?: Depth
  compile(argument: string, say: Say): Read
}

/** An operator without brackets. */
export function plain(help: string, read: Read, reads?: Depth): Operator {
  const operator = { help, argument: '', required: false, compile: () => read }
  return reads === undefined ? operator : { ...operator, reads }
}

/** An empty text is none. */
export function filled(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value
}
