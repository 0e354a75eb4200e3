import type { Count } from './suite.ts'

/** A sentence about what must be so, and what finds out: it throws when it is not. */
export type Check = readonly [sentence: string, find: () => Promise<void> | void]

const PATIENCE_MS = 60_000

/** Makes the checks one after the other and says of each how it went. */
export async function makeChecks(checks: readonly Check[]): Promise<Count> {
  const tally = new Tally()
  for (const [sentence, find] of checks) {
    const begun = performance.now()
    try {
      await within(PATIENCE_MS, Promise.resolve(find()))
      tally.passed(`${sentence} (${Math.round(performance.now() - begun)} ms)`)
    } catch (error) {
      tally.failed(sentence, error instanceof Error ? error.message : String(error))
    }
  }
  return tally.count
}

/** Counts checks that somebody else makes, and says of each how it went. */
export class Tally {
  #passed = 0
  #failed = 0

  get count(): Count {
    return { passed: this.#passed, failed: this.#failed }
  }

  passed(sentence: string): void {
    this.#passed++
    console.log(`  ✓ ${sentence}`)
  }

  failed(sentence: string, why: string): void {
    this.#failed++
    console.log(`  ✗ ${sentence}\n      ${why.replaceAll('\n', '\n      ')}`)
  }
}

/** All counts as one. */
export function sum(...counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }))
}

/** The promise, or an error when it takes longer. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no end within ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Throws a sentence with both values unless they are the same. */
export function same(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted)
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
}

/** Throws unless the text has it. */
export function has(what: string, text: string, wanted: string | RegExp): void {
  const found = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
  if (!found) throw new Error(`${what} lacks ${wanted}:\n${text.slice(0, 2000)}`)
}
