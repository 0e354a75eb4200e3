import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const BUILD_MS = 400_000
const SAID = 4000

/** Runs a compiler to its end; what it says is in the error when it fails. */
export async function compile(
  command: string,
  args: readonly string[],
  where: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  try {
    await promisify(execFile)(command, args, { ...where, timeout: BUILD_MS })
  } catch (error) {
    const { code, killed, stdout, stderr } = error as Failure
    const end = killed ? `no end within ${BUILD_MS} ms` : `exit ${code}`
    const said = `${stdout ?? ''}${stderr ?? ''}`.trim().slice(0, SAID)
    throw new Error(`${command}: ${end}\n${said}`.trim())
  }
}

interface Failure {
  readonly code?: number | string
  readonly killed?: boolean
  readonly stdout?: string
  readonly stderr?: string
}
