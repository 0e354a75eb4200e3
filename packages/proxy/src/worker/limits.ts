import { readFileSync } from 'node:fs'

/** Descriptors kept for listeners, logs, admin and files. */
const RESERVED = 64

/** How many connections this process may have, as far as its file descriptors go; unlimited where the system does not say. */
export function maxConnections(): number {
  const limit = descriptorLimit()
  return limit === null ? Number.POSITIVE_INFINITY : Math.max(16, limit - RESERVED)
}

/** The soft limit on open files; Node has raised it to the hard one when it started. */
function descriptorLimit(): number | null {
  try {
    const line = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+(\d+)/m)
    return line === null ? null : Number(line[1])
  } catch {
    // Not Linux: the system refuses by itself.
    return null
  }
}
