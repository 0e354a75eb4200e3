import { MiniProxy, type MiniSettings } from './harness.ts'
import { greeting } from './harness-frames.ts'
import { FrameHost, type Got, Peer } from './harness-peer.ts'

/** For tests: a client and a host in bare frames, and a proxy between them. */
export interface Trio {
  readonly client: Peer
  readonly proxy: MiniProxy
  readonly host: FrameHost
  /** Another client of the same proxy. */
  another(...settings: readonly number[]): Peer
}

const closers: (() => void)[] = []

/** Ends all trios. */
export function clear(): void {
  for (const close of closers.splice(0).toReversed()) close()
}

/** `onHead` is what the host does with each head of a request, or trailers. */
export async function trio(
  onHead: (peer: Peer, id: number, got: Got) => void,
  settings: MiniSettings & {
    /** What the client says first. */
    readonly client?: readonly number[] | null
    readonly host?: readonly number[] | null
  } = {},
): Promise<Trio> {
  const host = new FrameHost(onHead)
  closers.push(() => host.stop())
  await host.start()
  if (settings.host !== undefined) host.settings = settings.host
  const proxy = new MiniProxy(settings)
  closers.push(() => proxy.stop())
  await proxy.start(host.port)
  const another = (...list: readonly number[]): Peer => {
    const peer = Peer.connect(proxy.port)
    closers.push(() => peer.socket.destroy())
    return peer.write(greeting(...list))
  }
  const { client: said = [] } = settings
  if (said !== null) return { host, proxy, client: another(...said), another }
  const client = Peer.connect(proxy.port)
  closers.push(() => client.socket.destroy())
  return { host, proxy, client, another }
}
