import { MeshError } from '@tulle/core'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  // Known mistakes are sentences; anything else is a bug and shows where it is.
  process.stderr.write(
    error instanceof MeshError
      ? `tulle: ${error.message.trimEnd()}\n`
      : `tulle: a bug: ${error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exitCode = 1
}
process.exit()
