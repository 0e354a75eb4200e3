import type { SocketAddress } from './address.ts'
import type { FilterConfig } from './filter-config.ts'
import type { Http2Settings } from './http2.ts'
import type { RouteConfiguration, WeightedCluster } from './route.ts'
import type { DownstreamTls } from './tls.ts'

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
  /** A header that tells whom a load balancer before us speaks for (PROXY protocol, v1 and v2). @default 'off' */
  readonly proxyProtocol: 'off' | 'optional' | 'required'
}

/** What is done with connections that match: by TLS, the server name asked for, the protocol they speak. */
export interface FilterChain {
  readonly name: string
  /** `tls` and `plain` connections alone; a chain with `tls` of its own takes no others. */
  readonly transport: 'any' | 'plain' | 'tls'
  /** Of a TLS client's hello: exact, `*.suffix`; lower case. Empty takes every name, and none. */
  readonly serverNames: readonly string[]
  /**
   * Protocol names (`h2`, `http/1.1`, `bolt`); empty takes whatever no other chain does. In the clear those that the
   * first bytes speak, with TLS those that the hello offers (ALPN).
   */
  readonly protocols: readonly string[]
  /** Null leaves bytes as they are: in the clear, or another's TLS passed through. */
  readonly tls: DownstreamTls | null
  /** For the TLS handshake. @default 15000 */
  readonly handshakeTimeoutMs: number
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
  readonly codec: 'auto' | 'http1' | 'http2'
  readonly http2: Http2Settings
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
  /** Whether the client's address is appended to `x-forwarded-for`, and what came from outside is not believed. */
  readonly useRemoteAddress: boolean
  /** Proxies before this one whose `x-forwarded-for` is believed. @default 0 */
  readonly trustedHops: number
  readonly skipXffAppend: boolean
  /** Appended to `via` both ways; empty says nothing. */
  readonly via: string
  /** What becomes of `x-forwarded-client-cert`. @default 'sanitize' */
  readonly forwardClientCert:
    | 'sanitize'
    | 'forward-only'
    | 'append-forward'
    | 'sanitize-set'
    | 'always-forward-only'
  /** What is told in it besides the hash and our own URI. */
  readonly clientCertDetails: {
    readonly subject: boolean
    readonly cert: boolean
    readonly chain: boolean
    readonly dns: boolean
    readonly uri: boolean
  }
  /** An `x-request-id` from outside is kept also where `useRemoteAddress` is set. */
  readonly preserveRequestId: boolean
  readonly requestIdInResponse: boolean
  /** Appends the port that the client connected to as `x-forwarded-port`. */
  readonly appendForwardedPort: boolean
  /** The port of `:authority` is taken away: where it is the listener's, always, never. */
  readonly stripPort: 'no' | 'matching' | 'any'
  readonly stripTrailingDot: boolean
  /** `x-forwarded-proto` and `:scheme` said to hosts; null goes by the connection. */
  readonly schemeOverride: 'http' | 'https' | null
}

/** `tulle.proxy.v1.RpcConnectionManager`. */
export interface RpcManager extends StreamManager {
  readonly kind: 'rpc'
  /** Protocols this proxy knows, such as `bolt`, told apart by first bytes; empty is every one for RPC. */
  readonly protocols: readonly string[]
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
