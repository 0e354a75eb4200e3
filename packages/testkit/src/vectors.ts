import { readdirSync, readFileSync } from 'node:fs'
import { hex } from './frame-sample.ts'

/** The bytes of every `NAME.hex` in a folder, by name. */
export function readVectors(folder: URL): ReadonlyMap<string, Buffer> {
  const vectors = new Map<string, Buffer>()
  for (const file of readdirSync(folder).sort())
    if (file.endsWith('.hex'))
      vectors.set(file.slice(0, -4), hex(readFileSync(new URL(file, folder), 'utf8')))
  return vectors
}
