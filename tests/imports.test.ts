import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readImports, scan } from './import-graph.ts'
import { draw, heights, orderOf, roundIn, wrapped } from './import-order.ts'
import { contractsOf, proxyParts } from './proxy-parts.ts'

const ROOT = `${import.meta.dirname}/..`
const PAGE = `${ROOT}/ARCHITECTURE.md`
/** What stands between the marks is drawn by `npm test -- -u`. */
const DRAWING = /(<!-- imports: begin[^>]*-->\n```\n)[\s\S]*?(\n```\n<!-- imports: end -->)/
const imports = readImports(ROOT)
const contracts = contractsOf(imports)
const packages = orderOf(imports, (path) => path.split('/')[1]!)
const parts = orderOf(imports, proxyParts(contracts))

describe('the order of imports', () => {
  it('is the one that ARCHITECTURE.md draws', async () => {
    const page = readFileSync(PAGE, 'utf8')
    expect(page).toMatch(DRAWING)
    const redrawn = page.replace(DRAWING, (_, before, after) => `${before}${drawing()}${after}`)
    await expect(redrawn).toMatchFileSnapshot(PAGE)
  })

  it('has no two packages and no two parts of the proxy that need each other', () => {
    expect(roundIn(packages)).toBeNull()
    expect(roundIn(parts)).toBeNull()
  })

  it('keeps the test kit out of what users run', () => {
    const users = [...packages].filter(([, used]) => used.has('testkit')).map(([name]) => name)
    expect(users).toEqual([])
  })

  it('is read from every package', () => {
    expect([...packages.keys()].sort()).toEqual(readdirSync(`${ROOT}/packages`).sort())
  })
})

describe('the walls of the linter', () => {
  const walls = readFileSync(`${ROOT}/biome.walls.jsonc`, 'utf8')
  const walled = new Set(
    [...walls.matchAll(/"packages\/proxy\/src\/([\w-]+(?:\.ts|\/))(?:\*\*)?"/g)].map(
      ([, one]) => one,
    ),
  )

  it('stand around every contract', () => {
    for (const contract of contracts) expect(walled, contract).toContain(contract)
  })

  it('stand around every folder of the proxy', () => {
    const folders = imports.flatMap(({ from }) => {
      const found = /^packages\/proxy\/src\/([\w-]+\/)/.exec(from)
      return found === null ? [] : [found[1]!]
    })
    for (const folder of new Set(folders)) expect(walled, folder).toContain(folder)
  })
})

describe('reading imports', () => {
  it.each([
    ["import { a } from './a.ts'", ['./a.ts']],
    [
      "import {\n  a,\n  type B,\n} from './a.ts'\nimport type { C } from '@tulle/core'",
      ['./a.ts', '@tulle/core'],
    ],
    ["export * from './a.ts'\nexport { b } from './b.ts'", ['./a.ts', './b.ts']],
    ["import './a.ts'", ['./a.ts']],
    ["const a = await import('./a.ts')", ['./a.ts']],
    ["export const a = 'x'\nimport { b } from './b.ts'", ['./b.ts']],
    ["// says import { a } from './a.ts'", []],
  ])('finds in %j %j', (text, names) => {
    expect(scan(text)).toEqual(names)
  })
})

describe('an order', () => {
  const files = [
    { from: 'roof', to: 'wall' },
    { from: 'roof', to: 'ground' },
    { from: 'wall', to: 'ground' },
  ]

  it('gives each part its height above the ground', () => {
    const order = orderOf(files, (path) => path)
    expect(Object.fromEntries(heights(order))).toEqual({ ground: 1, wall: 2, roof: 3 })
    expect(draw(order)).toBe(' 3  roof    ◀ ground · wall\n 2  wall    ◀ ground\n 1  ground')
  })

  it('names the round that it goes in', () => {
    const order = orderOf([...files, { from: 'ground', to: 'roof' }], (path) => path)
    expect(roundIn(order)).toEqual(['ground', 'roof', 'ground'])
  })
})

function drawing(): string {
  const names = [...contracts].sort()
  return [
    'packages',
    draw(packages),
    '',
    'packages/proxy/src',
    draw(parts),
    ...wrapped('    contracts: ', names),
  ].join('\n')
}
