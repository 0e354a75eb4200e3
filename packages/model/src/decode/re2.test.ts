import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Place } from './place.ts'
import { everyMatch, fullMatch, substitution } from './re2.ts'

function compile(pattern: string): RegExp {
  const at = Place.nowhere()
  const regex = fullMatch(pattern, at)
  expect(at.report.problems).toEqual([])
  return regex
}

describe('an expression of RE2', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['/a', ['/a'], ['/ab', 'x/a']],
    ['a|b', ['a', 'b'], ['ab']],
    ['(?i)get|put', ['GET', 'put'], ['gets']],
    ['x(?i:y)z', ['xYz'], ['XYz']],
    ['((?i)a|b)c', ['Ac', 'Bc'], ['AC']],
    ['(?P<year>\\d{4})', ['2026'], ['26']],
    ['\\Aabc\\z', ['abc'], ['abcd']],
    ['\\Qa.b\\E+', ['a.b', 'a.bb'], ['axb']],
    ['[[:alpha:]_]+', ['ab_'], ['a1', ':']],
    ['[]a]+', [']a'], ['b']],
    ['[^]a]', ['b'], [']', 'a']],
    ['[a\\-z]', ['-', 'a'], ['b']],
    ['a\\-b\\_c\\"', ['a-b_c"'], ['ab']],
    ['\\/v1\\/.*', ['/v1/x'], ['/v2/x']],
    ['{id}', ['{id}'], ['id']],
    ['a{2,3}', ['aa', 'aaa'], ['a']],
    ['\\x{1F600}', ['😀'], ['x']],
    ['\\pL+', ['äb'], ['1']],
    ['\\p{Greek}\\P{Greek}', ['αa'], ['aα']],
    ['[[]', ['['], [']']],
  ])('%s matches whole strings', (pattern, matching, others) => {
    const regex = compile(pattern)
    expect(matching.filter((it) => !regex.test(it))).toEqual([])
    expect(others.filter((it) => regex.test(it))).toEqual([])
  })

  test.each([
    ['a(?=b)', 'RE2 has no look-ahead and no look-behind'],
    ['(?<!a)b', 'RE2 has no look-ahead and no look-behind'],
    ['(a)\\1', 'RE2 has no back-references'],
    ['(?P<n>a)(?P=n)', 'RE2 has no back-references'],
    ['a(', 'a ")" is missing'],
    ['a)', 'a ")" too many'],
    ['[a', 'a "]" is missing'],
    ['a\\', 'it ends in a backslash'],
    ['\\Z', '"\\Z" is not known'],
    ['a(?i)b', '"(?i)" must stand at the beginning of the expression or group'],
    ['(?U)a', 'the flags "U" are not supported; use i, m and s'],
    ['a{1001}', '"{1001}" repeats more than 1000 times'],
    ['*a', 'Nothing to repeat'],
    ['[[:foo:]]', '"[:foo:]" is not known'],
  ])('%s is refused', (pattern, reason) => {
    const at = Place.nowhere()
    fullMatch(pattern, at)
    expect(at.report.problems.map(({ what }) => what)).toEqual([
      `is not a regular expression of RE2: ${reason}`,
    ])
  })

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\\()[\]{}?:*+|^$aiQEzPp<>=!1-]{0,12}$/), (pattern) => {
        expect(fullMatch(pattern, Place.nowhere())).toBeInstanceOf(RegExp)
      }),
    )
  })
})

describe('a substitution', () => {
  test.each([
    ['^/api/(\\w+)', '/v2/\\1', '/api/pay/x', '/v2/pay/x'],
    ['a', '$&', 'aa', '$&$&'],
    ['(a)(b)', '\\2\\1', 'abab', 'baba'],
    ['a+', '<\\0>', 'aab', '<aa>b'],
    ['a', '\\\\', 'a', '\\'],
    ['(a)', '\\10', 'a', 'a0'],
  ])('of %s by %s', (pattern, text, path, expected) => {
    const at = Place.nowhere()
    const regex = everyMatch(pattern, at)
    expect(path.replaceAll(regex, substitution(text, regex, at))).toBe(expected)
    expect(at.report.problems).toEqual([])
  })

  test('needs a number behind a backslash', () => {
    const at = Place.nowhere()
    substitution('\\x', /a/gu, at)
    expect(at.report.problems).toEqual([
      { at: '', what: "a backslash must stand before a group's number or another backslash" },
    ])
  })
})
