import type { SocketAddress } from './address.ts'
import type { Cluster } from './cluster.ts'
import type { Listener } from './listener.ts'

/** `envoy.config.bootstrap.v3.Bootstrap`, the part a static file uses. */
export interface Bootstrap {
  readonly node: { readonly id: string; readonly cluster: string }
  /** null: no admin listener. */
  readonly admin: SocketAddress | null
  readonly listeners: readonly Listener[]
  readonly clusters: readonly Cluster[]
  readonly overload: Overload
  /** npm packages that bring protocols: names, or paths from the folder of the file that begin with a dot or a slash. */
  readonly protocolPackages: readonly string[]
}

/** What this process may use before it refuses new work: `overload_manager` and file descriptors. */
export interface Overload {
  /** Downstream connections of all listeners together; 0 leaves it to the file descriptors. */
  readonly maxConnections: number
  /** Bytes of heap and buffers above which new requests are refused; 0 is none. */
  readonly maxHeapBytes: number
}
