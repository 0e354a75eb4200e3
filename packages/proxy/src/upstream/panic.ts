import type { Patient } from '../health.ts'

/** A host as far as it matters here: whether it is fit, and with whom it stands in line. */
export interface Ranked extends Pick<Patient, 'unfit'> {
  /** 0 is used first. */
  readonly priority: number
}

/** The hosts that a picker may choose from. `panic`: so few of them are fit that fitness was ignored. */
export interface Eligible<H> {
  readonly hosts: readonly H[]
  readonly panic: boolean
}

/**
 * Which hosts may be picked now: the fit ones of the first priority that has enough of them, which is one at least and
 * `panicThresholdPercent` of its hosts. Where no priority has enough, the checks are more likely wrong than all the
 * hosts, and the few that are left would drown in everybody's requests: all hosts of a priority are used then, the
 * first that has a fit one, or the very first. A threshold of 0 knows no panic.
 */
export function eligible<H extends Ranked>(
  hosts: readonly H[],
  panicThresholdPercent: number,
): Eligible<H> {
  const levels = levelsOf(hosts)
  for (const level of levels) {
    const enough = (panicThresholdPercent / 100) * level.all.length
    if (level.fit.length > 0 && level.fit.length >= enough)
      return { hosts: level.fit, panic: false }
  }
  if (panicThresholdPercent === 0 || levels.length === 0) return { hosts: [], panic: false }
  const level = levels.find(({ fit }) => fit.length > 0) ?? levels[0]!
  return { hosts: level.all, panic: true }
}

interface Level<H> {
  readonly all: readonly H[]
  readonly fit: readonly H[]
}

/** By priority, the first to be used in front. */
function levelsOf<H extends Ranked>(hosts: readonly H[]): Level<H>[] {
  return [...Map.groupBy(hosts, (host) => host.priority)]
    .sort(([a], [b]) => a - b)
    .map(([, all]) => ({ all, fit: all.filter((host) => host.unfit === 0) }))
}
