import {
  atMostOne,
  duration,
  type Field,
  message,
  nullable,
  type Place,
  type Type,
} from '../decode/index.ts'
import type { StreamDuration } from '../route.ts'

const streamDurationMessage: Type<StreamDuration> = message(
  'envoy.config.route.v3.RouteAction.MaxStreamDuration',
  {
    max_stream_duration: nullable(
      duration,
      'For the whole request and answer instead of `timeout`; 0s is none.',
    ),
    grpc_timeout_header_max: nullable(
      duration,
      'Follows the `grpc-timeout` of a request, up to this; 0s is without a limit.',
    ),
    grpc_timeout_header_offset: nullable(duration, 'Taken off `grpc-timeout`.'),
  },
  ({ grpc_timeout_header_max: max, grpc_timeout_header_offset: offset, ...it }, at) => {
    if (offset !== null && max === null && !at.troubled)
      at.child('grpc_timeout_header_offset').say(
        'changes nothing without "grpc_timeout_header_max"; give both',
      )
    return {
      maxMs: it.max_stream_duration,
      grpcTimeoutMaxMs: max,
      grpcTimeoutOffsetMs: offset ?? 0,
    }
  },
)

/** How long a request may last, as `RouteAction` says it. */
export const STREAM_DURATION_FIELDS: {
  readonly max_stream_duration: Field<StreamDuration | null>
  readonly max_grpc_timeout: Field<number | null>
  readonly grpc_timeout_offset: Field<number | null>
} = {
  max_stream_duration: nullable(
    streamDurationMessage,
    'How long a request may last, and whether `grpc-timeout` counts.',
  ),
  max_grpc_timeout: nullable(
    duration,
    'The older spelling of `max_stream_duration: {grpc_timeout_header_max}`.',
  ),
  grpc_timeout_offset: nullable(
    duration,
    'The older spelling of `max_stream_duration: {grpc_timeout_header_offset}`.',
  ),
}

interface Given {
  readonly max_stream_duration: StreamDuration | null
  readonly max_grpc_timeout: number | null
  readonly grpc_timeout_offset: number | null
}

/** What those fields say; null when they say nothing. */
export function streamDuration(it: Given, at: Place): StreamDuration | null {
  const { max_stream_duration, max_grpc_timeout, grpc_timeout_offset } = it
  atMostOne(at, { max_stream_duration, max_grpc_timeout })
  if (grpc_timeout_offset !== null && max_grpc_timeout === null)
    at.child('grpc_timeout_offset').say('changes nothing without "max_grpc_timeout"; give both')
  if (max_stream_duration !== null || max_grpc_timeout === null) return max_stream_duration
  return {
    maxMs: null,
    grpcTimeoutMaxMs: max_grpc_timeout,
    grpcTimeoutOffsetMs: grpc_timeout_offset ?? 0,
  }
}
