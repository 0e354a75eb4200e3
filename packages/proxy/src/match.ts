import type { KeyMatcher, StringMatcher } from '@tulle/model'

/** Whether a header or query parameter is as a rule wants it; undefined when it is not there. */
export type KeyTest = (value: string | undefined) => boolean

const INTEGER = /^\s*[+-]?\d+\s*$/

/**
 * Makes a matcher's test, with Envoy's answers about what is missing: only a matcher for presence or absence can match
 * then, inverted or not, unless `treatMissingAsEmpty` makes it an empty text.
 */
export function compileKey(matcher: KeyMatcher): KeyTest {
  const { invert, treatMissingAsEmpty } = matcher
  const test = present(matcher.test)
  const missing = treatMissingAsEmpty
    ? test('') !== invert
    : matcher.test.kind === 'present' && matcher.test.present === invert
  return (value) => (value === undefined ? missing : test(value) !== invert)
}

function present(test: KeyMatcher['test']): (value: string) => boolean {
  if (test.kind === 'string') return compileString(test.matcher)
  if (test.kind === 'present') return () => test.present
  const { start, end } = test
  return (value) => {
    if (!INTEGER.test(value)) return false
    const number = Number(value)
    return number >= start && number < end
  }
}

/** Whether a text is the one a rule means. */
export type StringTest = (text: string) => boolean

/** Makes a matcher's test. */
export function compileString(matcher: StringMatcher): StringTest {
  if (matcher.kind === 'regex') {
    const pattern = matcher.value
    return (text) => pattern.test(text)
  }
  const { kind, ignoreCase } = matcher
  const value = ignoreCase ? matcher.value.toLowerCase() : matcher.value
  const test = plain(kind, value)
  return ignoreCase ? (text) => test(text.toLowerCase()) : test
}

function plain(kind: 'exact' | 'prefix' | 'suffix' | 'contains', value: string): StringTest {
  switch (kind) {
    case 'exact':
      return (text) => text === value
    case 'prefix':
      return (text) => text.startsWith(value)
    case 'suffix':
      return (text) => text.endsWith(value)
    case 'contains':
      return (text) => text.includes(value)
  }
}
