import type { Cluster } from '../cluster.ts'
import {
  choice,
  fixed,
  integer,
  message,
  nullable,
  number,
  optional,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

/** `lb_policy`, as the name of a balancer. */
export const balancerName: Type<'round_robin' | 'least_request' | 'random'> = choice(
  [
    'ROUND_ROBIN',
    'LEAST_REQUEST',
    'RING_HASH',
    'RANDOM',
    null,
    'MAGLEV',
    'CLUSTER_PROVIDED',
    'LOAD_BALANCING_POLICY_CONFIG',
  ],
  { ROUND_ROBIN: 'round_robin', LEAST_REQUEST: 'least_request', RANDOM: 'random' },
)

const biasMessage = message(
  'envoy.config.core.v3.RuntimeDouble',
  {
    default_value: required(number(0, 1000), 'The number.'),
    ...unused('runtime_key'),
  },
  (it) => it.default_value,
)

/** `envoy.config.cluster.v3.Cluster.LeastRequestLbConfig`, in the spelling in which the balancer reads it. */
export const leastRequestMessage: Type<Readonly<Record<string, unknown>>> = message(
  'envoy.config.cluster.v3.Cluster.LeastRequestLbConfig',
  {
    choice_count: optional(integer(2), 2, 'Hosts of which the least busy is taken.'),
    active_request_bias: nullable(
      biasMessage,
      'How much requests in flight count against the weight, where weights differ; 1.0 when nothing is said.',
    ),
    ...unsupported('slow_start_config', 'locality_lb_config'),
  },
  (it) => ({
    choice_count: it.choice_count,
    ...(it.active_request_bias === null ? {} : { active_request_bias: it.active_request_bias }),
  }),
)

/** `envoy.config.cluster.v3.Cluster.RoundRobinLbConfig`, of which nothing is supported but that it is there. */
export const roundRobinMessage: Type<Readonly<Record<string, unknown>>> = message(
  'envoy.config.cluster.v3.Cluster.RoundRobinLbConfig',
  unsupported('slow_start_config'),
  () => ({}),
)

const percentMessage = message(
  'envoy.type.v3.Percent',
  { value: optional(number(0, 100), 0, 'The percentage.') },
  (it) => it.value,
)

/** `envoy.config.cluster.v3.Cluster.CommonLbConfig`, of which the panic threshold is read, in percent. */
export const commonLbMessage: Type<Cluster['panicThresholdPercent']> = message(
  'envoy.config.cluster.v3.Cluster.CommonLbConfig',
  {
    healthy_panic_threshold: optional(
      percentMessage,
      50,
      'With a smaller share of healthy hosts all are used; 50 % when nothing is said.',
    ),
    ...unused('update_merge_window'),
    ...fixed({ consistent_hashing_lb_config: {} }),
    ...unsupported(
      'zone_aware_lb_config',
      'locality_weighted_lb_config',
      'ignore_new_hosts_until_first_hc',
      'close_connections_on_host_set_change',
      'override_host_status',
    ),
  },
  (it) => it.healthy_panic_threshold,
)
