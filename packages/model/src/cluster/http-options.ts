import {
  any,
  duration,
  exactlyOne,
  type Field,
  integer,
  mapped,
  message,
  nullable,
  optional,
  refused,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

/** What of its HTTP options a cluster goes by. */
export interface UpstreamHttpOptions {
  readonly idleTimeoutMs: number
  readonly maxRequestsPerConnection: number
}

/** `envoy.config.core.v3.HttpProtocolOptions`, as clusters use it. */
export const commonHttpOptionsMessage: Type<UpstreamHttpOptions> = message(
  'envoy.config.core.v3.HttpProtocolOptions (of a cluster)',
  {
    idle_timeout: optional(
      duration,
      3_600_000,
      'Closes a connection unused for so long; 0s is never.',
    ),
    max_requests_per_connection: optional(
      integer(),
      0,
      'Retires a connection after so many requests; 0 is never.',
    ),
    ...unsupported(
      'max_connection_duration',
      'max_headers_count',
      'max_response_headers_kb',
      'max_stream_duration',
      'headers_with_underscores_action',
    ),
  },
  (it) => ({
    idleTimeoutMs: it.idle_timeout,
    maxRequestsPerConnection: it.max_requests_per_connection,
  }),
)

/** `envoy.config.core.v3.Http1ProtocolOptions`, as clusters use it: what is said there must be how it is done here. */
export const upstreamHttp1Message: Type<true> = message(
  'envoy.config.core.v3.Http1ProtocolOptions (of a cluster)',
  {
    ...unused('enable_trailers', 'use_balsa_parser', 'allow_custom_methods', 'allow_absolute_url'),
    ...unsupported(
      'accept_http_10',
      'default_host_for_http_10',
      'header_key_format',
      'allow_chunked_length',
      'override_stream_error_on_invalid_http_message',
      'send_fully_qualified_url',
      'ignore_http_11_upgrade',
    ),
  },
  () => true,
)

/** A field that asks for HTTP/2. */
export const http2Refused: Field<undefined> = refused(
  'HTTP/2 to hosts is not supported yet; remove it to speak HTTP/1.1',
)

const VERSION_FIELDS = {
  http_protocol_options: nullable(upstreamHttp1Message, 'HTTP/1.1.'),
  http2_protocol_options: http2Refused,
  http3_protocol_options: refused(
    'HTTP/3 to hosts is not supported yet; remove it to speak HTTP/1.1',
  ),
}

const explicitConfigMessage = message(
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig',
  VERSION_FIELDS,
  (it, at) => {
    exactlyOne(at, { http_protocol_options: it.http_protocol_options })
    return true
  },
)

const downstreamConfigMessage = message(
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig',
  VERSION_FIELDS,
  () => true,
)

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

const httpOptionsMessage: Type<UpstreamHttpOptions | null> = message(
  HTTP_OPTIONS,
  {
    common_http_protocol_options: nullable(commonHttpOptionsMessage, 'Whatever the version.'),
    explicit_http_config: nullable(explicitConfigMessage, 'The version spoken to hosts.'),
    use_downstream_protocol_config: nullable(
      downstreamConfigMessage,
      "The version is the client's, which is HTTP/1.1 for now.",
    ),
    auto_config: refused('a version negotiated by TLS is not supported yet; remove it'),
    ...unsupported(
      'upstream_http_protocol_options',
      'http_filters',
      'header_validation_config',
      'outlier_detection',
    ),
  },
  (it, at) => {
    const { explicit_http_config, use_downstream_protocol_config } = it
    exactlyOne(at, { explicit_http_config, use_downstream_protocol_config })
    return it.common_http_protocol_options
  },
)

const byName = message(
  'envoy.config.cluster.v3.Cluster.typed_extension_protocol_options',
  { [HTTP_OPTIONS]: nullable(any({ [HTTP_OPTIONS]: httpOptionsMessage }), 'How HTTP is spoken.') },
  (it) => it[HTTP_OPTIONS] ?? null,
)

/** `typed_extension_protocol_options` of a cluster, which has one entry worth reading. */
export const protocolOptionsMap: Type<UpstreamHttpOptions | null> = mapped(
  byName,
  (options) => options,
  'map of HttpProtocolOptions',
)
