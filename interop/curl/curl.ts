import { execFile } from 'node:child_process'
import { pathOf } from '../need.ts'

/** What a run of curl gave. */
export interface Got {
  readonly body: Buffer
  readonly text: string
  /** What `-v` told: what was sent (`>`), what came (`<`) and what curl thought of it (`*`). */
  readonly told: string
}

/** Runs curl without any settings of the machine; fails with what it told when it fails. */
export function curl(args: readonly string[], input: Buffer | null = null): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>()
  const all = ['-q', '-sS', '-v', '--noproxy', '*', '--max-time', '30', ...args]
  const child = execFile(
    pathOf('curl'),
    all,
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
    (error, body, told) => {
      if (error !== null) reject(new Error(`curl ${args.join(' ')}: ${told.toString()}`))
      else resolve({ body, text: body.toString(), told: told.toString() })
    },
  )
  // curl may end before it has read everything: an answer can come first.
  child.stdin!.on('error', () => {})
  child.stdin!.end(input ?? Buffer.alloc(0))
  return promise
}
