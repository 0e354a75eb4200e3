import {
  filledText,
  integer,
  list,
  message,
  nullable,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import { NO_EDITS, type WeightedCluster } from '../route.ts'
import { HEADER_EDIT_FIELDS, headerEdits } from './header-edits.ts'

const clusterWeightMessage: Type<WeightedCluster> = message(
  'envoy.config.route.v3.WeightedCluster.ClusterWeight',
  {
    name: required(filledText, 'The cluster.'),
    weight: required(integer(), 'Its share of the sum of all weights.'),
    ...HEADER_EDIT_FIELDS,
    ...unsupported(
      'cluster_header',
      'metadata_match',
      'typed_per_filter_config',
      'host_rewrite_literal',
    ),
  },
  (it, at) => {
    if (it.name !== '') at.child('name').mention(it.name)
    return { name: it.name, weight: it.weight, ...headerEdits(it) }
  },
)

/** `envoy.config.route.v3.WeightedCluster`. */
export const weightedClustersMessage: Type<readonly WeightedCluster[]> = message(
  'envoy.config.route.v3.WeightedCluster',
  {
    clusters: required(list(clusterWeightMessage, 1), 'The clusters, each with its weight.'),
    total_weight: nullable(integer(1), 'Older; must be the sum of all weights.'),
    ...unused('runtime_key_prefix'),
    ...unsupported('header_name', 'random_value_specifier', 'use_hash_policy'),
  },
  ({ clusters, total_weight }, at) => {
    const sum = clusters.reduce((total, { weight }) => total + weight, 0)
    if (sum === 0 && !at.troubled) at.say('the weights must not all be 0')
    if (total_weight !== null && total_weight !== sum && !at.troubled)
      at.child('total_weight').say(`is ${total_weight}, but the weights make ${sum}; remove it`)
    return clusters
  },
)

/** The only entry of an action that names one cluster. */
export function oneCluster(name: string): WeightedCluster {
  return { name, weight: 1, requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }
}
