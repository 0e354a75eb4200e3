import { describe, expect, it } from 'vitest'
import { pathOf, queryOf, queryValue } from './path.ts'

describe('a request target', () => {
  it.each([
    ['/a/b', '/a/b', ''],
    ['/a?b=c', '/a', 'b=c'],
    ['/a?b?c', '/a', 'b?c'],
    ['/a#f?b', '/a', ''],
    ['/a?b#f', '/a', 'b'],
    ['/?', '/', ''],
    ['*', '*', ''],
  ])('%j has the path %j and the query %j', (target, path, query) => {
    expect([pathOf(target), queryOf(target)]).toEqual([path, query])
  })
})

describe('a query parameter', () => {
  it.each([
    ['a=1&b=2', 'b', '2'],
    ['a=1&a=2', 'a', '1'],
    ['ab=1&a=2', 'a', '2'],
    ['ba=1', 'a', undefined],
    ['a', 'a', ''],
    ['a=', 'a', ''],
    ['a&b', 'b', ''],
    ['&&a=x', 'a', 'x'],
    ['a=b=c', 'a', 'b=c'],
    ['a=%20', 'a', '%20'],
    ['b=a', 'a', undefined],
    ['', 'a', undefined],
  ])('of %j named %j is %j', (query, name, value) => {
    expect(queryValue(query, name)).toBe(value)
  })
})
