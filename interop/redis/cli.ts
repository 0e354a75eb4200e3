import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { pathOf } from '../need.ts'

/** What redis-cli prints for its arguments, with these lines as its input. */
export async function cli(port: number, args: readonly string[], input = ''): Promise<string> {
  return await run('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...args], input)
}

/** Requests a second by test, as redis-benchmark counts them. */
export async function benchmark(
  port: number,
  args: readonly string[],
): Promise<Map<string, number>> {
  const all = ['-h', '127.0.0.1', '-p', String(port), '--csv', ...args]
  const printed = await run('redis-benchmark', all, '')
  const rows = [...printed.matchAll(/^"([^"]+)","([\d.]+)"/gm)]
  return new Map(rows.map(([, test, rps]) => [test!, Number(rps)]))
}

async function run(program: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(pathOf(program), args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return out + err
}
