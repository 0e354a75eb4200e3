import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Makes sure that nobody listens on any of these ports of loopback, each with whose it is to be. Throws with a sentence
 * that names those in use and ends with `advice`.
 */
export async function demandFree(
  ports: readonly (readonly [number, string])[],
  advice: string,
): Promise<void> {
  const failures = await Promise.all(
    ports.map(async ([port, whose]) => ({ port, whose, ...(await tryOn(port)) })),
  )
  const taken = failures.filter(({ code }) => code !== null)
  if (taken.length === 0) return
  const words = taken.map(({ port, whose, code }) =>
    code === 'EADDRINUSE'
      ? `port ${port} (for ${whose}) is in use`
      : `port ${port} (for ${whose}) cannot be had (${code})`,
  )
  throw new Error(`${words.join(', ')}; ${advice}`)
}

async function tryOn(port: number): Promise<{ code: string | null }> {
  const server = createServer()
  try {
    server.listen({ port, host: '127.0.0.1' })
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return { code: null }
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}
