import type { OutlierDetection } from '../cluster.ts'
import {
  boolean,
  type Field,
  fixed,
  integer,
  mapped,
  message,
  nullable,
  optional,
  positiveDuration,
  type Type,
  unsupported,
} from '../decode/index.ts'

const allOrNothing = mapped(
  integer(0, 100),
  (percent, at) => {
    if (percent !== 0 && percent !== 100)
      at.say(`a share of ${percent} is not supported yet; choose 0 (off) or 100 (on)`)
    return percent === 100
  },
  'integer 0 or 100',
)

function enforcing(what: string, fallback: boolean): Field<boolean> {
  const field = optional(allOrNothing, fallback, `100 ejects for ${what}, 0 does not.`)
  return { ...field, shown: fallback ? '100' : '0' }
}

/** `envoy.config.cluster.v3.OutlierDetection`, the kinds that count failures in a row. */
export const outlierDetectionMessage: Type<OutlierDetection> = message(
  'envoy.config.cluster.v3.OutlierDetection',
  {
    consecutive_5xx: optional(
      integer(),
      5,
      'Answers of 5xx, and local failures unless those are split off, in a row; 0 is off.',
    ),
    enforcing_consecutive_5xx: enforcing('those', true),
    consecutive_gateway_failure: optional(integer(), 5, '502, 503 and 504 in a row; 0 is off.'),
    enforcing_consecutive_gateway_failure: enforcing('those', false),
    split_external_local_origin_errors: optional(
      boolean,
      false,
      'Counts failed connects, time-outs and resets apart from answers.',
    ),
    consecutive_local_origin_failure: optional(
      integer(),
      5,
      'Local failures in a row, when they are split off; 0 is off.',
    ),
    enforcing_consecutive_local_origin_failure: enforcing('those', true),
    interval: optional(positiveDuration, 10_000, 'How often ended ejections are looked for.'),
    base_ejection_time: optional(
      positiveDuration,
      30_000,
      'How long the first ejection lasts; the n-th lasts n times as long.',
    ),
    max_ejection_time: nullable(
      positiveDuration,
      'No ejection lasts longer; the greater of 300s and `base_ejection_time` when nothing is said.',
    ),
    max_ejection_percent: optional(
      integer(0, 100),
      10,
      'The share of hosts that may be ejected at once; one always may.',
    ),
    ...fixed({
      enforcing_success_rate: 0,
      enforcing_local_origin_success_rate: 0,
      enforcing_failure_percentage: 0,
      enforcing_failure_percentage_local_origin: 0,
      max_ejection_time_jitter: '0s',
      successful_active_health_check_uneject_host: true,
      always_eject_one_host: true,
    }),
    ...unsupported(
      'success_rate_minimum_hosts',
      'success_rate_request_volume',
      'success_rate_stdev_factor',
      'failure_percentage_threshold',
      'failure_percentage_minimum_hosts',
      'failure_percentage_request_volume',
      'monitors',
    ),
  },
  (it) => ({
    consecutive5xx: it.enforcing_consecutive_5xx ? it.consecutive_5xx : 0,
    consecutiveGatewayFailure: it.enforcing_consecutive_gateway_failure
      ? it.consecutive_gateway_failure
      : 0,
    consecutiveLocalOriginFailure: it.enforcing_consecutive_local_origin_failure
      ? it.consecutive_local_origin_failure
      : 0,
    splitLocalErrors: it.split_external_local_origin_errors,
    intervalMs: it.interval,
    baseEjectionMs: it.base_ejection_time,
    maxEjectionMs: it.max_ejection_time ?? Math.max(300_000, it.base_ejection_time),
    maxEjectionPercent: it.max_ejection_percent,
  }),
)
