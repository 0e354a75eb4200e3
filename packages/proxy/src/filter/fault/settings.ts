import {
  fractionalPercentMessage,
  headerMatcherMessage,
  integer,
  type KeyMatcher,
  list,
  message,
  nullable,
  optional,
  positiveDuration,
  required,
  type Type,
  unsupported,
  unused,
} from '@tulle/model'

/** What the fault filter does, and to which requests. */
export interface FaultSettings {
  readonly delay: { readonly ms: number; readonly ppm: number } | null
  readonly abort: { readonly status: number; readonly ppm: number } | null
  /** All must match. */
  readonly headers: readonly KeyMatcher[]
  /** Requests held at once; when there are so many, others pass unharmed. */
  readonly maxActive: number
}

const percentage = required(
  fractionalPercentMessage,
  'The share of requests: `{numerator: 10}` is 10 in a `denominator` of `HUNDRED`; also `TEN_THOUSAND`, `MILLION`.',
)

const delayMessage = message(
  'envoy.extensions.filters.common.fault.v3.FaultDelay',
  {
    fixed_delay: required(positiveDuration, 'How long.'),
    percentage,
    ...unsupported('header_delay'),
  },
  (it) => ({ ms: it.fixed_delay, ppm: it.percentage }),
)

const abortMessage = message(
  'envoy.extensions.filters.http.fault.v3.FaultAbort',
  {
    http_status: required(
      integer(200, 599),
      "The status of the answer; RPC clients get their protocol's own.",
    ),
    percentage,
    ...unsupported('grpc_status', 'header_abort'),
  },
  (it) => ({ status: it.http_status, ppm: it.percentage }),
)

/** `envoy.extensions.filters.http.fault.v3.HTTPFault`. */
export function faultMessage(speech: 'http' | 'rpc'): Type<FaultSettings> {
  return message(
    'envoy.extensions.filters.http.fault.v3.HTTPFault',
    {
      delay: nullable(delayMessage, 'Holds requests for a while.'),
      abort: nullable(abortMessage, 'Answers requests in place of the host, after the delay.'),
      headers: optional(
        list(headerMatcherMessage(speech)),
        [],
        'Only requests with all of these headers.',
      ),
      max_active_faults: nullable(
        integer(),
        'How many requests may be held at once; more pass unharmed. Unlimited when not given.',
      ),
      ...unused('disable_downstream_cluster_stats'),
      ...unsupported(
        'upstream_cluster',
        'downstream_nodes',
        'response_rate_limit',
        'delay_percent_runtime',
        'abort_percent_runtime',
        'delay_duration_runtime',
        'abort_http_status_runtime',
        'abort_grpc_status_runtime',
        'max_active_faults_runtime',
        'response_rate_limit_percent_runtime',
        'filter_metadata',
      ),
    },
    (it) => ({
      delay: it.delay,
      abort: it.abort,
      headers: it.headers,
      maxActive: it.max_active_faults ?? Number.POSITIVE_INFINITY,
    }),
  )
}
