import type { SocketAddress } from './address.ts'
import type { Http2Settings } from './http2.ts'
import type { ServiceInterface } from './interface.ts'
import type { UpstreamTls } from './tls.ts'

/** `envoy.config.cluster.v3.Cluster`. */
export interface Cluster {
  readonly name: string
  readonly discovery: 'static' | 'strict-dns' | 'logical-dns'
  /** How often names are resolved again. @default 5000 */
  readonly dnsRefreshMs: number
  readonly dnsFamily: 'auto' | 'v4' | 'v6' | 'v4-preferred' | 'all'
  /** @default 5000 */
  readonly connectTimeoutMs: number
  readonly endpoints: readonly Endpoint[]
  /** Name and undecoded settings of the balancer: `round_robin`, `random`, `least_request`. */
  readonly balancer: { readonly name: string; readonly settings: unknown }
  readonly limits: CircuitBreakers
  readonly outlierDetection: OutlierDetection | null
  readonly healthChecks: readonly HealthCheck[]
  /** Below this share of healthy hosts all are used; percent. @default 50 */
  readonly panicThresholdPercent: number
  /** Closes an upstream connection unused for so long. 0 is never. @default 3600000 */
  readonly idleTimeoutMs: number
  /** Retires an upstream connection after so many requests. 0 is never. */
  readonly maxRequestsPerConnection: number
  /** Bytes buffered towards one upstream connection before the other side is paused. @default 1048576 */
  readonly bufferLimitBytes: number
  readonly keepalive: TcpKeepalive | null
  /** Which HTTP is spoken to hosts: one version, what TLS negotiates (`auto`), or the client's (`downstream`). */
  readonly httpVersion: 'http1' | 'http2' | 'auto' | 'downstream'
  readonly http2: Http2Settings
  readonly rpc: RpcOptions
  /** Null speaks in the clear. */
  readonly tls: UpstreamTls | null
  /** Hosts are told the client's address by a PROXY protocol header at the start of a connection. */
  readonly proxyProtocol: 'off' | 'v1' | 'v2'
}

/** `tulle.proxy.v1.RpcProtocolOptions`: how calls go to hosts. */
export interface RpcOptions {
  /** The protocol of hosts that do not name theirs (`metadata.filter_metadata.tulle.protocol`); null is the caller's. */
  readonly protocol: string | null
  /** Calls at once on a connection; 0 is as many as the protocol allows. */
  readonly concurrentCalls: number
  /** Calls travel as bodies of HTTP/2 requests, for a proxy on the far side to take them out. */
  readonly wrapped: boolean
  /** What its services declare: with it, calls come in other protocols than the hosts'. */
  readonly services: readonly ServiceInterface[]
}

export interface Endpoint {
  readonly address: SocketAddress
  readonly weight: number
  /** 0 is used first. */
  readonly priority: number
  readonly healthStatus: 'unknown' | 'healthy' | 'unhealthy' | 'draining' | 'degraded'
  readonly hostname: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** `circuit_breakers.thresholds` of default priority. */
export interface CircuitBreakers {
  /** @default 1024 */
  readonly maxConnections: number
  /** @default 1024 */
  readonly maxPendingRequests: number
  /** @default 1024 */
  readonly maxRequests: number
  /** @default 3 */
  readonly maxRetries: number
}

/** `outlier_detection`, the consecutive kinds. */
export interface OutlierDetection {
  /** 5xx and local failures in a row that eject; 0 is off. @default 5 */
  readonly consecutive5xx: number
  /** 502, 503, 504 in a row; 0, also where `enforcing_consecutive_gateway_failure` is 0, is off. @default 0 */
  readonly consecutiveGatewayFailure: number
  /** Connect failures, time-outs and resets in a row; counted apart when `splitLocalErrors`. @default 5 */
  readonly consecutiveLocalOriginFailure: number
  readonly splitLocalErrors: boolean
  /** @default 10000 */
  readonly intervalMs: number
  /** Times the number of ejections so far. @default 30000 */
  readonly baseEjectionMs: number
  /** @default 300000 */
  readonly maxEjectionMs: number
  /** Percent of a cluster's hosts that may be ejected at once; one always may. @default 10 */
  readonly maxEjectionPercent: number
}

/** `envoy.config.core.v3.HealthCheck`. */
export interface HealthCheck {
  readonly timeoutMs: number
  readonly intervalMs: number
  readonly intervalJitterMs: number
  readonly unhealthyThreshold: number
  readonly healthyThreshold: number
  readonly probe:
    | { readonly kind: 'tcp' }
    | {
        readonly kind: 'http'
        readonly host: string
        readonly path: string
        /** Asked over HTTP/2. */
        readonly http2: boolean
        /** Ranges [start, end); 200 alone when empty. */
        readonly expectedStatuses: readonly { readonly start: number; readonly end: number }[]
      }
    /** `grpc.health.v1.Health/Check`; an empty service is the server as a whole. */
    | { readonly kind: 'grpc'; readonly service: string; readonly authority: string }
    /** The heartbeat of an RPC protocol, by the protocol's name. */
    | { readonly kind: 'heartbeat'; readonly protocol: string }
}

export interface TcpKeepalive {
  readonly timeMs: number
}
