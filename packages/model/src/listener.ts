import type { SocketAddress } from './address.ts'
import type { FilterConfig } from './filter-config.ts'
import type { RouteConfiguration, WeightedCluster } from './route.ts'

/** `envoy.config.listener.v3.Listener`. */
export interface Listener {
  readonly name: string
  readonly address: SocketAddress
  readonly chains: readonly FilterChain[]
  /** Bytes buffered towards one downstream connection before the other side is paused. @default 1048576 */
  readonly bufferLimitBytes: number
  /** Connections at once; more are closed. 0 is no limit of its own. */
  readonly maxConnections: number
  /** @default 4096 */
  readonly backlog: number
  /** How long the first bytes may take to tell the protocol, on a port with several. @default 15000 */
  readonly detectTimeoutMs: number
}

/** What is done with connections that match: by the protocol their first bytes speak. */
export interface FilterChain {
  readonly name: string
  /** Protocol names (`http/1.1`, `bolt`); empty takes whatever no other chain does. */
  readonly protocols: readonly string[]
  readonly manager: ConnectionManager
}

export type ConnectionManager = HttpManager | RpcManager | TcpProxy

interface StreamManager {
  /** First part of this chain's metrics. */
  readonly statPrefix: string
  readonly routes: RouteConfiguration
  readonly filters: readonly FilterConfig[]
  readonly accessLogs: readonly AccessLogConfig[]
  /** Closes a downstream connection without a request for so long. 0 is never. @default 3600000 */
  readonly idleTimeoutMs: number
  /** Resets a stream without a byte in either direction for so long. 0 is never. @default 300000 */
  readonly streamIdleTimeoutMs: number
  /** How long a connection may drain after it was told to end. @default 5000 */
  readonly drainTimeoutMs: number
  /** Time-out of routes that say nothing is theirs; this one is for the whole request to arrive. 0 is never. */
  readonly requestTimeoutMs: number
}

/** `envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`. */
export interface HttpManager extends StreamManager {
  readonly kind: 'http'
  readonly codec: 'auto' | 'http1'
  /** @default 60 KiB */
  readonly maxHeaderBytes: number
  /** @default 100 */
  readonly maxHeaders: number
  /** For the head to arrive once its first byte has. 0 is never. */
  readonly headerTimeoutMs: number
  /** @default false: such a request gets 426. */
  readonly acceptHttp10: boolean
  readonly defaultHostForHttp10: string
  /** Lower-case upgrade types that are passed on: `websocket`, `connect`. */
  readonly upgrades: ReadonlySet<string>
  /** What the `server` header of answers says; null leaves the upstream's. @default "tulle" */
  readonly serverName: string | null
  readonly normalizePath: boolean
  readonly mergeSlashes: boolean
  /** `x-request-id` is made when the request brings none. @default true */
  readonly generateRequestId: boolean
  /** Whether the client's address is appended to `x-forwarded-for`. */
  readonly useRemoteAddress: boolean
}

/** `tulle.proxy.v1.RpcConnectionManager`. */
export interface RpcManager extends StreamManager {
  readonly kind: 'rpc'
  /** A protocol this proxy knows, such as `bolt`. */
  readonly protocol: string
  /** @default 8388608 */
  readonly maxFrameBytes: number
  /** Tells clients by a go-away frame that the connection drains; off because stock Java Bolt does not know it. */
  readonly goAway: boolean
}

/** `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
export interface TcpProxy {
  readonly kind: 'tcp'
  readonly statPrefix: string
  readonly clusters: readonly WeightedCluster[]
  /** @default 3600000 */
  readonly idleTimeoutMs: number
  /** @default 1 */
  readonly maxConnectAttempts: number
  readonly accessLogs: readonly AccessLogConfig[]
}

export interface AccessLogConfig {
  /** A file, or `/dev/stdout`, `/dev/stderr`. */
  readonly path: string
  readonly format:
    | { readonly kind: 'text'; readonly template: string }
    | { readonly kind: 'json'; readonly template: Readonly<Record<string, unknown>> }
}
