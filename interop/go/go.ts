import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram, type Need, program } from '../need.ts'

/** The compiler, also where it is when it did not come from Debian. */
export const go: Need = { ...program('go', 'golang-go'), find: compiler }

const USUAL = '/usr/local/go/bin/go'
const BUILD_MS = 240_000

/** Programs in Go, built for one run. */
export interface GoPrograms {
  /** Where the program is that a package makes. */
  path(of: string): string
  remove(): Promise<void>
}

/** Builds packages of the module in this folder; go.mod says which versions, and all of them build with Go 1.19. */
export async function buildGo(...packages: readonly string[]): Promise<GoPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'tulle-go-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true })
  try {
    const build = ['build', '-buildvcs=false', '-o', `${folder}/`, ...packages]
    await promisify(execFile)(compiler()!, build, {
      cwd: import.meta.dirname,
      timeout: BUILD_MS,
      // Debian's compiler comes without one for C.
      env: { ...process.env, CGO_ENABLED: '0' },
    })
  } catch (error) {
    await remove()
    throw error
  }
  return { path: (of) => join(folder, basename(of)), remove }
}

function compiler(): string | null {
  const found = findProgram('go')
  if (found !== null) return found
  try {
    accessSync(USUAL, constants.X_OK)
    return USUAL
  } catch {
    return null
  }
}
