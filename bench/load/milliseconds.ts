const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

/** A time as load tools print it, cut out by a pattern with a group for the number and one for the unit. */
export function milliseconds(match: RegExpExecArray | null): number {
  if (match === null) return Number.NaN
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN)
}
