import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadBootstrap } from './load.ts'
import { optionReference, referenceMarkdown } from './reference.ts'

const PAGE = new URL('../../../docs/configuration.md', import.meta.url)

/** What stands above this line is written by hand, what stands below by `npm test -- -u`. */
const LINE = '<!-- written from the tables in packages/model/src by `npm test -- -u` -->\n\n'

test('docs/configuration.md names every option as it is read', async () => {
  const [above] = (await readFile(PAGE, 'utf8')).split(LINE)
  const page = `${above}${LINE}${referenceMarkdown(optionReference())}`
  await expect(page).toMatchFileSnapshot(PAGE.pathname)
})

test('the file in docs/configuration.md can be loaded', async () => {
  const [, example] = /```yaml\n(.*?)```/s.exec(await readFile(PAGE, 'utf8'))!
  expect(loadBootstrap(example!, 'example.yaml')).toMatchObject({ ok: true })
})

test('every option that is read is explained by a sentence', () => {
  const silent = optionReference().filter(({ type, help }) => type !== '' && !help.endsWith('.'))
  expect(silent).toEqual([])
})
