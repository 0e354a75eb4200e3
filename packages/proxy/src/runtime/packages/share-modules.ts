import { readFileSync } from 'node:fs'
import { createRequire, registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What packages build on: one copy of each in a process, whoever imports it and wherever that lies. */
const SHARED = ['@tulle/core', '@tulle/model', '@tulle/proxy']

let shared = false

/**
 * From now on packages get this process' own modules: a second copy would have other outcomes and other classes, and
 * nothing of it would be the same. Packages in TypeScript are read wherever they are installed; Node by itself reads
 * them only outside of `node_modules`.
 */
export function shareModules(): void {
  if (shared) return
  shared = true
  const { resolve } = createRequire(import.meta.url)
  const own = new Map(SHARED.map((name) => [name, pathToFileURL(resolve(name)).href]))
  registerHooks({
    resolve(specifier, context, next) {
      const url = own.get(specifier)
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true }
    },
    load(url, context, next) {
      if (!url.endsWith('.ts') || !url.includes('/node_modules/')) return next(url, context)
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module', source, shortCircuit: true }
    },
  })
}
