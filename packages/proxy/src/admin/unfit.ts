import { Unfit } from '../health.ts'

const REASONS: readonly (readonly [bit: number, reason: string])[] = [
  [Unfit.Check, 'failed health check'],
  [Unfit.Outlier, 'ejected as outlier'],
  [Unfit.Registry, 'marked down by registry'],
]

/** The bits of `Unfit` in words for people. */
export function unfitReasons(bits: number): string[] {
  return REASONS.filter(([bit]) => (bits & bit) !== 0).map(([, reason]) => reason)
}
