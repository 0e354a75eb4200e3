import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '@tulle/core'
import { Dice, troublesome } from './mutate.ts'
import { seededRandom } from './seeded-random.ts'

/** Something that reads bytes from strangers. */
export interface FuzzTarget {
  readonly name: string
  /** Good input, to be spoilt. */
  readonly samples: readonly Buffer[]
  /** Reads the bytes and checks what came of them, throwing when it is wrong; returns how many messages it found. */
  feed(bytes: Buffer, dice: Dice): number
}

export interface FuzzBounds {
  readonly cases: number
  readonly seconds: number
  readonly seed: number
}

/** What came of fuzzing one target. */
export interface FuzzReport {
  readonly name: string
  readonly cases: number
  /** Messages read: random input that never gets past the first check would test nothing. */
  readonly messages: number
  readonly seconds: number
  /** The input that broke it, in hexadecimal, and how; null when none did. */
  readonly finding: { readonly hex: string; readonly error: unknown } | null
}

/** The clock is read, and the event loop turns, once in so many cases. */
const CASES_PER_LOOK = 256

/**
 * Feeds a target until a bound is reached or something is found. The same seed gives the same input. `onCase` hears
 * every input before the target does.
 */
export async function fuzz(
  target: FuzzTarget,
  bounds: FuzzBounds,
  clock: Clock,
  onCase: (bytes: Buffer) => void = () => {},
): Promise<FuzzReport> {
  const dice = new Dice(seededRandom(bounds.seed))
  const begun = clock.now()
  const until = begun + bounds.seconds * 1000
  let messages = 0
  let cases = 0
  let finding: FuzzReport['finding'] = null
  while (cases < bounds.cases && finding === null) {
    if (cases % CASES_PER_LOOK === 0) {
      if (clock.now() >= until) break
      await nextTurn()
    }
    const bytes = troublesome(dice, target.samples)
    cases++
    onCase(bytes)
    try {
      messages += target.feed(Buffer.from(bytes), dice)
    } catch (error) {
      finding = { hex: bytes.toString('hex'), error }
    }
  }
  return { name: target.name, cases, messages, seconds: (clock.now() - begun) / 1000, finding }
}
