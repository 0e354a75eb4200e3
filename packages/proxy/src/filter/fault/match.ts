import type { KeyMatcher, StringMatcher } from '@tulle/model'
import type { Frame } from '../../frame.ts'

const INTEGER = /^\s*[+-]?\d+\s*$/

/** Whether a request has all of these headers. */
export function hasAll(frame: Frame, matchers: readonly KeyMatcher[]): boolean {
  for (const matcher of matchers) if (!has(frame, matcher)) return false
  return true
}

function has(frame: Frame, { name, test, invert, treatMissingAsEmpty }: KeyMatcher): boolean {
  const value = frame.header(name) ?? (treatMissingAsEmpty ? '' : undefined)
  if (test.kind === 'present') return ((value !== undefined) === test.present) !== invert
  // What is not there matches nothing, and its contrary neither.
  if (value === undefined) return false
  if (test.kind === 'string') return fits(value, test.matcher) !== invert
  return (INTEGER.test(value) && within(Number(value), test.start, test.end)) !== invert
}

function within(value: number, start: number, end: number): boolean {
  return value >= start && value < end
}

function fits(given: string, matcher: StringMatcher): boolean {
  if (matcher.kind === 'regex') return matcher.value.test(given)
  const value = matcher.ignoreCase ? given.toLowerCase() : given
  const wanted = matcher.ignoreCase ? matcher.value.toLowerCase() : matcher.value
  switch (matcher.kind) {
    case 'exact':
      return value === wanted
    case 'prefix':
      return value.startsWith(wanted)
    case 'suffix':
      return value.endsWith(wanted)
    case 'contains':
      return value.includes(wanted)
  }
}
