import net, { type AddressInfo, type Server } from 'node:net'
import { RawPeer } from './raw-peer.ts'

/** A host in bare bytes, for whatever no honest server does. */
export class RawHost {
  /** Every connection there was, in order. */
  readonly peers: RawPeer[] = []
  readonly #server: Server
  readonly #expected: ((peer: RawPeer) => void)[] = []
  #given = 0

  constructor(onPeer: (peer: RawPeer, index: number) => void) {
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const peer = new RawPeer(socket)
      const index = this.peers.push(peer) - 1
      onPeer(peer, index)
      this.#expected.shift()?.(peer)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get open(): number {
    return this.peers.filter(({ socket }) => !socket.destroyed).length
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve)
    })
  }

  /** The next connection that nobody asked for yet. */
  next(): Promise<RawPeer> {
    const peer = this.peers[this.#given++]
    if (peer !== undefined) return Promise.resolve(peer)
    return new Promise((resolve) => this.#expected.push(resolve))
  }

  /** Accepts no more and closes what is open. */
  close(): Promise<void> {
    for (const peer of this.peers) peer.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

/** Starts a host that does with each connection what it is told. */
export async function startRawHost(
  onPeer: (peer: RawPeer, index: number) => void = () => {},
  port = 0,
): Promise<RawHost> {
  const host = new RawHost(onPeer)
  await host.listen(port)
  return host
}

/** A port nobody listens on: connections to it are refused. */
export async function deadPort(): Promise<number> {
  const host = await startRawHost()
  const { port } = host
  await host.close()
  return port
}
