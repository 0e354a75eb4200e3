import {
  boolean,
  duration,
  fixed,
  integer,
  message,
  optional,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'

/** `envoy.config.core.v3.HttpProtocolOptions`, as connection managers use it. */
export const commonOptionsMessage: Type<{
  readonly idle_timeout: number
  readonly max_headers_count: number
}> = message(
  'envoy.config.core.v3.HttpProtocolOptions',
  {
    idle_timeout: optional(
      duration,
      3_600_000,
      'Closes a connection without a request for so long; 0s is never.',
    ),
    max_headers_count: optional(integer(1), 100, 'Headers a request may have.'),
    ...fixed({ headers_with_underscores_action: 'ALLOW', max_requests_per_connection: 0 }),
    ...unsupported('max_connection_duration', 'max_stream_duration', 'max_response_headers_kb'),
  },
  (it) => it,
)

const preserveCaseMessage = message(
  'envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat',
  { ...unused('stateful_formatter'), ...unsupported('proper_case_words') },
  () => null,
)

/** `envoy.config.core.v3.Http1ProtocolOptions`, as connection managers use it. */
export const http1OptionsMessage: Type<{
  readonly accept_http_10: boolean
  readonly default_host_for_http_10: string
}> = message(
  'envoy.config.core.v3.Http1ProtocolOptions',
  {
    accept_http_10: optional(boolean, false, 'Whether HTTP/1.0 is served; it gets 426 if not.'),
    default_host_for_http_10: optional(text, '', 'The `host` of HTTP/1.0 requests without.'),
    header_key_format: optional(
      preserveCaseMessage,
      null,
      "Names keep their bytes, as Envoy's `preserve_case` formatter does.",
    ),
    ...unused('enable_trailers', 'use_balsa_parser', 'allow_custom_methods'),
    ...fixed({ allow_absolute_url: true }),
    ...unsupported(
      'allow_chunked_length',
      'override_stream_error_on_invalid_http_message',
      'send_fully_qualified_url',
      'ignore_http_11_upgrade',
    ),
  },
  (it) => it,
)
