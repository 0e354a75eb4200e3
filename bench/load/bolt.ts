import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'

/** What the Bolt load generator counted. */
export interface BoltResult {
  readonly answered: number
  readonly failed: number
  readonly rps: number
  readonly p50: number
  readonly p99: number
}

const HERE = import.meta.dirname

/** Why the Bolt tools cannot be built here, or null. */
export function boltMissing(): string | null {
  const found = findCompiler()
  return 'missing' in found ? found.missing : null
}

/** Runs the load generator. */
export async function boltLoad(
  bench: Bench,
  port: number,
  connections: number,
  inFlight: number,
  seconds: number,
): Promise<BoltResult> {
  const numbers = [port, connections, inFlight, seconds].map(String)
  const output = await bench.load([build('boltload'), ...numbers], (seconds + 15) * 1000)
  return JSON.parse(output) as BoltResult
}

/** The command of an upstream that answers every request with 100 bytes. */
export function boltUpstream(port: number): string[] {
  return [build('boltup'), String(port)]
}

function findCompiler(): Found {
  return find('cc', 'a C compiler builds the Bolt load tools: Debian package gcc')
}

/** Compiles a tool, unless these very sources were compiled before; the program's path. */
function build(tool: string): string {
  const source = join(HERE, `${tool}.c`)
  const sources = [source, join(HERE, 'bolt.h')].map((file) => readFileSync(file))
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
