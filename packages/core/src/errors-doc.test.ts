import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ERROR_CODES } from './errors.ts'

const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')

const documented = text
  .split('\n')
  .map((line) => /^\| `([A-Z_]+)` *\| (.*?) *\| (.*?) *\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, code, meaning, advice]) => ({ code, meaning, advice }))

it('docs/errors.md has every code once, with its meaning, and nothing else', () => {
  const rows = documented.map(({ code, meaning }) => [code, meaning])
  expect(rows.sort()).toEqual(Object.entries(ERROR_CODES).sort())
})

it('docs/errors.md says of every code what to do', () => {
  for (const { code, advice } of documented) expect(advice?.length, code).toBeGreaterThan(20)
})
