import { readFileSync } from 'node:fs'
import { systemClock } from '@tulle/core'
import { expect, it } from 'vitest'
import { createRouter } from './router.ts'
import type { AdminSubject } from './subject.ts'

const text = readFileSync(new URL('../../../../docs/admin.md', import.meta.url), 'utf8')
const { endpoints } = createRouter({} as AdminSubject, systemClock)

it('docs/admin.md has a section for every endpoint and for nothing else', () => {
  const documented = [...text.matchAll(/^### `(?:GET|GET, POST) (\/\S*)`$/gm)].map(
    ([, path]) => path,
  )
  expect(documented.sort()).toEqual(endpoints.map(({ path }) => path).sort())
})

it('docs/admin.md says of every endpoint whether it can change something', () => {
  for (const { path, post } of endpoints)
    expect(text).toContain(`### \`${post === null ? 'GET' : 'GET, POST'} ${path}\`\n`)
})
