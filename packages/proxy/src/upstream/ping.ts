import type { Catalog } from '@tulle/core'
import type { Ping } from '../health.ts'
import type { Protocol } from '../protocol.ts'
import type { ClientOwner } from '../session.ts'
import type { Site } from '../site.ts'
import { Attempt } from './attempt.ts'
import type { Cluster } from './cluster.ts'
import type { Host } from './host.ts'

/** Asks a host for its protocol's heartbeat over a connection made for this one question. */
export function pingWith(site: Site, protocols: Catalog<Protocol>, cluster: Cluster): Ping {
  return (name, host, timeoutMs, done) => {
    let answered = false
    const finish = (alive: boolean): void => {
      if (answered) return
      answered = true
      attempt.connection.destroy()
      done(alive)
    }
    const owner: ClientOwner = {
      turn: site.turn,
      wheel: site.wheel,
      address: host.address,
      stats: cluster.stats,
      idleTimeoutMs: 0,
      maxFrameBytes: 64 * 1024,
      maxHeaderBytes: 64 * 1024,
      http2: cluster.config.http2,
      onlyFor: null,
      onReady: (session) => session.ping(timeoutMs, finish),
      onRoom: () => {},
      onClosed: () => finish(false),
    }
    const dialler = {
      source: null,
      onOpen: ({ connection }: Attempt): void => {
        const session = protocols.find(name).client(connection, owner)
        connection.owner = session
        session.onConnect()
      },
      onFailed: (): void => finish(false),
    }
    // Whom a cluster gives to those who watch it are its hosts.
    const attempt = new Attempt(host as Host, dialler, 1)
    attempt.connection.socket.setTimeout(timeoutMs, () => finish(false))
  }
}
