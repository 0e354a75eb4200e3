import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program's path, or a sentence on how to get it. */
export type Found = { readonly program: string } | { readonly missing: string }

/** Looks for a program in `PATH` and where servers are usually installed. */
export function find(name: string, howToGet: string): Found {
  const places = (process.env.PATH ?? '').split(delimiter).concat('/usr/sbin', '/usr/local/sbin')
  const program = places.map((place) => join(place, name)).find(executable)
  return program === undefined ? { missing: howToGet } : { program }
}

/** Whether this user may run the file. */
export function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The version a program tells, on whichever stream, cut out by a pattern with one group. */
export function versionOf(program: string, flag: string, pattern: RegExp): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8', timeout: 10_000 })
  return pattern.exec(`${stdout}\n${stderr}`)?.[1] ?? 'unknown'
}

/** Moves this process to a core, all its threads. */
export function pinSelf(core: number): void {
  execFileSync('taskset', ['-apc', String(core), String(process.pid)], { stdio: 'ignore' })
}
