import type { HealthCheck } from '../cluster.ts'
import {
  choice,
  duration,
  exactlyOne,
  extension,
  filledText,
  fixed,
  integer,
  list,
  mapped,
  message,
  nullable,
  optional,
  positiveDuration,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { rangeMessage } from '../matcher.ts'

type Probe = HealthCheck['probe']

const statusRange = mapped(rangeMessage, (range, at) => {
  if (!at.troubled && (range.start < 100 || range.end > 600))
    at.say(`must lie within 100 and 600, not [${range.start}, ${range.end})`)
  return range
})

const httpProbeMessage: Type<Probe> = message(
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck',
  {
    path: required(filledText, 'What is asked for.'),
    host: optional(text, '', "The `host` header; the endpoint's or the cluster's name when empty."),
    expected_statuses: optional(
      list(statusRange),
      [],
      'Answers of a healthy host; 200 alone when nothing is said.',
    ),
    codec_client_type: optional(
      choice(['HTTP1', 'HTTP2', 'HTTP3'], { HTTP1: false, HTTP2: true }),
      false,
      'The version of HTTP.',
    ),
    ...unused('response_buffer_size'),
    ...fixed({ method: 'GET' }),
    ...unsupported(
      'send',
      'receive',
      'request_headers_to_add',
      'request_headers_to_remove',
      'retriable_statuses',
      'service_name_matcher',
    ),
  },
  (it) => ({
    kind: 'http',
    host: it.host,
    path: it.path,
    http2: it.codec_client_type,
    expectedStatuses: it.expected_statuses,
  }),
)

const tcpProbeMessage: Type<Probe> = message(
  'envoy.config.core.v3.HealthCheck.TcpHealthCheck',
  unsupported('send', 'receive', 'proxy_protocol_config'),
  () => ({ kind: 'tcp' }),
)

const grpcProbeMessage: Type<Probe> = message(
  'envoy.config.core.v3.HealthCheck.GrpcHealthCheck',
  {
    service_name: optional(text, '', 'The service asked about; the server as a whole when empty.'),
    authority: optional(
      text,
      '',
      "The `:authority`; the endpoint's or the cluster's name when empty.",
    ),
    ...unsupported('initial_metadata'),
  },
  (it) => ({ kind: 'grpc', service: it.service_name, authority: it.authority }),
)

const HEARTBEAT = 'tulle.proxy.v1.HeartbeatHealthCheck'

const heartbeatMessage: Type<Probe> = message(
  HEARTBEAT,
  { protocol: required(filledText, 'The RPC protocol whose heartbeat is sent, such as `bolt`.') },
  (it) => ({ kind: 'heartbeat', protocol: it.protocol }),
)

const customProbeMessage = extension('envoy.config.core.v3.HealthCheck.CustomHealthCheck', {
  [HEARTBEAT]: heartbeatMessage,
})

/** `envoy.config.core.v3.HealthCheck`. */
export const healthCheckMessage: Type<HealthCheck> = message(
  'envoy.config.core.v3.HealthCheck',
  {
    timeout: required(positiveDuration, 'For one answer.'),
    interval: required(positiveDuration, 'From one check to the next.'),
    interval_jitter: optional(duration, 0, 'The interval is longer by a random part of this.'),
    unhealthy_threshold: required(integer(1), 'Failures in a row that make a host unhealthy.'),
    healthy_threshold: required(integer(1), 'Successes in a row that make it healthy again.'),
    tcp_health_check: nullable(tcpProbeMessage, 'The host accepts a connection.'),
    http_health_check: nullable(httpProbeMessage, 'The host answers a request.'),
    grpc_health_check: nullable(
      grpcProbeMessage,
      'The host answers `grpc.health.v1.Health/Check`.',
    ),
    custom_health_check: nullable(customProbeMessage, 'The heartbeat of an RPC protocol.'),
    ...unused('always_log_health_check_failures', 'always_log_health_check_success'),
    ...fixed({ reuse_connection: true, interval_jitter_percent: 0 }),
    ...unsupported(
      'initial_jitter',
      'alt_port',
      'no_traffic_interval',
      'no_traffic_healthy_interval',
      'unhealthy_interval',
      'unhealthy_edge_interval',
      'healthy_edge_interval',
      'event_log_path',
      'event_logger',
      'event_service',
      'tls_options',
      'transport_socket_match_criteria',
    ),
  },
  (it, at) => {
    const { tcp_health_check, http_health_check, grpc_health_check, custom_health_check } = it
    const probes = { tcp_health_check, http_health_check, grpc_health_check, custom_health_check }
    exactlyOne(at, probes)
    return {
      timeoutMs: it.timeout,
      intervalMs: it.interval,
      intervalJitterMs: it.interval_jitter,
      unhealthyThreshold: it.unhealthy_threshold,
      healthyThreshold: it.healthy_threshold,
      probe: Object.values(probes).find((probe) => probe !== null) ?? { kind: 'tcp' },
    }
  },
)
