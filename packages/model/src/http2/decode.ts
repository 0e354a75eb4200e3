import {
  boolean,
  integer,
  message,
  nullable,
  optional,
  positiveDuration,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import { HTTP2_DEFAULTS, type Http2Settings } from '../http2.ts'

/** What a window or a number of streams may be: 2³¹ - 1 (RFC 9113 §6.5.2). */
const MOST = 2_147_483_647

const keepaliveMessage: Type<NonNullable<Http2Settings['keepalive']>> = message(
  'envoy.config.core.v3.KeepaliveSettings',
  {
    interval: required(positiveDuration, 'From one PING to the next.'),
    timeout: required(positiveDuration, 'For its answer, after which the connection is closed.'),
    ...unused('interval_jitter'),
    ...unsupported('connection_idle_interval'),
  },
  (it) => ({ intervalMs: it.interval, timeoutMs: it.timeout }),
)

/** `envoy.config.core.v3.Http2ProtocolOptions`, of connection managers and of clusters. */
export const http2OptionsMessage: Type<Http2Settings> = message(
  'envoy.config.core.v3.Http2ProtocolOptions',
  {
    hpack_table_size: optional(
      integer(),
      HTTP2_DEFAULTS.headerTableBytes,
      'Bytes of the table that remembers headers, each way.',
    ),
    max_concurrent_streams: optional(
      integer(1, MOST),
      HTTP2_DEFAULTS.maxConcurrentStreams,
      'Requests a client may have open on one connection; towards hosts the most that are opened.',
    ),
    initial_stream_window_size: optional(
      integer(65_535, MOST),
      HTTP2_DEFAULTS.initialStreamWindowBytes,
      'Bytes of one stream that may be on their way unread; grows with the bandwidth.',
    ),
    initial_connection_window_size: optional(
      integer(65_535, MOST),
      HTTP2_DEFAULTS.initialConnectionWindowBytes,
      'The same for a whole connection.',
    ),
    allow_connect: optional(
      boolean,
      false,
      'Upgrades such as WebSocket over HTTP/2: extended CONNECT (RFC 8441).',
    ),
    connection_keepalive: nullable(
      keepaliveMessage,
      'PINGs on a quiet connection; none by default.',
    ),
    ...unused(
      'max_outbound_frames',
      'max_outbound_control_frames',
      'max_consecutive_inbound_frames_with_empty_payload',
      'max_inbound_priority_frames_per_stream',
      'max_inbound_window_update_frames_per_data_frame_sent',
      'use_oghttp2_codec',
      'max_metadata_size',
      'enable_huffman_encoding',
    ),
    ...unsupported(
      'allow_metadata',
      'stream_error_on_invalid_http_messaging',
      'override_stream_error_on_invalid_http_message',
      'custom_settings_parameters',
    ),
  },
  (it) => ({
    maxConcurrentStreams: it.max_concurrent_streams,
    initialStreamWindowBytes: it.initial_stream_window_size,
    initialConnectionWindowBytes: it.initial_connection_window_size,
    headerTableBytes: it.hpack_table_size,
    allowConnect: it.allow_connect,
    keepalive: it.connection_keepalive,
  }),
)
