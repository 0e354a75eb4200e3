import { join } from 'node:path'
import { type Need, npmPackage } from '../need.ts'
import type { Program } from './program.ts'

/** A file of node/, run by the Node this process has. */
export function node(file: string, ...args: readonly string[]): Program {
  return nodeProgram(file, args, [])
}

/** The same for one whose folder in node/ has a package.json of its own, which has this package. */
export function nodeWith(npm: string, file: string, ...args: readonly string[]): Program {
  const folder = `peers/node/${file.slice(0, file.lastIndexOf('/'))}`
  return nodeProgram(file, args, [npmPackage(npm, folder)])
}

function nodeProgram(file: string, args: readonly string[], needs: readonly Need[]): Program {
  const path = join(import.meta.dirname, 'node', file)
  return { needs, build: async () => {}, command: () => [process.execPath, path, ...args] }
}
