import { join } from 'node:path'
import { go as compiler } from '../go/go.ts'
import { compile } from './compile.ts'
import type { Program } from './program.ts'

const FOLDER = join(import.meta.dirname, 'go')

/** A command of the module in go/, all of which Go 1.19 builds: the package's folder there. */
export function go(folder: string, ...args: readonly string[]): Program {
  const program = join(FOLDER, 'target', folder)
  return {
    needs: [compiler],
    build: () => buildOnce(folder, program),
    command: () => [program, ...args],
  }
}

const built = new Map<string, Promise<void>>()

/** One command may be several peers, by its arguments. */
function buildOnce(folder: string, program: string): Promise<void> {
  const now = built.get(folder) ?? build(folder, program)
  built.set(folder, now)
  return now
}

async function build(folder: string, program: string): Promise<void> {
  const args = ['build', '-buildvcs=false', '-o', program, `./${folder}`]
  await compile(compiler.find()!, args, {
    cwd: FOLDER,
    // Debian's compiler comes without one for C.
    env: { ...process.env, CGO_ENABLED: '0' },
  })
}
