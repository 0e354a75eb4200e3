import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { check } from '@tulle/proxy'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certsIn, makeCertificates } from '../examples/shop/certificates.ts'
import { withCerts } from '../examples/shop/config.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const YAML_BLOCK = /^( *)```ya?ml\n([\s\S]*?)^ *```$/gm

interface Example {
  readonly name: string
  readonly text: string
}

const files = globSync('examples/**/*.yaml', { cwd: ROOT }).map((name) => ({
  name,
  text: readFileSync(`${ROOT}/${name}`, 'utf8'),
}))
const blocks = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: ROOT })
  .flatMap(blocksOf)
  .filter(({ text }) => text.includes('static_resources'))
  // Those that name packages are tried by the guide's own test, beside the package.
  .filter(({ text }) => !text.includes('protocol_packages'))

const folder = mkdtempSync(join(tmpdir(), 'tulle-examples-'))
// The shop makes certificates anew each time it opens.
beforeAll(() => makeCertificates(folder))
afterAll(() => rmSync(folder, { recursive: true }))

it('there are examples, in files and in the documentation', () => {
  expect(files.map(({ name }) => name)).toContain('examples/first/proxy.yaml')
  expect(files.map(({ name }) => name)).toContain('examples/bolt/proxy.yaml')
  expect(blocks.map(({ name }) => name.replace(/:\d+$/, ''))).toContain('docs/configuration.md')
})

it.each([...files, ...blocks])('$name passes `tulle check`', async ({ name, text }) => {
  const result = await check({ text: withCerts(text, certsIn(folder)), file: name })
  expect(result.ok ? [] : result.problems).toEqual([])
})

/** The blocks of YAML in a page, each named by its line. */
function blocksOf(page: string): Example[] {
  const text = readFileSync(`${ROOT}/${page}`, 'utf8')
  return [...text.matchAll(YAML_BLOCK)].map(({ 1: indent, 2: block, index }) => ({
    name: `${page}:${text.slice(0, index).split('\n').length}`,
    text: block!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}
