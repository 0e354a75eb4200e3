import type { Cluster, RpcOptions } from '../cluster.ts'
import {
  any,
  duration,
  exactlyOne,
  integer,
  message,
  nullable,
  optional,
  refused,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import { http2OptionsMessage } from '../http2/decode.ts'
import { HTTP2_DEFAULTS, type Http2Settings } from '../http2.ts'
import { RPC_OPTIONS, rpcOptionsMessage } from './rpc-options.ts'

/** What of its HTTP options a cluster goes by, whatever the version. */
export type CommonHttpOptions = Pick<Cluster, 'idleTimeoutMs' | 'maxRequestsPerConnection'>

/** Which HTTP is spoken, and how. */
type Version = Pick<Cluster, 'httpVersion' | 'http2'>

/** What `typed_extension_protocol_options` say; `common` is null when they do not. */
export interface UpstreamHttpOptions extends Version {
  readonly common: CommonHttpOptions | null
}

/** `envoy.config.core.v3.HttpProtocolOptions`, as clusters use it. */
export const commonHttpOptionsMessage: Type<CommonHttpOptions> = message(
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

const VERSION_FIELDS = {
  http_protocol_options: nullable(upstreamHttp1Message, 'HTTP/1.1.'),
  http2_protocol_options: nullable(http2OptionsMessage, 'HTTP/2.'),
  http3_protocol_options: refused(
    'HTTP/3 to hosts is not supported yet; remove it to speak HTTP/1.1 or HTTP/2',
  ),
}

const explicitConfigMessage: Type<Version> = message(
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig',
  VERSION_FIELDS,
  ({ http_protocol_options, http2_protocol_options }, at) => {
    exactlyOne(at, { http_protocol_options, http2_protocol_options })
    return version(http2_protocol_options ? 'http2' : 'http1', http2_protocol_options)
  },
)

const downstreamConfigMessage: Type<Version> = message(
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig',
  VERSION_FIELDS,
  (it) => version('downstream', it.http2_protocol_options),
)

const autoConfigMessage: Type<Version> = message(
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig',
  { ...VERSION_FIELDS, ...unsupported('alternate_protocols_cache_options') },
  (it) => version('auto', it.http2_protocol_options),
)

function version(httpVersion: Cluster['httpVersion'], http2: Http2Settings | null): Version {
  return { httpVersion, http2: http2 ?? HTTP2_DEFAULTS }
}

/** The key of what is read in `typed_extension_protocol_options`, and the name of its message. */
export const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

const httpOptionsMessage: Type<UpstreamHttpOptions> = message(
  HTTP_OPTIONS,
  {
    common_http_protocol_options: nullable(commonHttpOptionsMessage, 'Whatever the version.'),
    explicit_http_config: nullable(explicitConfigMessage, 'The version spoken to hosts.'),
    use_downstream_protocol_config: nullable(
      downstreamConfigMessage,
      "The version is the client's.",
    ),
    auto_config: nullable(autoConfigMessage, 'The version is negotiated by TLS (ALPN).'),
    ...unsupported(
      'upstream_http_protocol_options',
      'http_filters',
      'header_validation_config',
      'outlier_detection',
    ),
  },
  (it, at) => {
    const { explicit_http_config, use_downstream_protocol_config, auto_config } = it
    exactlyOne(at, { explicit_http_config, use_downstream_protocol_config, auto_config })
    const given = explicit_http_config ?? use_downstream_protocol_config ?? auto_config
    return { common: it.common_http_protocol_options, ...(given ?? version('http1', null)) }
  },
)

/** What the entries of a cluster's `typed_extension_protocol_options` say; null is an entry that is not there. */
export interface ProtocolOptions {
  readonly http: UpstreamHttpOptions | null
  readonly rpc: RpcOptions | null
}

/** `typed_extension_protocol_options` of a cluster: the two entries worth reading. */
export const protocolOptionsMap: Type<ProtocolOptions> = message(
  'envoy.config.cluster.v3.Cluster.typed_extension_protocol_options',
  {
    [HTTP_OPTIONS]: nullable(any({ [HTTP_OPTIONS]: httpOptionsMessage }), 'How HTTP is spoken.'),
    [RPC_OPTIONS]: nullable(any({ [RPC_OPTIONS]: rpcOptionsMessage }), 'How RPC is spoken.'),
  },
  (it) => ({ http: it[HTTP_OPTIONS] ?? null, rpc: it[RPC_OPTIONS] ?? null }),
)
