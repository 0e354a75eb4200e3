import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { families } from '../metrics.ts'
import { metricName } from './openmetrics.ts'

const text = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')

const declared = families.flatMap((family) =>
  Object.entries(family.metrics).map(
    ([metric, spec]) =>
      `| \`${metricName(family.name, metric, spec).sample}\` | ${spec[0]} | ${spec[1]} |`,
  ),
)
const documented = text
  .split('\n')
  .filter((line) => line.startsWith('| `tulle_'))
  .map((line) => line.replace(/ +/g, ' '))

it('docs/metrics.md has a line for every declared metric, with its kind and help', () => {
  expect(declared.filter((line) => !documented.includes(line))).toEqual([])
})

it('docs/metrics.md names no metric that is not declared, and none twice', () => {
  expect(documented.filter((line) => !declared.includes(line))).toEqual([])
  expect(documented.length).toBe(declared.length)
})

it('docs/metrics.md says the labels of every family', () => {
  for (const { name, labels } of families) {
    const heading = text.indexOf(`## \`tulle_${name}_*\``)
    expect(heading, name).toBeGreaterThan(0)
    const section = text.slice(heading, text.indexOf('\n## ', heading + 1))
    for (const label of labels) expect(section).toContain(`\`${label}\``)
  }
})
