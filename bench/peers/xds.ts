/** The pieces of an xDS bootstrap that Envoy and Tulle share. */

/** `typed_config` of a message. */
export function any(type: string, fields: object = {}): object {
  return { '@type': `type.googleapis.com/${type}`, ...fields }
}

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

/** A virtual host with one route. */
export function virtualHost(domain: string, to: string): object {
  return {
    name: domain,
    domains: [domain],
    routes: [{ match: { prefix: '/' }, route: { cluster: to, timeout: '0s' } }],
  }
}

/** A listener whose connections go to an HTTP connection manager. */
export function httpListener(port: number, manager: object): object {
  return listener(
    port,
    any(
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      manager,
    ),
  )
}

/** A listener with one network filter. */
export function listener(port: number, manager: object): object {
  return {
    name: `l${port}`,
    address: loopback(port),
    tcp_backlog_size: 4096,
    filter_chains: [{ filters: [{ name: 'manager', typed_config: manager }] }],
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
