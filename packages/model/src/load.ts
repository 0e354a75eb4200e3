import { readFile } from 'node:fs/promises'
import { bad, type Problem, type Result } from '@tulle/core'
import { decodeBootstrap } from './bootstrap/decode.ts'
import type { Bootstrap } from './bootstrap.ts'
import { Source } from './source.ts'

/** A configuration from YAML or JSON; else everything that is wrong with it, in the order of its lines. */
export function loadBootstrap(text: string, file: string): Result<Bootstrap> {
  const source = new Source(text, file)
  const data = source.read()
  if (!data.ok) return data
  const decoded = decodeBootstrap(data.value)
  return decoded.ok ? decoded : { ok: false, problems: source.locate(decoded.problems) }
}

/** The configuration in a file. One that cannot be read is a problem too. */
export async function loadBootstrapFile(path: string): Promise<Result<Bootstrap>> {
  try {
    return loadBootstrap(await readFile(path, 'utf8'), path)
  } catch (error) {
    return bad({ at: path, what: `cannot be read: ${(error as Error).message}` })
  }
}

/**
 * Gives problems, which were found in data from `text` after it was loaded, their file and line: those of a filter's
 * settings, say, whose paths begin with `FilterConfig.at`.
 */
export function locateProblems(
  problems: readonly Problem[],
  text: string,
  file: string,
): readonly Problem[] {
  return new Source(text, file).locate(problems)
}
