import fc from 'fast-check'
import { expect, it } from 'vitest'
import { serviceName, serviceParts } from './service-name.ts'

it.each([
  ['', 'a.B', '', 'a.B'],
  ['g', 'a.B', '', 'g/a.B'],
  ['', 'a.B', '1.0', 'a.B:1.0'],
  ['g', 'a.B', '1.0', 'g/a.B:1.0'],
  ['g', '', '', 'g/'],
])('%j, %j and %j are %s', (group, path, version, name) => {
  expect(serviceName(group, path, version)).toBe(name)
  expect(serviceParts(name)).toEqual({ group, path, version })
})

it('the same parts give the same name, however many there were', () => {
  const part = fc.string({ maxLength: 3 })
  fc.assert(
    fc.property(part, part, part, (group, path, version) => {
      const before = group === '' ? '' : `${group}/`
      const behind = version === '' ? '' : `:${version}`
      expect(serviceName(group, path, version)).toBe(before + path + behind)
    }),
    { numRuns: 2000 },
  )
})
