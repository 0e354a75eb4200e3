import { message, type Type, unsupported, unused } from '../decode/index.ts'

/** The full name of the filter that ends every chain of HTTP filters. */
export const ROUTER = 'envoy.extensions.filters.http.router.v3.Router'

/** `envoy.extensions.filters.http.router.v3.Router`, which here is no filter but the end of the chain itself. */
export const routerMessage: Type<null> = message(
  ROUTER,
  {
    ...unused(
      'dynamic_stats',
      'suppress_envoy_headers',
      'suppress_grpc_request_failure_code_stats',
    ),
    ...unsupported(
      'start_child_span',
      'upstream_log',
      'upstream_log_options',
      'strict_check_headers',
      'respect_expected_rq_timeout',
      'upstream_http_filters',
      'reject_connect_request_early_data',
    ),
  },
  () => null,
)
