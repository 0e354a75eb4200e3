import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathOf } from '../need.ts'
import { answers, freePort, Process } from '../process.ts'

/** A Redis server at work in a folder of its own; nothing is saved. */
export interface Server {
  readonly port: number
  stop(): Promise<void>
}

export async function startServer(...options: readonly string[]): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'tulle-redis-'))
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const server = new Process(pathOf('redis-server'), [...own, ...options])
  const stop = async (): Promise<void> => {
    await server.stop()
    await rm(folder, { recursive: true })
  }
  try {
    await answers(port)
    return { port, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
