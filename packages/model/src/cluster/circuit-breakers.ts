import type { CircuitBreakers } from '../cluster.ts'
import {
  choice,
  integer,
  list,
  message,
  optional,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

const thresholdsMessage = message(
  'envoy.config.cluster.v3.CircuitBreakers.Thresholds',
  {
    priority: optional(
      choice(['DEFAULT', 'HIGH'], { DEFAULT: 'default', HIGH: 'high' }),
      'default',
      'Whose limits these are; no route has priority HIGH, so those are never reached.',
    ),
    max_connections: optional(integer(), 1024, 'Connections to all hosts.'),
    max_pending_requests: optional(integer(), 1024, 'Requests that wait for a connection.'),
    max_requests: optional(integer(), 1024, 'Requests in flight.'),
    max_retries: optional(integer(), 3, 'Retries in flight.'),
    ...unused('track_remaining'),
    ...unsupported('retry_budget', 'max_connection_pools'),
  },
  (it) => ({
    priority: it.priority,
    limits: {
      maxConnections: it.max_connections,
      maxPendingRequests: it.max_pending_requests,
      maxRequests: it.max_requests,
      maxRetries: it.max_retries,
    },
  }),
)

/** `envoy.config.cluster.v3.CircuitBreakers`. */
export const circuitBreakersMessage: Type<CircuitBreakers> = message(
  'envoy.config.cluster.v3.CircuitBreakers',
  {
    thresholds: optional(list(thresholdsMessage), [], 'The limits, by priority.'),
    ...unsupported('per_host_thresholds'),
  },
  ({ thresholds }, at) => {
    const own = thresholds.filter(({ priority }) => priority === 'default')
    if (own.length > 1) at.child('thresholds').say('priority DEFAULT is given twice; keep one')
    return own[0]?.limits ?? thresholdsMessage.blank().limits
  },
)
