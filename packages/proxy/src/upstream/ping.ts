import net from 'node:net'
import type { Catalog } from '@tulle/core'
import { Connection } from '../connection.ts'
import type { Ping } from '../health.ts'
import type { Protocol } from '../protocol.ts'
import { onread } from '../reading.ts'
import type { ClientOwner } from '../session.ts'
import type { Site } from '../site.ts'
import type { Cluster } from './cluster.ts'

/** Asks a host for its protocol's heartbeat over a connection made for this one question. */
export function pingWith(site: Site, protocols: Catalog<Protocol>, cluster: Cluster): Ping {
  return (name, host, timeoutMs, done) => {
    const socket = net.connect({ host: host.ip, port: host.port, noDelay: true, onread })
    const connection = new Connection(socket, site.turn, cluster.stats)
    let answered = false
    const finish = (alive: boolean): void => {
      if (answered) return
      answered = true
      connection.destroy()
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
      onReady: (session) => session.ping(timeoutMs, finish),
      onRoom: () => {},
      onClosed: () => finish(false),
    }
    const session = protocols.find(name).client(connection, owner)
    connection.owner = session
    socket.once('connect', () => session.onConnect())
    socket.setTimeout(timeoutMs, () => connection.destroy())
  }
}
