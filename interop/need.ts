import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Something a suite cannot do without. */
export interface Need {
  readonly name: string
  /** Where it is; null when it is not there. */
  find(): string | null
  /** The command that gets it, for a person and for a machine that may install by itself. */
  readonly get: readonly string[]
}

/** A program of the machine, with the Debian package that has it. */
export function program(name: string, debian: string): Need {
  return {
    name,
    find: () => findProgram(name),
    get: ['apt-get', 'install', '-y', '--no-install-recommends', debian],
  }
}

/** An npm package of a suite's own, in whose folder a package.json names it. */
export function npmPackage(name: string, folder: string): Need {
  const place = join(import.meta.dirname, folder)
  return {
    name: `the npm package ${name}`,
    find: () => (existsSync(join(place, 'node_modules', name)) ? place : null),
    get: ['npm', 'ci', '--no-audit', '--no-fund', '--prefix', `interop/${folder}`],
  }
}

/** Where a program is that a suite has asked for. Throws when it is not there. */
export function pathOf(name: string): string {
  const path = findProgram(name)
  if (path === null) throw new Error(`${name} is not there`)
  return path
}

/** Where a program is, in PATH and where Debian keeps servers; null when it is not there. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(executable) ?? null
}

/** Installs by the commands of the needs; says what it does, and leaves it to the next look whether it worked. */
export function install(needs: readonly Need[]): void {
  const commands = new Set(needs.map(({ get }) => get.join(' ')))
  const apt = [...commands].some((command) => command.startsWith('apt-get'))
  for (const command of [...(apt ? ['apt-get update'] : []), ...commands]) {
    console.log(`interop: ${command}`)
    const [program, ...args] = command.split(' ')
    const { status, error } = spawnSync(program!, args, {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) console.error(`interop: ${command}: ${error?.message ?? `exit ${status}`}`)
  }
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
