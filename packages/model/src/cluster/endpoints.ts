import { addressMessage } from '../address.ts'
import type { Endpoint } from '../cluster.ts'
import {
  choice,
  exactlyOne,
  fixed,
  integer,
  list,
  mapOf,
  message,
  nullable,
  optional,
  type Place,
  required,
  struct,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'

const endpointMessage = message(
  'envoy.config.endpoint.v3.Endpoint',
  {
    address: required(addressMessage, 'Where the host listens.'),
    hostname: optional(text, '', 'What active health checks say as `host`.'),
    ...unsupported('health_check_config', 'additional_addresses'),
  },
  (it) => it,
)

const metadataMessage = message(
  'envoy.config.core.v3.Metadata',
  {
    filter_metadata: optional(mapOf(struct), {}, 'Labels, by whose they are.'),
    ...unsupported('typed_filter_metadata'),
  },
  (it) => it.filter_metadata,
)

const healthStatus = choice(
  ['UNKNOWN', 'HEALTHY', 'UNHEALTHY', 'DRAINING', 'TIMEOUT', 'DEGRADED'],
  {
    UNKNOWN: 'unknown',
    HEALTHY: 'healthy',
    UNHEALTHY: 'unhealthy',
    DRAINING: 'draining',
    DEGRADED: 'degraded',
  },
)

/** A host, and where in the file its address stands. */
export interface LocatedEndpoint {
  readonly endpoint: Endpoint
  readonly at: Place
}

const lbEndpointMessage: Type<LocatedEndpoint> = message(
  'envoy.config.endpoint.v3.LbEndpoint',
  {
    endpoint: nullable(endpointMessage, 'The host.'),
    health_status: optional(healthStatus, 'unknown', 'What is known of its health beforehand.'),
    metadata: optional(metadataMessage, {}, 'Labels of the host.'),
    load_balancing_weight: optional(integer(1), 1, 'Its share, against the other hosts.'),
    ...unsupported('endpoint_name'),
  },
  (it, at) => {
    exactlyOne(at, { endpoint: it.endpoint })
    const endpoint = {
      address: it.endpoint?.address ?? { host: '', port: 0 },
      weight: it.load_balancing_weight,
      priority: 0,
      healthStatus: it.health_status,
      hostname: it.endpoint?.hostname ?? '',
      metadata: it.metadata,
    }
    return { endpoint, at: at.child('endpoint').child('address') }
  },
)

const localityMessage: Type<readonly LocatedEndpoint[]> = message(
  'envoy.config.endpoint.v3.LocalityLbEndpoints',
  {
    lb_endpoints: optional(list(lbEndpointMessage), [], 'The hosts.'),
    priority: optional(integer(0, 128), 0, 'Hosts of priority 0 are used first.'),
    ...fixed({ load_balancing_weight: 1 }),
    ...unused('locality', 'metadata'),
    ...unsupported('load_balancer_endpoints', 'leds_cluster_locality_config', 'proximity'),
  },
  ({ lb_endpoints, priority }) =>
    lb_endpoints.map(({ endpoint, at }) => ({ endpoint: { ...endpoint, priority }, at })),
)

const policyMessage = message(
  'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy',
  {
    ...fixed({ overprovisioning_factor: 140 }),
    ...unsupported('drop_overloads', 'endpoint_stale_after', 'weighted_priority_health'),
  },
  () => null,
)

/** `envoy.config.endpoint.v3.ClusterLoadAssignment`. */
export const loadAssignmentMessage: Type<readonly LocatedEndpoint[]> = message(
  'envoy.config.endpoint.v3.ClusterLoadAssignment',
  {
    endpoints: optional(list(localityMessage), [], 'The hosts, by where they are.'),
    policy: nullable(policyMessage, 'How hosts are used.'),
    ...unused('cluster_name'),
    ...unsupported('named_endpoints'),
  },
  (it) => it.endpoints.flat(),
)
