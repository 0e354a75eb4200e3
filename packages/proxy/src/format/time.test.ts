import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTime, isoTime } from './time.ts'

const AFTERNOON = Date.UTC(2026, 10, 2, 15, 4, 5, 67) + 0.25

describe('a format of time', () => {
  const cases: readonly (readonly [format: string, text: string])[] = [
    ['%Y-%m-%dT%H:%M:%S', '2026-11-02T15:04:05'],
    ['%F %T %R', '2026-11-02 15:04:05 15:04'],
    ['%y|%e|%I %p|%j', '26| 2|03 PM|306'],
    ['%a %A %b %h %B', 'Mon Monday Nov Nov November'],
    ['%z %Z %%', '+0000 UTC %'],
    ['%1f %3f %6f %9f %f', '0 067 067250 067250000 067250000'],
    ['%s', '1793631845'],
    ['no conversion', 'no conversion'],
  ]
  it.each(cases)('writes %j as %j', (format, text) => {
    expect(write(format)(AFTERNOON)).toBe(text)
  })

  it('writes midnight and noon as twelve', () => {
    const at = (hour: number) => write('%I%p')(Date.UTC(2026, 0, 1, hour))
    expect([at(0), at(12)]).toEqual(['12AM', '12PM'])
  })

  it('knows leap years', () => {
    expect(write('%j')(Date.UTC(2024, 11, 31))).toBe('366')
  })

  it.each(['%Q', '%3Y', '%', '%E3S'])('complains of %s', (format) => {
    const said: string[] = []
    compileTime(format, (what) => said.push(what))
    expect(said[0]).toContain('is not known; known: %Y')
  })

  it('says the same as the default when it asks for the same', () => {
    const iso = write('%Y-%m-%dT%H:%M:%S.%3fZ')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(iso(ms)).toBe(isoTime(ms))
      }),
    )
  })
})

function write(format: string): (ms: number) => string {
  const said: string[] = []
  const compiled = compileTime(format, (what) => said.push(what))
  expect(said).toEqual([])
  return compiled
}
