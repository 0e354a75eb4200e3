import type { Stream } from '../stream.ts'

/**
 * One condition of a route that is left to try once its path or method fits. `key` is the path without query, or the
 * method; `query` is empty unless a route of the virtual host tests it; `draw` is the request's lot in [0, 1).
 */
export type Test = (stream: Stream, key: string, query: string, draw: number) => boolean

/** A route among those of its virtual host. */
export class Rule<T> {
  /** Its place in the configuration: of two that match, the lower wins. */
  readonly index: number
  readonly tests: readonly Test[]
  readonly value: T

  constructor(index: number, tests: readonly Test[], value: T) {
    this.index = index
    this.tests = tests
    this.value = value
  }

  passes(stream: Stream, key: string, query: string, draw: number): boolean {
    for (const test of this.tests) {
      if (!test(stream, key, query, draw)) return false
    }
    return true
  }
}

/** The first of `rules`, which are in order, that passes and stands before `best`; otherwise `best`. */
export function firstOf<T>(
  rules: readonly Rule<T>[],
  best: Rule<T> | null,
  stream: Stream,
  key: string,
  query: string,
  draw: number,
): Rule<T> | null {
  for (const rule of rules) {
    if (best !== null && rule.index > best.index) return best
    if (rule.passes(stream, key, query, draw)) return rule
  }
  return best
}
