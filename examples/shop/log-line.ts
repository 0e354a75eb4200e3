/** Information that a person watching wants to see, though all is well. */
const WELCOME = new Set([
  'certificates replaced',
  'configuration applied',
  'host no longer ejected',
  'host passes its health check again',
])

/** The fields of a sidecar's log that are worth a word here. */
interface Line {
  readonly level?: string
  readonly msg?: string
  readonly host?: string
  readonly reason?: string
  readonly offence?: string
  readonly ejectionMs?: number
  readonly error?: string
  readonly what?: string
}

/** What a line of a sidecar's log says to a person; null when it is not worth the interruption. */
export function sentenceOf(text: string, nameOf: (address: string) => string): string | null {
  const line = parse(text)
  // Problems of a configuration are plain lines.
  if (line === null) return text.trimEnd() === '' ? null : text
  const { level, msg = '', host, reason, offence, ejectionMs, error, what } = line
  if (level !== 'warn' && level !== 'error' && !WELCOME.has(msg)) return null
  const why = reason ?? error ?? what ?? offence?.replaceAll('_', ' ')
  const time = ejectionMs === undefined ? '' : ` for ${ejectionMs / 1000} s`
  return `${msg}${host === undefined ? '' : `: ${nameOf(host)}`}${time}${why ? ` (${why})` : ''}`
}

function parse(text: string): Line | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text) as Line
  } catch {
    return null
  }
}
