import {
  duration,
  exactlyOne,
  filledText,
  integer,
  list,
  message,
  nullable,
  optional,
  required,
  type Type,
  unsupported,
} from '../decode/index.ts'
import type { TcpProxy } from '../listener.ts'
import { oneCluster } from '../route/weighted-clusters.ts'
import type { WeightedCluster } from '../route.ts'
import { accessLogMessage } from './access-log.ts'

export const TCP_PROXY = 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'

const clusterWeightMessage: Type<WeightedCluster> = message(
  `${TCP_PROXY}.WeightedCluster.ClusterWeight`,
  {
    name: required(filledText, 'The cluster.'),
    weight: required(integer(1), 'Its share of the sum of all weights.'),
    ...unsupported('metadata_match'),
  },
  (it, at) => {
    if (it.name !== '') at.child('name').mention(it.name)
    return { ...oneCluster(it.name), weight: it.weight }
  },
)

const weightedClustersMessage = message(
  `${TCP_PROXY}.WeightedCluster`,
  { clusters: required(list(clusterWeightMessage, 1), 'The clusters, each with its weight.') },
  (it) => it.clusters,
)

/** `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
export const tcpProxyMessage: Type<TcpProxy> = message(
  TCP_PROXY,
  {
    stat_prefix: required(filledText, "First part of the metrics' names."),
    cluster: nullable(filledText, 'The cluster to which connections go.'),
    weighted_clusters: nullable(weightedClustersMessage, 'Several clusters, each with a share.'),
    idle_timeout: optional(
      duration,
      3_600_000,
      'Closes a connection without a byte in either direction for so long; 0s is never.',
    ),
    max_connect_attempts: optional(integer(1), 1, 'Hosts that are tried.'),
    access_log: optional(list(accessLogMessage), [], 'A line for each connection.'),
    ...unsupported(
      'on_demand',
      'metadata_match',
      'downstream_idle_timeout',
      'upstream_idle_timeout',
      'hash_policy',
      'tunneling_config',
      'max_downstream_connection_duration',
      'max_downstream_connection_duration_jitter_percentage',
      'access_log_flush_interval',
      'flush_access_log_on_connected',
      'access_log_options',
      'backoff_options',
      'proxy_protocol_tlvs',
      'proxy_protocol_tlv_merge_policy',
      'upstream_connect_mode',
      'max_early_data_bytes',
    ),
  },
  ({ cluster, weighted_clusters, ...it }, at) => {
    exactlyOne(at, { cluster, weighted_clusters })
    if (cluster) at.child('cluster').mention(cluster)
    return {
      kind: 'tcp',
      statPrefix: it.stat_prefix,
      clusters: weighted_clusters ?? [oneCluster(cluster ?? '')],
      idleTimeoutMs: it.idle_timeout,
      maxConnectAttempts: it.max_connect_attempts,
      accessLogs: it.access_log,
    }
  },
)
