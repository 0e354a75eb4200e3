import { SIDECAR_MANAGER, SIDECAR_ROUTES } from './xds.ts'
import { any } from './xds-any.ts'

const HOSTS = 20

/**
 * The connection manager that a mesh gives its sidecars for calls to other services, and further hosts before the rest;
 * `marks` also adds tracing headers and the client's address.
 */
export function sidecarManager(to: string, further: readonly object[], marks: boolean): object {
  const hosts = Array.from({ length: HOSTS }, (_, i) => ({
    name: `svc-${i}:80`,
    domains: [`svc-${i}.ns.svc.cluster.local`, `svc-${i}.ns`, `svc-${i}`, `10.0.0.${i + 1}`],
    routes: routes(`v${i}`, to),
  }))
  const rest = {
    name: 'allow_any',
    domains: ['*'],
    include_request_attempt_count: true,
    routes: routes('rest', to),
  }
  return {
    stat_prefix: 'outbound_0.0.0.0_80',
    codec_type: 'AUTO',
    use_remote_address: false,
    ...(marks ? SIDECAR_MANAGER : {}),
    server_name: 'sidecar',
    normalize_path: true,
    http_filters: filters(),
    route_config: {
      name: 'r',
      virtual_hosts: [...hosts, ...further, rest],
      ...(marks ? SIDECAR_ROUTES : {}),
    },
  }
}

/** One service: a canary by header, a regular expression, a prefix, an exact path, and the rest with retries. */
function routes(canary: string, to: string): object[] {
  return [
    {
      match: { prefix: '/', headers: [{ name: 'x-canary', string_match: { exact: canary } }] },
      route: { cluster: to },
    },
    { match: { safe_regex: { regex: '/v[0-9]+/items/[a-z]+' } }, route: { cluster: to } },
    { match: { prefix: '/admin/' }, route: { cluster: to } },
    { match: { path: '/healthz' }, route: { cluster: to } },
    { match: { prefix: '/' }, route: { cluster: to, timeout: '15s', retry_policy: retries() } },
  ]
}

function retries(): object {
  const previousHosts = any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate')
  return {
    retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
    num_retries: 2,
    retriable_status_codes: [503],
    retry_host_predicate: [
      { name: 'envoy.retry_host_predicates.previous_hosts', typed_config: previousHosts },
    ],
    host_selection_retry_max_attempts: '5',
  }
}

function filters(): object[] {
  const filter = (name: string, fields: object = {}): object => ({
    name,
    typed_config: any(`envoy.extensions.filters.http.${name}`, fields),
  })
  return [
    filter('grpc_stats.v3.FilterConfig', { emit_filter_state: true }),
    filter('fault.v3.HTTPFault'),
    filter('cors.v3.Cors'),
    filter('rbac.v3.RBAC', {
      rules: {
        action: 'DENY',
        policies: {
          p: {
            permissions: [{ url_path: { path: { prefix: '/forbidden' } } }],
            principals: [{ any: true }],
          },
        },
      },
    }),
    filter('router.v3.Router'),
  ]
}
