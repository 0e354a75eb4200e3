import { once } from 'node:events'
import net from 'node:net'

/**
 * Where ports for servers begin: below those that a machine gives by itself, so that no connection and no sidecar gets one
 * while its server is still on its way up; runs at the same time begin apart.
 */
let next = 20_000 + (process.pid % 100) * 100

/** A port of loopback for a server; no two of this process get the same. */
export async function serverPort(): Promise<number> {
  for (;;) {
    const port = next++
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
