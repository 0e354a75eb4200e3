import type { Contestant } from '../work.ts'

/** Contestants that cannot take part because a tool of the work is missing. */
export function lacking(
  contestants: readonly Contestant[],
  ...reasons: readonly (string | null)[]
): Contestant[] {
  const reason = reasons.find((it) => it !== null) ?? null
  return contestants.map((it) => ({ ...it, missing: it.missing ?? reason }))
}
