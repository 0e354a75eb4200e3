import { type Family, family, type Series } from '@tulle/core'

/** Of connections and requests that come in, per listener chain (`stat_prefix`). */
export const listenerMetrics = {
  cx_total: ['counter', 'connections accepted'],
  cx_active: ['gauge', 'connections open'],
  cx_rx_bytes_total: ['counter', 'bytes received'],
  cx_tx_bytes_total: ['counter', 'bytes sent'],
  cx_overflow: ['counter', 'connections refused because a limit was reached'],
  cx_idle_timeout: ['counter', 'connections closed because they were idle'],
  cx_protocol_error: ['counter', 'connections closed because the client broke its protocol'],
  cx_drain_close: ['counter', 'connections closed because the listener drained'],
  cx_detect: [
    'histogram',
    'time from a connection to knowing what it speaks, where first bytes tell that',
    'microseconds',
  ],
  cx_no_chain: ['counter', 'connections closed because no filter chain takes them'],
  cx_proxy_header_error: [
    'counter',
    'connections closed because their PROXY protocol header was wrong or missing',
  ],
  tls_handshakes: ['counter', 'TLS handshakes that succeeded'],
  tls_errors: ['counter', 'TLS handshakes that failed'],
  rq_total: ['counter', 'requests begun'],
  rq_active: ['gauge', 'requests under way'],
  rq_oneway: ['counter', 'requests that nobody answers'],
  rq_2xx: ['counter', 'answers that meant success'],
  rq_3xx: ['counter', 'answers that redirected'],
  rq_4xx: ['counter', 'answers that blamed the client'],
  rq_5xx: ['counter', 'answers that meant failure'],
  rq_reset: ['counter', 'requests whose client went away before the answer was complete'],
  rq_timeout: ['counter', 'requests that took longer than allowed'],
  rq_too_large: ['counter', 'requests larger than the limit'],
  rq_overload: ['counter', 'requests refused because the process was overloaded'],
  rq_local: ['counter', 'requests answered by the proxy itself'],
  heartbeat_total: ['counter', 'heartbeats answered'],
  rq_duration: [
    'histogram',
    'time from the first byte of a request to the end of its answer',
    'microseconds',
  ],
} as const
export const listenerFamily: Family<typeof listenerMetrics> = family(
  'downstream',
  ['listener', 'protocol'],
  listenerMetrics,
)
export type ListenerSeries = Series<typeof listenerMetrics>

/** Of a cluster's connections and requests. */
export const clusterMetrics = {
  cx_total: ['counter', 'connections made'],
  cx_active: ['gauge', 'connections open'],
  cx_connect_fail: ['counter', 'connections that could not be made'],
  cx_connect_timeout: ['counter', 'connections that took too long to make'],
  cx_overflow: ['counter', 'connections not made because the limit was reached'],
  tls_handshakes: ['counter', 'TLS handshakes that succeeded'],
  tls_errors: ['counter', 'TLS handshakes that failed'],
  cx_idle_timeout: ['counter', 'connections closed because they were idle'],
  cx_protocol_error: ['counter', 'connections closed because the host broke its protocol'],
  cx_rx_bytes_total: ['counter', 'bytes received'],
  cx_tx_bytes_total: ['counter', 'bytes sent'],
  rq_total: ['counter', 'requests sent, retries included'],
  rq_active: ['gauge', 'requests under way'],
  rq_pending: ['gauge', 'requests waiting for a connection'],
  rq_pending_overflow: ['counter', 'requests refused because too many were waiting'],
  rq_overflow: ['counter', 'requests refused because too many were under way'],
  rq_2xx: ['counter', 'answers that meant success'],
  rq_3xx: ['counter', 'answers that redirected'],
  rq_4xx: ['counter', 'answers that blamed the client'],
  rq_5xx: ['counter', 'answers that meant failure'],
  rq_reset: ['counter', 'requests whose connection broke before the answer was complete'],
  rq_timeout: ['counter', 'requests that took longer than their route allows'],
  rq_per_try_timeout: ['counter', 'tries that took longer than allowed'],
  rq_retry: ['counter', 'tries after the first'],
  rq_retry_success: ['counter', 'retries that were answered well'],
  rq_retry_overflow: ['counter', 'retries not made because too many were under way'],
  rq_retry_limit: ['counter', 'requests that failed after their last retry'],
  rq_no_host: ['counter', 'requests for which no host was available'],
  rq_unknown_answer: ['counter', 'answers with an id nobody waits for'],
  heartbeat_total: ['counter', 'heartbeats sent'],
  heartbeat_failed: ['counter', 'heartbeats that were not answered in time'],
  hosts: ['gauge', 'hosts known', 'max'],
  hosts_healthy: ['gauge', 'hosts that may be chosen', 'max'],
  lb_panic: ['counter', 'times that all hosts were used because too few were healthy'],
  health_check_total: ['counter', 'active health checks made'],
  health_check_failed: ['counter', 'active health checks that failed'],
  outlier_ejected: ['gauge', 'hosts ejected at the moment', 'max'],
  outlier_ejections_total: ['counter', 'ejections'],
  update_total: ['counter', 'changes of the set of hosts'],
  update_failed: ['counter', 'failed attempts to resolve the hosts'],
  rq_duration: ['histogram', 'time from a request sent to the end of its answer', 'microseconds'],
} as const
export const clusterFamily: Family<typeof clusterMetrics> = family(
  'upstream',
  ['cluster'],
  clusterMetrics,
)
export type ClusterSeries = Series<typeof clusterMetrics>

/** Of calls of gRPC, by the status they ended with: each series is made when its status first occurs. */
export const grpcMetrics = {
  calls: ['counter', 'calls of gRPC that ended with the status'],
} as const
export type GrpcSeries = Series<typeof grpcMetrics>
export const listenerGrpcFamily: Family<typeof grpcMetrics> = family(
  'downstream_grpc',
  ['listener', 'protocol', 'status'],
  grpcMetrics,
)
export const clusterGrpcFamily: Family<typeof grpcMetrics> = family(
  'upstream_grpc',
  ['cluster', 'status'],
  grpcMetrics,
)

/**
 * Of calls by who called what, where the call metrics filter asks for that: each series is made by the first call of its
 * names, as far as the filter's budget goes.
 */
export const callMetrics = {
  ok: ['counter', 'calls that ended well, one-way calls that left included'],
  client_error: ['counter', 'calls that failed by their caller (4xx in the words of HTTP)'],
  server_error: ['counter', 'calls that failed otherwise (5xx in the words of HTTP)'],
  duration: [
    'histogram',
    'time from the first byte of a call to its end; one-way calls and tunnels have none',
    'microseconds',
  ],
} as const
export const callFamily: Family<typeof callMetrics> = family(
  'call',
  ['prefix', 'source', 'service', 'method'],
  callMetrics,
)
export type CallSeries = Series<typeof callMetrics>

/** Of the process. */
export const serverMetrics = {
  uptime_seconds: ['gauge', 'seconds since the start', 'max'],
  config_updates: ['counter', 'configurations applied'],
  config_rejected: ['counter', 'configurations refused'],
  config_version: ['gauge', 'how many configurations were applied', 'max'],
  memory_rss_bytes: ['gauge', 'memory of the process'],
  memory_heap_bytes: ['gauge', 'heap and buffers in use'],
  open_connections: ['gauge', 'downstream connections of all listeners'],
  max_connections: ['gauge', 'downstream connections allowed at once'],
  draining: ['gauge', '1 while the process drains', 'max'],
  overload_refused: [
    'counter',
    'requests and connections refused because memory or descriptors ran short',
  ],
  spans_sent: ['counter', 'spans that a collector has taken'],
  spans_dropped: ['counter', 'spans dropped because their collector did not take them'],
  access_log_dropped: ['counter', 'access log lines dropped because the file did not keep up'],
} as const
export const serverFamily: Family<typeof serverMetrics> = family('server', [], serverMetrics)
export type ServerSeries = Series<typeof serverMetrics>

/** Every family this process can have, for those who merge workers' samples or write documentation. */
export const families: readonly Family[] = [
  listenerFamily,
  listenerGrpcFamily,
  clusterFamily,
  clusterGrpcFamily,
  callFamily,
  serverFamily,
]
