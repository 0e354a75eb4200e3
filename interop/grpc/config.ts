import type { Certificates } from '../certificates.ts'
import { allTo, bootstrap, cluster, HTTP2, httpListener, ROUTER } from '../config.ts'
import { overTls, plainAndTls, withTls } from '../tls-config.ts'

const FILTERS = 'type.googleapis.com/envoy.extensions.filters.http'
const GRPC_WEB = { name: 'web', typed_config: { '@type': `${FILTERS}.grpc_web.v3.GrpcWeb` } }
const HALF_A_SECOND = {
  name: 'fault',
  typed_config: {
    '@type': `${FILTERS}.fault.v3.HTTPFault`,
    delay: { fixed_delay: '0.5s', percentage: { numerator: 100 } },
  },
}
/** A deadline of the client's is followed. */
const DEADLINE = { max_stream_duration: { grpc_timeout_header_max: '0s' } }
const RETRIES = { retry_policy: { retry_on: 'unavailable', num_retries: 2 } }

/** Ports of the servers behind. */
export interface Behind {
  readonly js: number
  readonly go: number
  readonly goTls: number
  readonly asked: number
  readonly nobody: number
}

/** A listener for each way to a server of gRPC. */
export function grpcConfig(ports: Behind, of: Certificates): object {
  return bootstrap(
    [
      httpListener('go', allTo('go')),
      overTls(httpListener('go-tls', allTo('go-tls')), of),
      httpListener('js', allTo('js', DEADLINE)),
      plainAndTls(httpListener('one', allTo('js')), of),
      httpListener('late', allTo('js', DEADLINE), { http_filters: [HALF_A_SECOND, ROUTER] }),
      httpListener('nobody', allTo('nobody')),
      httpListener('lost', []),
      httpListener('again', allTo('js', RETRIES)),
      httpListener('healthy', allTo('asked')),
      httpListener('web', allTo('js'), { http_filters: [GRPC_WEB, ROUTER] }),
    ],
    [
      { ...cluster('js', ports.js), ...HTTP2 },
      { ...cluster('go', ports.go), ...HTTP2 },
      { ...cluster('go-tls', ports.goTls), ...HTTP2, ...withTls(of, { alpn: ['h2'] }) },
      { ...cluster('nobody', ports.nobody), ...HTTP2 },
      { ...cluster('asked', ports.asked), ...HTTP2, ...asksForHealth() },
    ],
  )
}

/** A host that says no is not taken, not even when it is the last one. */
function asksForHealth(): object {
  return {
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    health_checks: [
      {
        timeout: '1s',
        interval: '0.2s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        grpc_health_check: {},
      },
    ],
  }
}
