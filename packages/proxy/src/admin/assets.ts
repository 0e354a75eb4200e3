import { readFileSync } from 'node:fs'
import type { Reply } from './reply.ts'

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/draw.js': ['draw.js', 'text/javascript; charset=utf-8'],
  '/model.js': ['model.js', 'text/javascript; charset=utf-8'],
  '/tables.js': ['tables.js', 'text/javascript; charset=utf-8'],
  '/views.js': ['views.js', 'text/javascript; charset=utf-8'],
  '/numbers.js': ['numbers.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
}

/** The files of the page, read once and served as they are. */
export function readAssets(): ReadonlyMap<string, Reply> {
  return new Map(
    Object.entries(FILES).map(([path, [file, type]]) => {
      const body = readFileSync(new URL(`./page/${file}`, import.meta.url))
      return [path, { status: 200, type, body }]
    }),
  )
}
