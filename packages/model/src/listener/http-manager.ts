import {
  boolean,
  choice,
  duration,
  exactlyOne,
  filledText,
  fixed,
  integer,
  list,
  message,
  nullable,
  optional,
  type Place,
  refused,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { type FilterConfig, filterMessage } from '../filter-config.ts'
import { http2OptionsMessage } from '../http2/decode.ts'
import { HTTP2_DEFAULTS } from '../http2.ts'
import type { HttpManager } from '../listener.ts'
import { routeConfigurationMessage } from '../route/decode.ts'
import { FORWARDING_FIELDS, forwarding } from './forwarding.ts'
import { commonOptionsMessage, http1OptionsMessage } from './http-options.ts'
import { ROUTER, routerMessage } from './router.ts'
import { needKnownFilters, STREAM_FIELDS } from './stream-fields.ts'

export const HTTP_MANAGER =
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'

const upgradeMessage = message(
  `${HTTP_MANAGER}.UpgradeConfig`,
  {
    upgrade_type: required(filledText, 'Such as `websocket` or `CONNECT`.'),
    enabled: optional(boolean, true, 'Whether it passes where a route says nothing.'),
    ...unsupported('filters'),
  },
  (it) => it,
)

/** `envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`. */
export const httpManagerMessage: Type<HttpManager> = message(
  HTTP_MANAGER,
  {
    ...STREAM_FIELDS,
    codec_type: optional(
      choice(['AUTO', 'HTTP1', 'HTTP2', 'HTTP3'], {
        AUTO: 'auto',
        HTTP1: 'http1',
        HTTP2: 'http2',
      }),
      'auto',
      'The version of HTTP; AUTO looks at the first bytes.',
    ),
    route_config: nullable(routeConfigurationMessage, 'Which request goes where.'),
    http_filters: required(
      list(filterMessage(`${HTTP_MANAGER}.HttpFilter`)),
      'What a request goes through; the router is the last.',
    ),
    common_http_protocol_options: optional(
      commonOptionsMessage,
      commonOptionsMessage.blank(),
      'Whatever the version.',
    ),
    http_protocol_options: optional(http1OptionsMessage, http1OptionsMessage.blank(), 'HTTP/1.'),
    http2_protocol_options: optional(http2OptionsMessage, HTTP2_DEFAULTS, 'HTTP/2.'),
    request_timeout: optional(duration, 0, 'For a whole request to arrive; 0s is none.'),
    request_headers_timeout: optional(
      duration,
      0,
      'For the head of a request to arrive once it has begun; 0s is none.',
    ),
    max_request_headers_kb: optional(integer(1, 8192), 60, 'KiB the head of a request may have.'),
    server_name: optional(text, 'tulle', 'What `server` says in answers.'),
    server_header_transformation: optional(
      choice(['OVERWRITE', 'APPEND_IF_ABSENT', 'PASS_THROUGH'], {
        OVERWRITE: 'overwrite',
        PASS_THROUGH: 'pass',
      }),
      'overwrite',
      "Whether `server_name` takes the place of the upstream's.",
    ),
    upgrade_configs: optional(list(upgradeMessage), [], 'Upgrades that pass.'),
    normalize_path: optional(boolean, false, 'Resolves `.` and `..` in paths (RFC 3986 §6).'),
    merge_slashes: optional(boolean, false, 'Makes one slash of several in paths.'),
    ...FORWARDING_FIELDS,
    rds: refused('routes over RDS are not supported yet; write them in "route_config"'),
    scoped_routes: refused('scoped routes are not supported yet; write "route_config"'),
    http3_protocol_options: refused('HTTP/3 is not supported yet; remove it'),
    ...unused('add_proxy_protocol_connection_state'),
    ...fixed({
      delayed_close_timeout: '1s',
      path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
      append_local_overload: false,
    }),
    ...unsupported(
      'add_user_agent',
      'tracing',
      'http1_safe_max_connection_duration',
      'access_log_flush_interval',
      'flush_access_log_on_new_request',
      'access_log_options',
      'original_ip_detection_extensions',
      'early_header_mutation_extensions',
      'internal_address_config',
      'proxy_100_continue',
      'represent_ipv4_remote_address_as_ipv4_mapped_ipv6',
      'request_id_extension',
      'local_reply_config',
      'stream_error_on_invalid_http_message',
      'path_normalization_options',
      'proxy_status_config',
      'typed_header_validation_config',
      'stream_flush_timeout',
      'forward_client_cert_matcher',
    ),
  },
  (it, at) => {
    const filters = withoutRouter(it.http_filters, at.child('http_filters'))
    exactlyOne(at, { route_config: it.route_config })
    const routes = it.route_config ?? routeConfigurationMessage.blank()
    needKnownFilters(routes, filters, at)
    const common = it.common_http_protocol_options
    const http1 = it.http_protocol_options
    return {
      kind: 'http',
      statPrefix: it.stat_prefix,
      routes,
      filters,
      accessLogs: it.access_log,
      idleTimeoutMs: common.idle_timeout,
      streamIdleTimeoutMs: it.stream_idle_timeout,
      drainTimeoutMs: it.drain_timeout,
      requestTimeoutMs: it.request_timeout,
      codec: it.codec_type,
      http2: it.http2_protocol_options,
      maxHeaderBytes: it.max_request_headers_kb * 1024,
      maxHeaders: common.max_headers_count,
      headerTimeoutMs: it.request_headers_timeout,
      acceptHttp10: http1.accept_http_10,
      defaultHostForHttp10: http1.default_host_for_http_10,
      upgrades: new Set(
        it.upgrade_configs.filter((it) => it.enabled).map((it) => it.upgrade_type.toLowerCase()),
      ),
      serverName: it.server_header_transformation === 'pass' ? null : it.server_name || 'tulle',
      normalizePath: it.normalize_path,
      mergeSlashes: it.merge_slashes,
      ...forwarding(it, at),
    }
  },
)

/** All filters but the router, which must be the last; what it is told is read for what would change something. */
function withoutRouter(filters: readonly FilterConfig[], at: Place): readonly FilterConfig[] {
  filters.forEach((filter, index) => {
    if (filter.type !== ROUTER) return
    const place = at.child(index)
    routerMessage.read(filter.settings, place.child('typed_config'))
    if (index < filters.length - 1) place.say('the router must be the last filter')
  })
  const last = filters.at(-1)?.type
  // The empty type stands in for a filter that has been complained of.
  if (last !== ROUTER && last !== '')
    at.say(`must end with the router ("@type": type.googleapis.com/${ROUTER})`)
  return filters.filter(({ type }) => type !== ROUTER)
}
