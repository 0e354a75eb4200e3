import {
  atMostOne,
  boolean,
  choice,
  duration,
  everyMatch,
  exactlyOne,
  filledText,
  fixed,
  list,
  message,
  nullable,
  optional,
  type Place,
  required,
  substitution,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { patternMessage } from '../matcher.ts'
import type { ForwardAction, WeightedCluster } from '../route.ts'
import { retryPolicyMessage } from './retry-policy.ts'
import { STREAM_DURATION_FIELDS, streamDuration } from './stream-duration.ts'
import { oneCluster, weightedClustersMessage } from './weighted-clusters.ts'

/** `envoy.type.matcher.v3.RegexMatchAndSubstitute`: every match is replaced. */
export const regexRewriteMessage: Type<{
  readonly kind: 'regex'
  readonly pattern: RegExp
  readonly substitution: string
}> = message(
  'envoy.type.matcher.v3.RegexMatchAndSubstitute',
  {
    pattern: required(patternMessage, 'What is looked for.'),
    substitution: optional(text, '', 'What stands there instead; `\\1` is the first group.'),
  },
  (it, at) => {
    const pattern = everyMatch(it.pattern, at.child('pattern').child('regex'))
    const replacement = substitution(it.substitution, pattern, at.child('substitution'))
    return { kind: 'regex', pattern, substitution: replacement }
  },
)

const upgradeMessage = message(
  'envoy.config.route.v3.RouteAction.UpgradeConfig',
  {
    upgrade_type: required(filledText, 'Such as `websocket` or `CONNECT`.'),
    enabled: optional(boolean, true, 'Whether this route lets it pass.'),
    ...unsupported('connect_config'),
  },
  (it) => it,
)

const TARGET_FIELDS = {
  cluster: nullable(filledText, 'The cluster to which requests go.'),
  weighted_clusters: nullable(weightedClustersMessage, 'Several clusters, each with a share.'),
  cluster_header: nullable(filledText, 'The request header that names the cluster.'),
  timeout: optional(duration, 15_000, 'For the whole answer; 0s is none.'),
  idle_timeout: nullable(
    duration,
    'Without a byte in either direction; the `stream_idle_timeout` when nothing is said, 0s is none.',
  ),
  retry_policy: nullable(retryPolicyMessage, 'When and how a failed request is tried again.'),
}

/** `envoy.config.route.v3.RouteAction`. */
export const routeActionMessage: Type<ForwardAction> = message(
  'envoy.config.route.v3.RouteAction',
  {
    ...TARGET_FIELDS,
    cluster_not_found_response_code: optional(
      choice(['SERVICE_UNAVAILABLE', 'NOT_FOUND', 'INTERNAL_SERVER_ERROR'], {
        SERVICE_UNAVAILABLE: 503,
        NOT_FOUND: 404,
        INTERNAL_SERVER_ERROR: 500,
      }),
      503,
      'The answer when there is no such cluster.',
    ),
    prefix_rewrite: nullable(text, 'Takes the place of the prefix that matched.'),
    regex_rewrite: nullable(regexRewriteMessage, 'Rewrites the path, without its query.'),
    host_rewrite_literal: nullable(filledText, 'The `host` that the upstream sees.'),
    ...STREAM_DURATION_FIELDS,
    upgrade_configs: optional(
      list(upgradeMessage),
      [],
      'Upgrades this route lets pass or not; others follow the connection manager.',
    ),
    ...unused('include_vh_rate_limits'),
    ...fixed({ priority: 'DEFAULT' }),
    ...unsupported(
      'cluster_specifier_plugin',
      'inline_cluster_specifier_plugin',
      'metadata_match',
      'path_rewrite_policy',
      'path_rewrite',
      'auto_host_rewrite',
      'host_rewrite_header',
      'host_rewrite_path_regex',
      'host_rewrite',
      'append_x_forwarded_host',
      'early_data_policy',
      'retry_policy_typed_config',
      'request_mirror_policies',
      'rate_limits',
      'hash_policy',
      'cors',
      'internal_redirect_policy',
      'internal_redirect_action',
      'max_internal_redirects',
      'hedge_policy',
      'flush_timeout',
    ),
  },
  ({ prefix_rewrite, regex_rewrite, ...it }, at) => {
    atMostOne(at, { prefix_rewrite, regex_rewrite })
    const prefix = prefix_rewrite ? ({ kind: 'prefix', value: prefix_rewrite } as const) : null
    return {
      ...target(it, at),
      clusterHeader: it.cluster_header?.toLowerCase() ?? null,
      clusterNotFoundStatus: it.cluster_not_found_response_code,
      rewrite: regex_rewrite ?? prefix,
      hostRewrite: it.host_rewrite_literal,
      maxStreamDuration: streamDuration(it, at),
      upgrades: Object.fromEntries(
        it.upgrade_configs.map((upgrade) => [upgrade.upgrade_type.toLowerCase(), upgrade.enabled]),
      ),
    }
  },
)

/** `tulle.proxy.v1.RpcRouteAction`. */
export const rpcRouteActionMessage: Type<ForwardAction> = message(
  'tulle.proxy.v1.RpcRouteAction',
  TARGET_FIELDS,
  (it, at) => ({
    ...target(it, at),
    clusterHeader: it.cluster_header,
    clusterNotFoundStatus: 503,
    rewrite: null,
    hostRewrite: null,
    maxStreamDuration: null,
    upgrades: {},
  }),
)

interface TargetValues {
  readonly cluster: string | null
  readonly weighted_clusters: readonly WeightedCluster[] | null
  readonly cluster_header: string | null
  readonly timeout: number
  readonly idle_timeout: number | null
  readonly retry_policy: ForwardAction['retryPolicy']
}

function target(it: TargetValues, at: Place) {
  const { cluster, weighted_clusters, cluster_header } = it
  exactlyOne(at, { cluster, weighted_clusters, cluster_header })
  if (cluster) at.child('cluster').mention(cluster)
  return {
    kind: 'forward' as const,
    clusters: weighted_clusters ?? (cluster === null ? [] : [oneCluster(cluster)]),
    timeoutMs: it.timeout,
    idleTimeoutMs: it.idle_timeout,
    retryPolicy: it.retry_policy,
  }
}
