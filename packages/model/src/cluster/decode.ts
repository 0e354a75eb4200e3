import type { Result } from '@tulle/core'
import { needIp, needPort } from '../address.ts'
import type { Cluster } from '../cluster.ts'
import {
  choice,
  decode,
  filledText,
  fixed,
  integer,
  list,
  message,
  nullable,
  optional,
  type Place,
  positiveDuration,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import { http2OptionsMessage } from '../http2/decode.ts'
import { upstreamSocketMessage } from '../transport-socket.ts'
import {
  balancerName,
  commonLbMessage,
  leastRequestMessage,
  roundRobinMessage,
} from './balancer.ts'
import { circuitBreakersMessage } from './circuit-breakers.ts'
import { connectionOptionsMessage } from './connection-options.ts'
import { type LocatedEndpoint, loadAssignmentMessage } from './endpoints.ts'
import { healthCheckMessage } from './health-check.ts'
import {
  commonHttpOptionsMessage,
  protocolOptionsMap,
  upstreamHttp1Message,
} from './http-options.ts'
import { httpOptions, needHttp2, withAlpn } from './http-version.ts'
import { outlierDetectionMessage } from './outlier-detection.ts'
import { RPC_DEFAULTS } from './rpc-options.ts'

const discovery = choice(['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'], {
  STATIC: 'static',
  STRICT_DNS: 'strict-dns',
  LOGICAL_DNS: 'logical-dns',
})

const dnsFamily = choice(['AUTO', 'V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'ALL'], {
  AUTO: 'auto',
  V4_ONLY: 'v4',
  V6_ONLY: 'v6',
  V4_PREFERRED: 'v4-preferred',
  ALL: 'all',
})

/** `envoy.config.cluster.v3.Cluster`. */
export const clusterMessage: Type<Cluster> = message(
  'envoy.config.cluster.v3.Cluster',
  {
    name: required(filledText, 'What routes call it.'),
    type: optional(discovery, 'static', 'How its hosts are found: given, or by DNS.'),
    load_assignment: nullable(loadAssignmentMessage, 'Its hosts, or the names to resolve.'),
    connect_timeout: optional(positiveDuration, 5000, 'For a connection to be made.'),
    lb_policy: optional(balancerName, 'round_robin', 'How a host is chosen for a request.'),
    round_robin_lb_config: nullable(roundRobinMessage, 'Settings of ROUND_ROBIN.'),
    least_request_lb_config: nullable(leastRequestMessage, 'Settings of LEAST_REQUEST.'),
    common_lb_config: optional(commonLbMessage, 50, 'Settings of every policy.'),
    circuit_breakers: optional(
      circuitBreakersMessage,
      circuitBreakersMessage.blank(),
      'Limits on what may be going on at once.',
    ),
    health_checks: optional(
      list(healthCheckMessage),
      [],
      'Questions to hosts, by which one sees whether they live.',
    ),
    outlier_detection: nullable(
      outlierDetectionMessage,
      'Ejects hosts whose answers are failures.',
    ),
    typed_extension_protocol_options: nullable(protocolOptionsMap, 'How hosts are spoken to.'),
    common_http_protocol_options: nullable(
      commonHttpOptionsMessage,
      'The older place for what `typed_extension_protocol_options` says.',
    ),
    http_protocol_options: nullable(upstreamHttp1Message, 'The older place for HTTP/1.1.'),
    max_requests_per_connection: nullable(
      integer(),
      'The older place for what `typed_extension_protocol_options` says.',
    ),
    upstream_connection_options: nullable(connectionOptionsMessage, 'Of the sockets.'),
    per_connection_buffer_limit_bytes: optional(
      integer(1),
      1_048_576,
      'Bytes that wait for one host connection before the client is paused.',
    ),
    dns_refresh_rate: optional(positiveDuration, 5000, 'How often names are resolved.'),
    dns_lookup_family: optional(dnsFamily, 'auto', 'Which addresses are asked for.'),
    transport_socket: nullable(
      upstreamSocketMessage,
      'TLS to hosts, or a PROXY protocol header; in the clear when nothing is said.',
    ),
    http2_protocol_options: nullable(
      http2OptionsMessage,
      'The older way to speak HTTP/2; `typed_extension_protocol_options` is the newer.',
    ),
    protocol_selection: optional(
      choice(['USE_CONFIGURED_PROTOCOL', 'USE_DOWNSTREAM_PROTOCOL'], {
        USE_CONFIGURED_PROTOCOL: false,
        USE_DOWNSTREAM_PROTOCOL: true,
      }),
      false,
      "Whether the older options go by the client's version.",
    ),
    ...unused(
      'alt_stat_name',
      'metadata',
      'cleanup_interval',
      'track_cluster_stats',
      'track_timeout_budgets',
    ),
    ...fixed({ wait_for_warm_on_init: true }),
    ...unsupported(
      'cluster_type',
      'eds_cluster_config',
      'transport_socket_matches',
      'transport_socket_matcher',
      'upstream_http_protocol_options',
      'dns_jitter',
      'dns_failure_refresh_rate',
      'respect_dns_ttl',
      'dns_resolvers',
      'use_tcp_for_dns_lookups',
      'dns_resolution_config',
      'typed_dns_resolver_config',
      'upstream_bind_config',
      'lb_subset_config',
      'ring_hash_lb_config',
      'maglev_lb_config',
      'original_dst_lb_config',
      'close_connections_on_host_health_failure',
      'ignore_health_on_host_removal',
      'filters',
      'load_balancing_policy',
      'lrs_server',
      'lrs_report_endpoint_metrics',
      'upstream_config',
      'preconnect_policy',
      'connection_pool_per_downstream_connection',
    ),
  },
  (it, at) => {
    const hosts = it.load_assignment ?? []
    needReachable(hosts, it.type, at)
    const http = httpOptions(it, at)
    const common = http.common ?? it.common_http_protocol_options
    needHttp2(it.health_checks, http.httpVersion, at)
    const { tls, proxyProtocol } = it.transport_socket ?? { tls: null, proxyProtocol: 'off' }
    const settings =
      it.lb_policy === 'least_request'
        ? (it.least_request_lb_config ?? leastRequestMessage.blank())
        : {}
    return {
      name: it.name,
      discovery: it.type,
      dnsRefreshMs: it.dns_refresh_rate,
      dnsFamily: it.dns_lookup_family,
      connectTimeoutMs: it.connect_timeout,
      endpoints: hosts.map(({ endpoint }) => endpoint),
      balancer: { name: it.lb_policy, settings },
      limits: it.circuit_breakers,
      outlierDetection: it.outlier_detection,
      healthChecks: it.health_checks,
      panicThresholdPercent: it.common_lb_config,
      idleTimeoutMs: common?.idleTimeoutMs ?? 3_600_000,
      maxRequestsPerConnection:
        it.max_requests_per_connection ?? common?.maxRequestsPerConnection ?? 0,
      bufferLimitBytes: it.per_connection_buffer_limit_bytes,
      keepalive: it.upstream_connection_options,
      httpVersion: http.httpVersion,
      http2: http.http2,
      rpc: it.typed_extension_protocol_options?.rpc ?? RPC_DEFAULTS,
      tls: withAlpn(tls, http.httpVersion, at),
      proxyProtocol,
    }
  },
)

/** Reads a cluster on its own, such as one that a control plane sends. */
export function decodeCluster(value: unknown, at = ''): Result<Cluster> {
  return decode(clusterMessage, value, at)
}

/** Complains of hosts that this kind of discovery cannot find. `at` is where the cluster stands. */
function needReachable(
  hosts: readonly LocatedEndpoint[],
  discovery: Cluster['discovery'],
  at: Place,
): void {
  if (discovery === 'logical-dns' && hosts.length !== 1 && !at.troubled)
    at.say(`a LOGICAL_DNS cluster has exactly one host, not ${hosts.length}; use STRICT_DNS`)
  for (const host of hosts) {
    if (discovery === 'static') needIp(host.endpoint.address, host.at, 'use type STRICT_DNS')
    else needPort(host.endpoint.address, host.at, 'DNS finds no unix sockets; use type STATIC')
  }
}
