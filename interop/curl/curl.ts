import { type Output, outputOf } from '../output.ts'

/**
 * Runs curl without any settings of the machine; fails with what it told when it fails. What `-v` tells comes along:
 * what was sent (`>`), what came (`<`) and what curl thought of it (`*`).
 */
export function curl(args: readonly string[], input: Buffer | null = null): Promise<Output> {
  return outputOf('curl', ['-q', '-sS', '-v', '--noproxy', '*', '--max-time', '30', ...args], input)
}
