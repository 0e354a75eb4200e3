/** A moment of UTC: the date for its fields, and milliseconds since the epoch with their fraction. */
type Write = (date: Date, ms: number) => string

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAY_MS = 86_400_000

/** Conversions of strftime, all in UTC. `%f` is apart: it takes a number of digits. */
const CONVERSIONS: Readonly<Record<string, Write>> = {
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  b: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  h: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()]!,
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()]!,
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  R: (date) => date.toISOString().slice(11, 16),
  s: (_date, ms) => String(Math.floor(ms / 1000)),
  z: () => '+0000',
  Z: () => 'UTC',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
}

/** `2026-11-22T10:00:00.000Z` */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Compiles a format of strftime: `%Y/%m/%d %H:%M:%S.%3f`. Conversions nobody knows go to `say`. */
export function compileTime(format: string, say: (what: string) => void): (ms: number) => string {
  const writes: (string | Write)[] = []
  for (const [piece, digits, letter] of format.matchAll(/%([1-9]?)(.?)|[^%]+/gs)) {
    if (letter === undefined) writes.push(piece)
    else if (letter === 'f') writes.push(fraction(Number(digits || 9)))
    else if (digits === '' && Object.hasOwn(CONVERSIONS, letter)) writes.push(CONVERSIONS[letter]!)
    else say(`"${piece}" is not known; known: ${known()}`)
  }
  return (ms) => {
    const date = new Date(ms)
    let out = ''
    for (const write of writes) out += typeof write === 'string' ? write : write(date, ms)
    return out
  }
}

/** Part of a second, in so many digits. */
function fraction(digits: number): Write {
  return (_date, ms) =>
    String(Math.floor((ms - Math.floor(ms / 1000) * 1000) * 1e6))
      .padStart(9, '0')
      .slice(0, digits)
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / DAY_MS) + 1
}

function known(): string {
  return [...Object.keys(CONVERSIONS), 'f', '1f to %9f'].map((letter) => `%${letter}`).join(' ')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
