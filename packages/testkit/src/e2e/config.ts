/**
 * Configurations as tests need them: the form of a bootstrap with the parts a test does not speak of filled in. They
 * are objects; `bootstrap` makes the text (JSON is YAML).
 */
type Part = Readonly<Record<string, unknown>>

const ENVOY = 'type.googleapis.com/envoy.extensions.filters'
const TULLE = 'type.googleapis.com/tulle.proxy.v1'

/** The text of a configuration of a hop called `hop`. */
export function bootstrap(
  listeners: readonly Part[],
  clusters: readonly Part[],
  extra: Part = {},
): string {
  return JSON.stringify({
    node: { id: 'hop' },
    ...extra,
    static_resources: { listeners, clusters },
  })
}

/** A STATIC cluster of ports on loopback. */
export function cluster(name: string, ports: readonly number[], extra: Part = {}): Part {
  const lb_endpoints = ports.map((port_value) => ({
    endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } },
  }))
  return {
    name,
    connect_timeout: '1s',
    load_assignment: { endpoints: [{ lb_endpoints }] },
    ...extra,
  }
}

/** What a cluster says of RPC: the protocol of its hosts, what its services declare, whether calls are wrapped. */
export function rpcOptions(said: Part): Part {
  const type = 'tulle.proxy.v1.RpcProtocolOptions'
  const options = { '@type': `type.googleapis.com/${type}`, ...said }
  return { typed_extension_protocol_options: { [type]: options } }
}

/** A listener on any free port, or the one in `extra.port`, with these chains. */
export function listener(name: string, chains: readonly Part[], extra: Part = {}): Part {
  const { port = 0, ...rest } = extra
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: chains,
    ...rest,
  }
}

/** A listener that finds out what its clients speak. */
export function autoListener(name: string, chains: readonly Part[], extra: Part = {}): Part {
  const inspector = { name: 'detect', typed_config: { '@type': `${TULLE}.ProtocolInspector` } }
  return listener(name, chains, { listener_filters: [inspector], ...extra })
}

/** A chain for HTTP; `routes` are those of the one virtual host, or a whole `route_config`. */
export function httpChain(routes: readonly Part[] | Part, extra: Part = {}): Part {
  const { protocols, http_filters = [], ...manager } = extra
  return chain(protocols, 'network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'web',
    route_config: routeConfig(routes),
    http_filters: [...(http_filters as Part[]), router],
    ...manager,
  })
}

/** A chain for Bolt. */
export function boltChain(routes: readonly Part[] | Part, extra: Part = {}): Part {
  const { protocols, ...manager } = extra
  const config = {
    '@type': `${TULLE}.RpcConnectionManager`,
    stat_prefix: 'rpc',
    protocol: 'bolt',
    route_config: routeConfig(routes),
    ...manager,
  }
  return { ...match(protocols), filters: [{ name: 'manager', typed_config: config }] }
}

export function tcpChain(cluster: string, extra: Part = {}): Part {
  return chain(undefined, 'network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: 'raw',
    cluster,
    ...extra,
  })
}

/** The route that sends everything to a cluster. */
export function everything(cluster: string, extra: Part = {}): Part {
  return { match: { prefix: '/' }, route: { cluster, ...extra } }
}

/** The same for RPC. */
export function everyCall(cluster: string, extra: Part = {}): Part {
  return { route: { cluster, ...extra } }
}

/** The whole of a listener that sends HTTP to a cluster. */
export function webListener(cluster: string, route: Part = {}, extra: Part = {}): Part {
  return listener('web', [httpChain([everything(cluster, route)], extra)])
}

/** The whole of a listener that sends Bolt to a cluster. */
export function rpcListener(cluster: string, route: Part = {}, extra: Part = {}): Part {
  return listener('rpc', [boltChain([everyCall(cluster, route)], extra)])
}

const router = {
  name: 'router',
  typed_config: { '@type': `${ENVOY}.http.router.v3.Router` },
}

function chain(protocols: unknown, type: string, config: Part): Part {
  const typed_config = { '@type': `${ENVOY}.${type}`, ...config }
  return { ...match(protocols), filters: [{ name: 'manager', typed_config }] }
}

function match(protocols: unknown): Part {
  if (protocols === undefined) return {}
  return { filter_chain_match: { application_protocols: protocols } }
}

function routeConfig(routes: readonly Part[] | Part): Part {
  if (!Array.isArray(routes)) return routes as Part
  return { name: 'routes', virtual_hosts: [{ name: 'all', domains: ['*'], routes }] }
}
