import { execFile } from 'node:child_process'
import { pathOf } from './need.ts'

/** What a program that came to its end has written. */
export interface Output {
  /** On its standard output. */
  readonly body: Buffer
  readonly text: string
  /** On its standard error. */
  readonly told: string
}

const MOST_BYTES = 64 * 1024 * 1024

/** Runs a program to its end; fails with what it told when it fails. */
export function outputOf(
  program: string,
  args: readonly string[],
  input: Buffer | null = null,
): Promise<Output> {
  const { promise, resolve, reject } = Promise.withResolvers<Output>()
  const options = { encoding: 'buffer', maxBuffer: MOST_BYTES, timeout: 50_000 } as const
  const child = execFile(pathOf(program), args, options, (error, body, told) => {
    if (error === null) resolve({ body, text: body.toString(), told: told.toString() })
    else reject(new Error(`${program} ${args.join(' ')}: ${error.signal ?? ''}${told}`))
  })
  // It may end before it has read everything: an answer can come first.
  child.stdin!.on('error', () => {})
  child.stdin!.end(input ?? Buffer.alloc(0))
  return promise
}
