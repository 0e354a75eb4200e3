import net from 'node:net'
import type { Bootstrap, Listener } from '@tulle/model'
import { listenError } from '../listen/listen-error.ts'

/**
 * Looks whether the addresses of new listeners are free. Workers share theirs by SO_REUSEPORT, which would also let them
 * in beside another proxy's, and half of the connections would go there. Throws `PORT_IN_USE` or `LISTEN_FAILED`.
 */
export async function claim(after: Bootstrap, before: Bootstrap | null): Promise<void> {
  const had = new Set(before?.listeners.map(keyOf))
  for (const listener of after.listeners) {
    // Unix sockets have one worker each, which looks for itself.
    const shared = listener.address.path === undefined
    if (shared && !had.has(keyOf(listener))) await claimOne(listener)
  }
}

function claimOne(listener: Listener): Promise<void> {
  const { host, port } = listener.address
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (error) => reject(listenError(listener, error)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()))
  })
}

function keyOf({ address }: Listener): string {
  return `${address.host}|${address.port}`
}
