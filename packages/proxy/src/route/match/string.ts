import type { StringMatcher } from '@tulle/model'

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
