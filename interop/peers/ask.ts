import { Process } from '../process.ts'
import type { Outcome, Peer } from './peer.ts'
import type { Program } from './program.ts'

const CLIENT_MS = 60_000

/** Starts a server; it has begun when it says `ready`. */
export async function serve({ program }: Peer, port: number): Promise<Process> {
  const server = start(program, ['server', String(port)])
  try {
    await server.says(/^ready$/m)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Runs a client to its end: how each of the cases went, in their order, and all it said. */
export async function ask(
  { program }: Peer,
  port: number,
  cases: readonly string[],
): Promise<{ readonly outcomes: readonly Outcome[]; readonly said: string }> {
  const client = start(program, ['client', `127.0.0.1:${port}`, cases.join()])
  let end = 'it said nothing about it'
  try {
    const code = await client.exit(CLIENT_MS)
    if (code !== 0) end = `the client ended with ${code}`
  } catch {
    end = `the client has not come to its end within ${CLIENT_MS} ms`
  } finally {
    await client.stop()
  }
  const heard = new Map<string, Outcome>()
  for (const [, how, name, why = ''] of client.said.matchAll(LINE))
    heard.set(name!, { how: how as Outcome['how'], why })
  const nothing: Outcome = { how: 'not ok', why: `${end}: ${client.said.trim().slice(-300)}` }
  return { outcomes: cases.map((name) => heard.get(name) ?? nothing), said: client.said }
}

const LINE = /^(ok|not ok|skip) (\w+)(?:: (.*))?$/gm

function start(program: Program, args: readonly string[]): Process {
  const [command, ...first] = program.command()
  return new Process(command!, [...first, ...args])
}
