import { describe, expect, it } from 'vitest'
import type { Outcome, Row } from '../rounds.ts'
import { cells } from './cells.ts'
import { between, markdown } from './markdown.ts'
import { spread } from './statistics.ts'
import { textTable } from './text.ts'

const row = (name: string, ...cpus: number[]): Row => ({
  name,
  missing: null,
  failed: null,
  runs: cpus.map((cpu, round) => ({ round, disturbed: false, figures: { cpu, rps: 1000 * cpu } })),
})

function outcome(relation: 'ratio' | 'difference', ...rows: Row[]): Outcome {
  return {
    work: {
      name: 'w',
      title: 'Some work',
      bar: 'less',
      reference: 'haproxy',
      columns: [
        { key: 'cpu', label: 'CPU', digits: 1, relation },
        { key: 'rps', label: 'rps', digits: 0, relation: null },
      ],
      contestants: () => [],
    },
    rows,
  }
}

describe('a spread', () => {
  it.each([
    [[], null],
    [[3], { median: 3, min: 3, max: 3 }],
    [[5, 1, 2], { median: 2, min: 1, max: 5 }],
    [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
    [[Number.NaN], null],
  ])('of %j', (values, expected) => {
    expect(spread(values)).toEqual(expected)
  })
})

describe('the table', () => {
  it('sets each run against the reference of its own round, not median against median', () => {
    const table = cells(outcome('ratio', row('tulle', 10, 30, 22), row('haproxy', 10, 20, 20)))
    expect(table).toEqual([
      ['', 'CPU', '× haproxy', 'rps'],
      ['tulle', '22.0 (10.0–30.0)', '1.10 (1.00–1.50)', '22000 (10000–30000)'],
      ['haproxy', '20.0 (10.0–20.0)', '', '20000 (10000–20000)'],
    ])
  })

  it('shows what is above the reference where a work asks for that', () => {
    const table = cells(outcome('difference', row('tulle', 12), row('haproxy', 10)))
    expect(table[0]![2]).toBe('above haproxy')
    expect(table[1]![2]).toBe('2.0')
  })

  it('leaves relations out when the reference did not run', () => {
    expect(cells(outcome('ratio', row('tulle', 12)))[1]).toEqual(['tulle', '12.0', '–', '12000'])
  })

  it('says who is missing, who failed and whose runs were disturbed', () => {
    const missing = { ...row('nginx'), missing: 'Debian package nginx-light' }
    const failed = { ...row('envoy', 1), failed: 'no answer' }
    const disturbed = { ...row('tulle', 1) }
    const runs = disturbed.runs.map((run) => ({ ...run, disturbed: true }))
    const table = cells(outcome('ratio', missing, failed, { ...disturbed, runs }))
    expect(table.slice(1).map((line) => line.slice(0, 2))).toEqual([
      ['nginx', 'missing: Debian package nginx-light'],
      ['envoy', 'failed'],
      ['tulle (disturbed)', '1.0'],
    ])
  })

  it('has lines of one length in a terminal, the missing aside', () => {
    const missing = { ...row('a-very-long-name'), missing: 'not here' }
    const lines = textTable(outcome('ratio', row('tulle', 1), row('haproxy', 100), missing))
    const [, heads, tulle, haproxy, absent] = lines.split('\n')
    expect(new Set([heads!.length, tulle!.length, haproxy!.length]).size).toBe(1)
    expect(absent).toBe('a-very-long-name  missing: not here')
  })
})

describe('markdown', () => {
  it('has as many cells in every line of a table', () => {
    const missing = { ...row('nginx'), missing: 'not here' }
    const text = markdown([outcome('ratio', row('tulle', 1), missing)], ['a machine'])
    const bars = text.split('\n').filter((line) => line.startsWith('|'))
    expect(bars.map((line) => line.split('|').length)).toEqual([6, 6, 6, 6])
    expect(text).toContain('* a machine\n\n### Some work\n\nBar: less.')
  })

  it('takes the place of what stood between the markers, over and over', () => {
    const empty = between(DOCUMENT, 'old', 'x.md')
    const once = between(empty, 'new', 'x.md')
    expect(once).toBe(between(once, 'new', 'x.md'))
    expect(once).toContain('new')
    expect(once).not.toContain('old')
    expect(once.startsWith('# Head\n')).toBe(true)
    expect(once.endsWith('Tail\n')).toBe(true)
  })

  it('refuses a file without markers', () => {
    expect(() => between('# Head', 'new', 'x.md')).toThrow('x.md lacks the lines')
  })
})

const DOCUMENT = `# Head
<!-- results: begin, written by npm run bench -- --markdown -->
<!-- results: end -->
Tail
`
