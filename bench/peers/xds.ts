import type { Plan } from '../peer.ts'
import { TRACEPARENT } from '../peer.ts'
import { any } from './xds-any.ts'
import { downstreamTls, upstreamTls } from './xds-tls.ts'

/* The pieces of an xDS bootstrap that Envoy and Tulle share. */

/** More streams than any load opens on one connection. */
const STREAMS = { http2_protocol_options: { max_concurrent_streams: 1000 } }

/** A port on loopback. */
export function loopback(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

/** Limits that no run reaches, for the cluster that carries the load. */
export const GENEROUS = {
  circuit_breakers: {
    thresholds: [
      {
        max_connections: 100_000,
        max_pending_requests: 100_000,
        max_requests: 100_000,
        max_retries: 100_000,
      },
    ],
  },
}

/** A cluster of one host. */
export function cluster(name: string, port: number, settings: object = {}): object {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(port) } }] }],
    },
    ...settings,
  }
}

/** What a plan makes of a cluster: how it speaks with its hosts. */
export function upstreamSide(plan: Plan): object {
  return { ...(plan.upstream.version === 2 ? HTTP2 : {}), ...upstreamTls(plan) }
}

const OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
const HTTP2 = {
  typed_extension_protocol_options: {
    [OPTIONS]: any(OPTIONS, { explicit_http_config: STREAMS }),
  },
}

/** What a sidecar's connection manager does to every request. */
export const SIDECAR_MANAGER = { generate_request_id: true, use_remote_address: true }
/** The same, in its table of routes. */
export const SIDECAR_ROUTES = {
  request_headers_to_add: [
    {
      header: { key: 'traceparent', value: TRACEPARENT.join('%REQ(x-request-id)%') },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    },
  ],
}

/** A virtual host with one route. */
export function virtualHost(domain: string, to: string): object {
  return {
    name: domain,
    domains: [domain],
    routes: [{ match: { prefix: '/' }, route: { cluster: to, timeout: '0s' } }],
  }
}

/** A listener whose connections go to an HTTP connection manager, behind TLS if the plan has it. */
export function httpListener(plan: Plan, manager: object): object {
  const type = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'
  const streams = plan.downstream.version === 2 ? STREAMS : {}
  return listener(plan.port, any(type, { ...streams, ...manager }), downstreamTls(plan))
}

/** A listener with one network filter. */
export function listener(port: number, manager: object, chain: object = {}): object {
  return {
    name: `l${port}`,
    address: loopback(port),
    tcp_backlog_size: 4096,
    filter_chains: [{ filters: [{ name: 'manager', typed_config: manager }], ...chain }],
  }
}

/** A whole file. */
export function bootstrap(
  listeners: readonly unknown[],
  clusters: readonly unknown[],
  rest: object = {},
): object {
  return { static_resources: { listeners, clusters }, ...rest }
}
