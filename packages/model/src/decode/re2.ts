import type { Place } from './place.ts'

/**
 * RE2 expressions, as Envoy takes them, written for the RegExp of this runtime. The two languages share their heart; what
 * RE2 writes differently (`(?P<name>`, `(?i)` at the front, `\A`, `\z`, `\Q...\E`, `[[:alpha:]]`, `\x{1F600}`, needless
 * escapes) is translated, and what it does not have (look-around, back-references) is refused, so that a file that works
 * here works there.
 */

/** A regular expression that must match a whole string. */
export function fullMatch(pattern: string, at: Place): RegExp {
  return compile(pattern, at, (source) => new RegExp(`^(?:${source})$`, 'u'))
}

/** A regular expression that finds every match within a string. */
export function everyMatch(pattern: string, at: Place): RegExp {
  return compile(pattern, at, (source) => new RegExp(source, 'gu'))
}

/** RE2's substitution (`\1`, `\0` the whole, `\\` a backslash) as the one of `String.prototype.replace`. */
export function substitution(text: string, pattern: RegExp, at: Place): string {
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('')!.length - 1
  return text.replaceAll('$', '$$$$').replaceAll(/\\(.?)/gs, (whole, next: string) => {
    if (next === '\\') return '\\'
    if (next === '0') return '$&'
    if (/\d/.test(next) && Number(next) <= groups) return `$0${next}`
    if (/\d/.test(next)) at.say(`refers to group ${whole}, but the pattern has ${groups}`)
    else at.say(`a backslash must stand before a group's number or another backslash`)
    return ''
  })
}

/** What is wrong with an expression, in a sentence that goes on after "is not a regular expression of RE2: ". */
class Wrong extends Error {}

function compile(pattern: string, at: Place, make: (source: string) => RegExp): RegExp {
  try {
    return make(translate(pattern))
  } catch (error) {
    const reason =
      error instanceof Wrong ? error.message : (error as Error).message.split(': ').at(-1)
    at.say(`is not a regular expression of RE2: ${reason}`)
    return /(?:)/
  }
}

function translate(pattern: string): string {
  let out = ''
  let rest = pattern
  // For each open group where its inside begins in `out`, and how many brackets close it.
  const groups = [{ start: 0, closers: 0 }]
  const take = (length: number, as: string) => {
    out += as
    rest = rest.slice(length)
  }
  while (rest !== '') {
    const group = groups.at(-1)!
    const flags = /^\(\?([a-zA-Z-]+)([:)])/.exec(rest)
    if (rest.startsWith('\\')) {
      const escaped = takeEscape(rest)
      take(escaped.length, escaped.as)
    } else if (rest.startsWith('[')) {
      const set = takeSet(rest)
      take(set.length, set.as)
    } else if (flags) {
      if (!/^[ims]*(-[ims]+)?$/.test(flags[1]!))
        throw new Wrong(`the flags "${flags[1]}" are not supported; use i, m and s`)
      const ahead = flags[2] === ')'
      if (ahead && out.length !== group.start)
        throw new Wrong(`"${flags[0]}" must stand at the beginning of the expression or group`)
      take(flags[0].length, `(?${flags[1]}:`)
      if (ahead) Object.assign(group, { start: out.length, closers: group.closers + 1 })
      else groups.push({ start: out.length, closers: 1 })
    } else if (rest.startsWith('(')) {
      const open = takeOpening(rest)
      take(open.length, open.as)
      groups.push({ start: out.length, closers: 1 })
    } else if (rest.startsWith(')')) {
      if (groups.length === 1) throw new Wrong('a ")" too many')
      groups.pop()
      take(1, ')'.repeat(group.closers))
    } else {
      const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest)
      if (repeat && Math.max(Number(repeat[1]), Number(repeat[2] ?? 0)) > 1000)
        throw new Wrong(`"${repeat[0]}" repeats more than 1000 times`)
      if (repeat) take(repeat[0].length, repeat[0])
      else take(1, '{}]'.includes(rest[0]!) ? `\\${rest[0]}` : rest[0]!)
    }
  }
  if (groups.length > 1) throw new Wrong('a ")" is missing')
  return out + ')'.repeat(groups[0]!.closers)
}

interface Taken {
  readonly length: number
  readonly as: string
}

function takeOpening(rest: string): Taken {
  if (/^\(\?<?[=!]/.test(rest)) throw new Wrong('RE2 has no look-ahead and no look-behind')
  if (/^\(\?P[=>]/.test(rest)) throw new Wrong('RE2 has no back-references')
  if (rest.startsWith('(?P<')) return { length: 4, as: '(?<' }
  return { length: 1, as: '(' }
}

/** Characters that this runtime wants escaped, or lets be, with a backslash. */
const SYNTAX = /^[\^$\\.*+?()[\]{}|/]/

function takeEscape(rest: string, inSet = false): Taken {
  const next = rest[1]
  if (next === undefined) throw new Wrong('it ends in a backslash')
  if (/[1-9k]/.test(next)) throw new Wrong('RE2 has no back-references')
  const literal = /^\\Q(.*?)(?:\\E|$)/s.exec(rest)
  if (literal)
    return {
      length: literal[0].length,
      as: literal[1]!.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'),
    }
  if (next === 'A' && !inSet) return { length: 2, as: '(?<![^])' }
  if (next === 'z' && !inSet) return { length: 2, as: '(?![^])' }
  if (next === 'a') return { length: 2, as: '\\x07' }
  const code = /^\\x\{([0-9a-fA-F]{1,6})\}/.exec(rest)
  if (code) return { length: code[0].length, as: `\\u{${code[1]}}` }
  const property = /^\\([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/.exec(rest)
  if (property) return { length: property[0].length, as: unicodeClass(property) }
  if (/[dDwWsSbBfnrtvx0]/.test(next) || SYNTAX.test(next)) return { length: 2, as: `\\${next}` }
  if (next === '-') return { length: 2, as: inSet ? '\\-' : '-' }
  if (/[a-zA-Z]/.test(next)) throw new Wrong(`"\\${next}" is not known`)
  return { length: 2, as: next }
}

function unicodeClass([, sign, not, long, letter]: RegExpExecArray): string {
  const name = letter ?? long!
  const negative = (sign === 'P') !== (not === '^')
  return `\\${negative ? 'P' : 'p'}{${name.length <= 2 ? name : `Script=${name}`}}`
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

function takeSet(rest: string): Taken {
  let as = rest.startsWith('[^') ? '[^' : '['
  let at = as.length
  const first = at
  while (at < rest.length) {
    const posix = /^\[:(\w+):\]/.exec(rest.slice(at))
    if (rest[at] === ']' && at > first) return { length: at + 1, as: `${as}]` }
    if (rest[at] === '\\') {
      const escaped = takeEscape(rest.slice(at), true)
      as += escaped.as
      at += escaped.length
    } else if (posix) {
      if (!Object.hasOwn(POSIX, posix[1]!)) throw new Wrong(`"${posix[0]}" is not known`)
      as += POSIX[posix[1]!]
      at += posix[0].length
    } else {
      as += rest[at] === ']' || rest[at] === '[' ? `\\${rest[at]}` : rest[at]
      at += 1
    }
  }
  throw new Wrong('a "]" is missing')
}
