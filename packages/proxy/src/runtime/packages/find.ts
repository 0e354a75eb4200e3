import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { bad, good, type Result } from '@tulle/core'

/** What a package's own description may say of its entry: a file, or one for each condition. */
type Target = string | null | undefined | readonly Target[] | { readonly [key: string]: Target }

interface Manifest {
  readonly exports?: Target
  readonly main?: string
}

/** Conditions of `exports` that hold here. */
const CONDITIONS = ['node', 'import', 'module-sync', 'default']

/**
 * The file that a package is imported by. A name is looked for in `node_modules` of the folder and of those above it,
 * then of the working directory and those above; a path leads from the folder to a package or to a file.
 */
export function findEntry(name: string, folder: string, at: string): Result<string> {
  if (/^[./]/.test(name)) return entryAt(resolve(folder, name), at)
  const places = [...new Set([...upwards(folder), ...upwards(process.cwd())])]
  const place = places.find((one) => isThere(join(one, 'node_modules', name, 'package.json')))
  if (place !== undefined) return entryAt(join(place, 'node_modules', name), at)
  const where = [...new Set([resolve(folder), process.cwd()])].join(', ')
  const what = `package "${name}" is not installed: it is in no node_modules of ${where} or above; run "npm install ${name}" in ${resolve(folder)}`
  return bad({ at, what })
}

/** The folder itself, and those it lies in. */
function upwards(folder: string): string[] {
  const all = [resolve(folder)]
  for (let last = all[0]!; dirname(last) !== last; last = dirname(last)) all.push(dirname(last))
  return all
}

function entryAt(path: string, at: string): Result<string> {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return bad({ at, what: `there is nothing at ${path}` })
  if (!stat.isDirectory()) return good(path)
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
  } catch (error) {
    return bad({ at, what: `${path} is no package: ${(error as Error).message}` })
  }
  const entry = entryOf(manifest)
  if (entry !== null) return good(join(path, entry))
  return bad({ at, what: `the "exports" of ${path}/package.json give nothing to import` })
}

function entryOf({ exports, main }: Manifest): string | null {
  if (exports === undefined || exports === null) return main ?? 'index.js'
  const whole = typeof exports === 'object' && '.' in exports ? exports['.'] : exports
  return chosen(whole)
}

function chosen(target: Target): string | null {
  if (typeof target === 'string') return target
  if (target === null || target === undefined) return null
  for (const [condition, inner] of Object.entries(target)) {
    if (!Array.isArray(target) && !CONDITIONS.includes(condition)) continue
    const found = chosen(inner as Target)
    if (found !== null) return found
  }
  return null
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
