import {
  boolean,
  exactlyOne,
  filledText,
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
import { perFilterConfigMap } from '../filter-config.ts'
import { NO_EDITS, type Route, type RouteConfiguration, type VirtualHost } from '../route.ts'
import { domainList, needDistinctDomains } from './domains.ts'
import { rpcRouteActionMessage } from './forward.ts'
import { rpcRouteMatchMessage } from './match.ts'
import { retryPolicyMessage } from './retry-policy.ts'

/** A route configuration of an RPC protocol has the form of one of HTTP, less what only HTTP has. */

const HTTP_ONLY = unsupported(
  'request_headers_to_add',
  'request_headers_to_remove',
  'response_headers_to_add',
  'response_headers_to_remove',
)

const rpcRouteMessage: Type<Route> = message(
  'tulle.proxy.v1.RpcRoute',
  {
    name: optional(text, '', 'For people.'),
    match: optional(
      rpcRouteMatchMessage,
      rpcRouteMatchMessage.blank(),
      'Which requests it takes; all when nothing is said.',
    ),
    route: nullable(rpcRouteActionMessage, 'Sends them to a cluster.'),
    typed_per_filter_config: optional(
      perFilterConfigMap,
      {},
      'Settings of filters that hold here, by the name of the filter.',
    ),
    ...unused('metadata', 'stat_prefix'),
    ...unsupported('redirect', 'direct_response'),
    ...HTTP_ONLY,
  },
  ({ route, ...it }, at) => {
    exactlyOne(at, { route })
    return {
      name: it.name,
      match: it.match,
      action: route ?? rpcRouteActionMessage.blank(),
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
      perFilterConfig: it.typed_per_filter_config,
    }
  },
)

const rpcVirtualHostMessage: Type<VirtualHost> = message(
  'tulle.proxy.v1.RpcVirtualHost',
  {
    name: required(filledText, 'For people and statistics.'),
    domains: required(
      domainList('rpc'),
      'Names of services: exact, `*suffix`, `prefix*`, or `*` for every one.',
    ),
    routes: optional(list(rpcRouteMessage), [], 'The first that matches is taken.'),
    retry_policy: nullable(retryPolicyMessage, 'For routes that have none.'),
    ...unused('metadata'),
    ...HTTP_ONLY,
  },
  (it) => ({
    name: it.name,
    domains: it.domains,
    routes: it.routes,
    requestHeaders: NO_EDITS,
    responseHeaders: NO_EDITS,
    retryPolicy: it.retry_policy,
  }),
)

/** `tulle.proxy.v1.RpcRouteConfiguration`: services and methods instead of hosts and paths. */
export const rpcRouteConfigurationMessage: Type<RouteConfiguration> = message(
  'tulle.proxy.v1.RpcRouteConfiguration',
  {
    name: optional(text, '', 'For people.'),
    virtual_hosts: optional(list(rpcVirtualHostMessage), [], 'The services it knows.'),
    validate_clusters: optional(boolean, true, 'Whether each cluster it names must exist.'),
    ...unused('metadata'),
    ...HTTP_ONLY,
  },
  (it, at) => {
    if (!it.validate_clusters) at.forgetMentions()
    needDistinctDomains(it.virtual_hosts, at)
    return {
      name: it.name,
      virtualHosts: it.virtual_hosts,
      requestHeaders: NO_EDITS,
      responseHeaders: NO_EDITS,
      ignorePortInHostMatching: false,
    }
  },
)
