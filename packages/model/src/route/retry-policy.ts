import {
  duration,
  extension,
  integer,
  list,
  mapped,
  message,
  nearest,
  nullable,
  optional,
  type Place,
  positiveDuration,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { RETRY_ON, type RetryOn, type RetryPolicy } from '../route.ts'

/** Conditions that Envoy knows besides. */
const NOT_YET: readonly string[] = [
  'envoy-ratelimited',
  'retriable-headers',
  'http3-post-connect-failure',
]

const retryOn: Type<ReadonlySet<RetryOn>> = mapped(text, (conditions, at) => {
  const known: readonly string[] = RETRY_ON
  const words = conditions.split(',').map((word) => word.trim())
  const given = words.filter((word) => word !== '')
  for (const word of given) if (!known.includes(word)) sayUnknown(word, at)
  return new Set(given.filter((word) => known.includes(word)) as RetryOn[])
})

function sayUnknown(word: string, at: Place): void {
  if (NOT_YET.includes(word)) {
    at.say(`"${word}" is not supported yet; remove it`)
    return
  }
  const meant = nearest(word, RETRY_ON)
  const advice = meant ? `did you mean "${meant}"?` : `known are ${RETRY_ON.join(', ')}`
  at.say(`unknown condition "${word}"; ${advice}`)
}

const backoffMessage = message(
  'envoy.config.route.v3.RetryPolicy.RetryBackOff',
  {
    base_interval: required(positiveDuration, 'The first wait is a random part of this.'),
    max_interval: nullable(
      positiveDuration,
      'No wait is longer; 10 × `base_interval` when nothing is said.',
    ),
  },
  ({ base_interval: base, max_interval: max }, at) => {
    if (max !== null && max < base && !at.troubled)
      at.child('max_interval').say('must not be shorter than "base_interval"')
    return { base, max: max ?? 10 * base }
  },
)

const PREVIOUS_HOSTS = 'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'

const hostPredicate = extension('envoy.config.route.v3.RetryPolicy.RetryHostPredicate', {
  [PREVIOUS_HOSTS]: message(PREVIOUS_HOSTS, {}, () => true),
})

/** `envoy.config.route.v3.RetryPolicy`. */
export const retryPolicyMessage: Type<RetryPolicy> = message(
  'envoy.config.route.v3.RetryPolicy',
  {
    retry_on: optional(
      retryOn,
      new Set<RetryOn>(),
      `What is tried again, with commas between: ${RETRY_ON.join(', ')}.`,
    ),
    num_retries: optional(integer(), 1, 'How often, besides the first time.'),
    per_try_timeout: optional(duration, 0, 'For one try to end; 0s is none.'),
    retry_host_predicate: optional(
      list(hostPredicate),
      [],
      '`previous_hosts` chooses hosts that were not tried before.',
    ),
    retriable_status_codes: optional(
      list(integer(100, 599)),
      [],
      'What `retriable-status-codes` means.',
    ),
    retry_back_off: nullable(
      backoffMessage,
      'The wait between tries; 25 ms to 250 ms when nothing is said.',
    ),
    ...unused('host_selection_retry_max_attempts'),
    ...unsupported(
      'per_try_idle_timeout',
      'retry_priority',
      'retry_options_predicates',
      'rate_limited_retry_back_off',
      'retriable_headers',
      'retriable_request_headers',
    ),
  },
  (it) => ({
    on: it.retry_on,
    statusCodes: new Set(it.retriable_status_codes),
    retries: it.num_retries,
    perTryTimeoutMs: it.per_try_timeout,
    backoffBaseMs: it.retry_back_off?.base ?? 25,
    backoffMaxMs: it.retry_back_off?.max ?? 250,
    avoidTriedHosts: it.retry_host_predicate.length > 0,
  }),
)
