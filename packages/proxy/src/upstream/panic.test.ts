import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Unfit } from '../health.ts'
import { eligible, type Ranked } from './panic.ts'

/** `'ab/c'`: priorities 0 and 1; a capital is unfit. */
function hosts(line: string): (Ranked & { name: string })[] {
  return line.split('/').flatMap((level, priority) =>
    [...level].map((name) => ({
      name,
      priority,
      unfit: name === name.toUpperCase() ? Unfit.Check : 0,
    })),
  )
}

function chosen(line: string, threshold: number): [string, boolean] {
  const { hosts: names, panic } = eligible(hosts(line), threshold)
  return [names.map(({ name }) => name).join(''), panic]
}

describe('eligible hosts', () => {
  it.each([
    ['all while all are fit', 'abc', 50, 'abc', false],
    ['the fit ones', 'aBc', 50, 'ac', false],
    ['the fit ones at the threshold itself', 'aB', 50, 'a', false],
    ['all in panic below the threshold', 'aBC', 50, 'aBC', true],
    ['all in panic when none is fit', 'AB', 50, 'AB', true],
    ['none when none is fit and there is no panic', 'AB', 0, '', false],
    ['the only fit one of many without a threshold', 'ABCDEFg', 0, 'g', false],
    ['those of the first priority alone', 'ab/cd', 50, 'ab', false],
    ['the next priority when the first is down', 'AB/cd', 50, 'cd', false],
    ['the next priority when too few of the first are fit', 'aBC/de', 50, 'de', false],
    ['the first priority with a fit host when none has enough', 'AB/cDE/fGHI', 50, 'cDE', true],
    ['the first priority when nobody is fit anywhere', 'AB/CD', 50, 'AB', true],
    ['nobody when there are no hosts', '', 50, '', false],
  ])('are %s', (_, line, threshold, expected, panic) => {
    expect(chosen(line, threshold)).toEqual([expected, panic])
  })

  it('go by priority, not by the order of the list', () => {
    const list = hosts('a/b').reverse()
    expect(eligible(list, 50).hosts.map(({ name }) => name)).toEqual(['a'])
  })

  it('count a host as unfit whoever says so', () => {
    for (const unfit of Object.values(Unfit)) {
      const list = [
        { priority: 0, unfit },
        { priority: 0, unfit: 0 },
      ]
      expect(eligible(list, 50).hosts).toEqual([list[1]])
    }
  })

  it('are of one priority, and there are some whenever a host is fit or panic is allowed', () => {
    const host = fc.record({ priority: fc.nat(3), unfit: fc.nat(7) })
    fc.assert(
      fc.property(fc.array(host), fc.nat(100), (list, threshold) => {
        const { hosts, panic } = eligible(list, threshold)
        expect(new Set(hosts.map(({ priority }) => priority)).size).toBeLessThanOrEqual(1)
        const some = list.some(({ unfit }) => unfit === 0) || (threshold > 0 && list.length > 0)
        expect(hosts.length > 0).toBe(some)
        if (!panic) expect(hosts.every(({ unfit }) => unfit === 0)).toBe(true)
      }),
    )
  })
})
