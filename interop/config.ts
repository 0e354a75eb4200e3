const ENVOY = 'type.googleapis.com/envoy.extensions.filters'
const LOOPBACK = '127.0.0.1'

/** A listener as it stands in a configuration, as far as others change it. */
export interface Listener {
  readonly name: string
  readonly address: object
  readonly listener_filters?: readonly object[]
  readonly filter_chains: readonly object[]
}

/** What makes a cluster speak HTTP/2, whatever its clients speak: spread into it. */
export const HTTP2: object = speakingHttp2({})

/** The same with options of HTTP/2. */
export function speakingHttp2(http2_protocol_options: object): object {
  const type = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
  const explicit_http_config = { http2_protocol_options }
  const options = { '@type': `type.googleapis.com/${type}`, explicit_http_config }
  return { typed_extension_protocol_options: { [type]: options } }
}

/** The last filter of every chain. */
export const ROUTER: object = {
  name: 'router',
  typed_config: { '@type': `${ENVOY}.http.router.v3.Router` },
}

/** Routes that send everything to one cluster. */
export function allTo(cluster: string, more: object = {}): object[] {
  return [{ match: { prefix: '/' }, route: { cluster, ...more } }]
}

/** A whole configuration, with an admin side on a free port. */
export function bootstrap(listeners: readonly object[], clusters: readonly object[]): object {
  return {
    node: { id: 'interop' },
    admin: { address: at(0) },
    static_resources: { listeners, clusters },
  }
}

/** A listener for HTTP on a free port. `routes` as they stand in a virtual host; `more` goes to the connection manager. */
export function httpListener(name: string, routes: readonly object[], more: object = {}): Listener {
  return listener(name, {
    '@type': `${ENVOY}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [ROUTER],
    ...more,
  })
}

/** A listener for Bolt on a free port: every call goes to one cluster. */
export function boltListener(name: string, cluster: string, timeout = '10s'): Listener {
  return rpcListener(name, 'bolt', cluster, timeout)
}

/** A listener for a protocol of calls in frames, on a free port: every call goes to one cluster. */
export function rpcListener(
  name: string,
  protocol: string,
  cluster: string,
  timeout = '10s',
): Listener {
  return listener(name, {
    '@type': 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager',
    stat_prefix: name,
    protocol,
    route_config: {
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ route: { cluster, timeout } }] }],
    },
  })
}

/** A listener for bytes that are nobody's business: they all go to one cluster. */
export function tcpListener(name: string, cluster: string): Listener {
  const type = `${ENVOY}.network.tcp_proxy.v3.TcpProxy`
  return listener(name, { '@type': type, stat_prefix: name, cluster })
}

/** What an answer of the route itself is made of, for every path. */
export function saying(text: string): object[] {
  const direct_response = { status: 200, body: { inline_string: text } }
  return [{ match: { prefix: '/' }, direct_response }]
}

/** The same listener on a unix socket: a file, or `@name` for an abstract one. */
export function onPipe(listener: Listener, path: string): Listener {
  return { ...listener, address: { pipe: { path } } }
}

/** The same listener for connections that begin with a header of the PROXY protocol. */
export function afterProxyProtocol(listener: Listener): Listener {
  const typed_config = { '@type': `${ENVOY}.listener.proxy_protocol.v3.ProxyProtocol` }
  return { ...listener, listener_filters: [{ name: 'proxy-protocol', typed_config }] }
}

/** A cluster of hosts on loopback. */
export function cluster(name: string, ...ports: readonly number[]): object {
  return clusterOf(name, ports.map(at))
}

/** What makes a cluster tell hosts whom it speaks for, by the PROXY protocol: spread into it. */
export function tellingClient(version: 'V1' | 'V2'): object {
  const sockets = 'type.googleapis.com/envoy.extensions.transport_sockets'
  const raw = { '@type': `${sockets}.raw_buffer.v3.RawBuffer` }
  return {
    transport_socket: {
      name: 'proxy-protocol',
      typed_config: {
        '@type': `${sockets}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
        config: { version },
        transport_socket: { name: 'raw', typed_config: raw },
      },
    },
  }
}

/** A cluster of one host on a unix socket. */
export function pipeCluster(name: string, path: string): object {
  return clusterOf(name, [{ pipe: { path } }])
}

function clusterOf(name: string, addresses: readonly object[]): object {
  const lb_endpoints = addresses.map((address) => ({ endpoint: { address } }))
  return {
    name,
    type: 'STATIC',
    connect_timeout: '2s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints }] },
  }
}

function listener(name: string, manager: object): Listener {
  return {
    name,
    address: at(0),
    filter_chains: [{ filters: [{ name: 'manager', typed_config: manager }] }],
  }
}

function at(port: number): object {
  return { socket_address: { address: LOOPBACK, port_value: port } }
}
