import type { Result } from '@tulle/core'
import {
  boolean,
  decode,
  exactlyOne,
  filledText,
  fixed,
  integer,
  list,
  message,
  nullable,
  optional,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import { type FilterConfig, perFilterConfigMap } from '../filter-config.ts'
import type { Route, RouteConfiguration, VirtualHost } from '../route.ts'
import { directResponseMessage, redirectMessage } from './answer.ts'
import { domainList, needDistinctDomains } from './domains.ts'
import { routeActionMessage } from './forward.ts'
import { HEADER_EDIT_FIELDS, headerEdits } from './header-edits.ts'
import { routeMatchMessage } from './match.ts'
import { retryPolicyMessage } from './retry-policy.ts'

const PER_FILTER = optional(
  perFilterConfigMap,
  {},
  'Settings of filters that hold here, by the name of the filter.',
)

const routeMessage: Type<Route> = message(
  'envoy.config.route.v3.Route',
  {
    name: optional(text, '', 'For people.'),
    match: required(routeMatchMessage, 'Which requests it takes.'),
    route: nullable(routeActionMessage, 'Sends them to a cluster.'),
    redirect: nullable(redirectMessage, 'Sends the client elsewhere.'),
    direct_response: nullable(directResponseMessage, 'Answers at once.'),
    ...HEADER_EDIT_FIELDS,
    typed_per_filter_config: PER_FILTER,
    ...unused('metadata', 'decorator', 'tracing', 'stat_prefix'),
    ...unsupported(
      'filter_action',
      'non_forwarding_action',
      'per_request_buffer_limit_bytes',
      'request_body_buffer_limit',
    ),
  },
  ({ route, redirect, direct_response, ...it }, at) => {
    exactlyOne(at, { route, redirect, direct_response })
    return {
      name: it.name,
      match: it.match,
      action: route ?? redirect ?? direct_response ?? routeActionMessage.blank(),
      ...headerEdits(it),
      perFilterConfig: it.typed_per_filter_config,
    }
  },
)

const virtualHostMessage: Type<VirtualHost> = message(
  'envoy.config.route.v3.VirtualHost',
  {
    name: required(filledText, 'For people and statistics.'),
    domains: required(
      domainList('http'),
      'Hosts it answers for: exact, `*.suffix`, `prefix.*`, or `*` for every one.',
    ),
    routes: optional(list(routeMessage), [], 'The first that matches is taken.'),
    ...HEADER_EDIT_FIELDS,
    retry_policy: nullable(retryPolicyMessage, 'For routes that have none.'),
    typed_per_filter_config: PER_FILTER,
    ...unused('virtual_clusters', 'metadata'),
    ...fixed({ require_tls: 'NONE' }),
    ...unsupported(
      'matcher',
      'rate_limits',
      'cors',
      'include_request_attempt_count',
      'include_attempt_count_in_response',
      'retry_policy_typed_config',
      'hedge_policy',
      'include_is_timeout_retry_header',
      'per_request_buffer_limit_bytes',
      'request_body_buffer_limit',
      'request_mirror_policies',
    ),
  },
  (it) => ({
    name: it.name,
    domains: it.domains,
    routes: withPerFilter(it.routes, it.typed_per_filter_config),
    ...headerEdits(it),
    retryPolicy: it.retry_policy,
  }),
)

/** `envoy.config.route.v3.RouteConfiguration` for HTTP. */
export const routeConfigurationMessage: Type<RouteConfiguration> = message(
  'envoy.config.route.v3.RouteConfiguration',
  {
    name: optional(text, '', 'For people.'),
    virtual_hosts: optional(list(virtualHostMessage), [], 'The hosts it knows.'),
    ...HEADER_EDIT_FIELDS,
    validate_clusters: optional(boolean, true, 'Whether each cluster it names must exist.'),
    ignore_port_in_host_matching: optional(
      boolean,
      false,
      'Whether a port in `host` is left out when it is compared with `domains`.',
    ),
    typed_per_filter_config: PER_FILTER,
    ...unused('metadata'),
    max_direct_response_body_size_bytes: optional(
      integer(),
      4096,
      'No direct response may be longer.',
    ),
    ...unsupported(
      'vhds',
      'internal_only_headers',
      'most_specific_header_mutations_wins',
      'cluster_specifier_plugins',
      'request_mirror_policies',
      'ignore_path_parameters_in_path_matching',
    ),
  },
  (it, at) => {
    if (!it.validate_clusters) at.forgetMentions()
    needDistinctDomains(it.virtual_hosts, at)
    it.virtual_hosts.forEach((host, index) => {
      host.routes.forEach(({ action }, route) => {
        if (action.kind !== 'direct') return
        const bytes = Buffer.byteLength(action.body)
        if (bytes <= it.max_direct_response_body_size_bytes) return
        const place = at.child('virtual_hosts').child(index).child('routes').child(route)
        place
          .child('direct_response')
          .child('body')
          .say(
            `is ${bytes} bytes long, more than "max_direct_response_body_size_bytes" (${it.max_direct_response_body_size_bytes}) of the configuration; raise that`,
          )
      })
    })
    return {
      name: it.name,
      virtualHosts: it.virtual_hosts.map((host) => ({
        ...host,
        routes: withPerFilter(host.routes, it.typed_per_filter_config),
      })),
      ...headerEdits(it),
      ignorePortInHostMatching: it.ignore_port_in_host_matching,
    }
  },
)

/** Reads a route configuration on its own, such as one that a control plane sends. */
export function decodeRouteConfiguration(value: unknown, at = ''): Result<RouteConfiguration> {
  return decode(routeConfigurationMessage, value, at)
}

/** What stands at the host holds for each of its routes that says nothing of its own about that filter. */
function withPerFilter(
  routes: readonly Route[],
  configs: Readonly<Record<string, FilterConfig>>,
): readonly Route[] {
  if (Object.keys(configs).length === 0) return routes
  return routes.map((route) => ({
    ...route,
    perFilterConfig: { ...configs, ...route.perFilterConfig },
  }))
}
