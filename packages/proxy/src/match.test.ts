import type { KeyMatcher, StringMatcher } from '@tulle/model'
import { describe, expect, it } from 'vitest'
import { compileKey, compileString } from './match.ts'

const exact: KeyMatcher['test'] = {
  kind: 'string',
  matcher: { kind: 'exact', value: 'v', ignoreCase: false },
}
const range: KeyMatcher['test'] = { kind: 'range', start: -2, end: 10 }
const there: KeyMatcher['test'] = { kind: 'present', present: true }
const absent: KeyMatcher['test'] = { kind: 'present', present: false }

describe('a matcher of headers', () => {
  it.each([
    [exact, 'v', true],
    [exact, 'V', false],
    [exact, undefined, false],
    [range, '9', true],
    [range, '-2', true],
    [range, '10', false],
    [range, ' +3 ', true],
    [range, '3.5', false],
    [range, '0x1', false],
    [range, '', false],
    [range, undefined, false],
    [there, '', true],
    [there, undefined, false],
    [absent, 'v', false],
    [absent, undefined, true],
  ])('for %j takes %j: %j', (test, value, answer) => {
    expect(matches(test, value, false, false)).toBe(answer)
  })

  it.each([
    [exact, 'v', false],
    [exact, 'w', true],
    [range, '10', true],
    [there, 'v', false],
    [there, undefined, true],
    [absent, 'v', true],
    [absent, undefined, false],
  ])('inverted, for %j takes %j: %j', (test, value, answer) => {
    expect(matches(test, value, true, false)).toBe(answer)
  })

  it('does not match what is missing, inverted or not, unless missing counts as empty', () => {
    expect(matches(exact, undefined, true, false)).toBe(false)
    expect(matches(exact, undefined, true, true)).toBe(true)
    expect(matches(exact, undefined, false, true)).toBe(false)
    const any: StringMatcher = { kind: 'regex', value: /^(?:.*)$/u }
    expect(matches({ kind: 'string', matcher: any }, undefined, false, true)).toBe(true)
  })

  function matches(
    test: KeyMatcher['test'],
    value: string | undefined,
    invert: boolean,
    treatMissingAsEmpty: boolean,
  ): boolean {
    return compileKey({ name: 'x', test, invert, treatMissingAsEmpty })(value)
  }
})

describe('a matcher of text', () => {
  it.each([
    ['exact', 'Abc', 'aBC'],
    ['prefix', 'Ab', 'aBC'],
    ['suffix', 'bC', 'aBc'],
    ['contains', 'B', 'abc'],
  ] as const)('%s minds case only if told to', (kind, value, text) => {
    expect(compileString({ kind, value, ignoreCase: true })(text)).toBe(true)
    expect(compileString({ kind, value, ignoreCase: false })(text)).toBe(false)
    expect(compileString({ kind, value, ignoreCase: false })(value)).toBe(true)
  })
})
