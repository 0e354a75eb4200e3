import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

/** One import of one file, both by their paths from the root of the checkout. */
export interface Import {
  readonly from: string
  readonly to: string
}

/** `import … from '…'`, `export … from '…'`, `import '…'` and `import('…')`, types or not. */
const IMPORT =
  /^(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

/** What the packages' own code imports from itself and from other packages; tests may look anywhere. */
export function readImports(root: string): Import[] {
  const files = globSync('packages/*/src/**/*.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
  return files.flatMap((from) =>
    scan(readFileSync(join(root, from), 'utf8')).flatMap((name) => {
      const to = resolve(from, name)
      return to === null ? [] : [{ from, to }]
    }),
  )
}

/** The names a text imports, in its order. */
export function scan(text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, from, bare, called]) => (from ?? bare ?? called)!)
}

/** Null for what is not ours: Node and libraries. */
function resolve(from: string, name: string): string | null {
  if (name.startsWith('.')) return join(dirname(from), name)
  const ours = /^@tulle\/([^/]+)$/.exec(name)
  return ours === null ? null : `packages/${ours[1]}/src/index.ts`
}
