const ENVOY = 'type.googleapis.com/envoy.extensions.filters'
const LOOPBACK = '127.0.0.1'

/** A whole configuration, with an admin side on a free port. */
export function bootstrap(listeners: readonly object[], clusters: readonly object[]): object {
  return {
    node: { id: 'interop' },
    admin: { address: at(0) },
    static_resources: { listeners, clusters },
  }
}

/** A listener for HTTP on a free port. `routes` as they stand in a virtual host; `more` goes to the connection manager. */
export function httpListener(name: string, routes: readonly object[], more: object = {}): object {
  return listener(name, {
    '@type': `${ENVOY}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [{ name: 'router', typed_config: { '@type': `${ENVOY}.http.router.v3.Router` } }],
    ...more,
  })
}

/** A listener for Bolt on a free port: every call goes to one cluster. */
export function boltListener(name: string, cluster: string, timeout = '10s'): object {
  return listener(name, {
    '@type': 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager',
    stat_prefix: name,
    protocol: 'bolt',
    route_config: {
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ route: { cluster, timeout } }] }],
    },
  })
}

/** A cluster of hosts on loopback. */
export function cluster(name: string, ...ports: readonly number[]): object {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '2s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: ports.map((port) => ({ endpoint: { address: at(port) } })) }],
    },
  }
}

function listener(name: string, manager: object): object {
  return {
    name,
    address: at(0),
    filter_chains: [{ filters: [{ name: 'manager', typed_config: manager }] }],
  }
}

function at(port: number): object {
  return { socket_address: { address: LOOPBACK, port_value: port } }
}
