import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'

const HERE = import.meta.dirname

/** Why the load tools in C cannot be built here, or null. */
export function compilerMissing(): string | null {
  const found = findCompiler()
  return 'missing' in found ? found.missing : null
}

/** Compiles a tool of this folder, unless these very sources were compiled before; the program's path. */
export function compiled(tool: string, headers: readonly string[]): string {
  const source = join(HERE, `${tool}.c`)
  const sources = [source, ...headers.map((it) => join(HERE, it))].map((file) => readFileSync(file))
  const mark = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16)
  const folder = join(HERE, '..', '..', 'node_modules', '.cache', 'bench')
  const program = join(folder, `${tool}-${mark}`)
  if (existsSync(program)) return program
  const compiler = findCompiler()
  if ('missing' in compiler) throw new Error(compiler.missing)
  mkdirSync(folder, { recursive: true })
  const unfinished = `${program}.${process.pid}`
  execFileSync(compiler.program, ['-O2', '-o', unfinished, source], { timeout: 60_000 })
  renameSync(unfinished, program)
  return program
}

function findCompiler(): Found {
  return find('cc', 'a C compiler builds the load tools: Debian package gcc')
}
