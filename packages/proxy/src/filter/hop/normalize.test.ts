import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSlashes, normalizePath } from './normalize.ts'

describe('a normalized path', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['*', '*'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/..', '/'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/../../b', '/b'],
    ['/a//../b', '/a/b'],
    ['/a/...', '/a/...'],
    ['/.well-known/x', '/.well-known/x'],
    ['/a/.b/..c', '/a/.b/..c'],
    ['/%61%2D%5F%7E', '/a-_~'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/b', '/b'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%2fb', '/a%2fb'],
    ['/a/..%2fb', '/a/..%2fb'],
    ['/%252e%252e/a', '/%252e%252e/a'],
    ['/a%20b', '/a%20b'],
    ['/a\\..\\b', '/b'],
    ['/a%5C..', '/a%5C..'],
    ['/a/../b?c=/../d', '/b?c=/../d'],
    ['/a?b=%61/./', '/a?b=%61/./'],
    ['/a/..#/../b', '/#/../b'],
    ['/a?%', '/a?%'],
  ])('of %j is %j', (path, normal) => {
    expect(normalizePath(path)).toBe(normal)
  })

  it.each(['', 'a', 'http://a.org/', '/%', '/%6', '/%zz', '/%%36%31', '/a%00b', '/%-1'])(
    'of %j there is none',
    (path) => {
      expect(normalizePath(path)).toBeNull()
    },
  )

  const pieces = fc.constantFrom('/', '.', '..', 'a', '%2e', '%2E', '%2f', '%61', '%25', '\\', '%')
  const paths = fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)

  it('is its own normal form', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalizePath(path)
        if (normal !== null) expect(normalizePath(normal)).toBe(normal)
      }),
    )
  })

  it('has no dot segment, backslash or escaped unreserved character left', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalizePath(path)
        if (normal === null) return
        expect(normal).not.toMatch(/\/\.{1,2}(\/|$)|\\|%2e|%61/i)
        expect(normal.startsWith('/')).toBe(true)
      }),
    )
  })
})

describe('a path with merged slashes', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['//a///b//', '/a/b/'],
    ['//', '/'],
    ['/a?b=//c', '/a?b=//c'],
    ['//a#b//c', '/a#b//c'],
  ])('of %j is %j', (path, merged) => {
    expect(mergeSlashes(path)).toBe(merged)
  })
})
