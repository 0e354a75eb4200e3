import {
  duration,
  extension,
  integer,
  list,
  message,
  nullable,
  optional,
  type Place,
  required,
  type Type,
  text,
  unsupported,
  unused,
} from '../decode/index.ts'
import type { ConnectionManager, FilterChain } from '../listener.ts'
import { downstreamSocketMessage } from '../transport-socket.ts'
import { chainMatchMessage } from './chain-match.ts'
import { HTTP_MANAGER, httpManagerMessage } from './http-manager.ts'
import { RPC_MANAGER, rpcManagerMessage } from './rpc-manager.ts'
import { TCP_PROXY, tcpProxyMessage } from './tcp-proxy.ts'

/** A chain, and the limit a filter before its manager sets on connections; 0 is none. */
export interface LimitedChain {
  readonly chain: FilterChain
  readonly maxConnections: number
}

const CONNECTION_LIMIT = 'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit'

interface ConnectionLimit {
  readonly kind: 'limit'
  readonly maxConnections: number
}

type NetworkFilter = ConnectionManager | ConnectionLimit

const connectionLimitMessage: Type<ConnectionLimit> = message(
  CONNECTION_LIMIT,
  {
    stat_prefix: optional(text, '', 'For statistics.'),
    max_connections: required(integer(1), 'Connections of the listener at once.'),
    ...unsupported('delay', 'runtime_enabled'),
  },
  (it) => ({ kind: 'limit', maxConnections: it.max_connections }),
)

const networkFilterMessage = extension<NetworkFilter>(
  'envoy.config.listener.v3.Filter',
  {
    [HTTP_MANAGER]: httpManagerMessage,
    [RPC_MANAGER]: rpcManagerMessage,
    [TCP_PROXY]: tcpProxyMessage,
    [CONNECTION_LIMIT]: connectionLimitMessage,
  },
  unsupported('config_discovery'),
)

/** `envoy.config.listener.v3.FilterChain`. */
export const filterChainMessage: Type<LimitedChain> = message(
  'envoy.config.listener.v3.FilterChain',
  {
    name: optional(text, '', 'For people.'),
    filter_chain_match: optional(
      chainMatchMessage,
      chainMatchMessage.blank(),
      'Which connections it takes; all by default.',
    ),
    filters: required(
      list(networkFilterMessage),
      'A connection manager or `tcp_proxy`, before which a `connection_limit` may stand.',
    ),
    transport_socket: nullable(
      downstreamSocketMessage,
      'Speaks TLS with clients; bytes stay as they are when nothing is said.',
    ),
    transport_socket_connect_timeout: optional(
      duration,
      15_000,
      'For the TLS handshake; 0s is none.',
    ),
    ...unused('metadata'),
    ...unsupported('use_proxy_proto', 'on_demand_configuration'),
  },
  (it, at) => {
    const { manager, maxConnections } = terminal(it.filters, at.child('filters'))
    const { transport, serverNames, protocols } = it.filter_chain_match
    const tls = it.transport_socket
    if (tls !== null && transport === 'plain')
      at.child('filter_chain_match')
        .child('transport_protocol')
        .say('a chain with TLS of its own takes no connections in the clear; remove it')
    const chain: FilterChain = {
      name: it.name,
      transport: tls === null ? transport : 'tls',
      serverNames,
      protocols,
      tls,
      handshakeTimeoutMs: it.transport_socket_connect_timeout,
      manager,
    }
    return { chain, maxConnections }
  },
)

/** The manager at the end of the filters, and the limit before it. */
function terminal(
  filters: readonly NetworkFilter[],
  at: Place,
): { readonly manager: ConnectionManager; readonly maxConnections: number } {
  let manager: ConnectionManager | null = null
  let maxConnections = 0
  filters.forEach((filter, index) => {
    if (manager !== null)
      at.child(index).say(`nothing may follow the filter before, which ends the chain`)
    else if (filter.kind !== 'limit') manager = filter
    else if (maxConnections > 0) at.child(index).say('is the second connection_limit; keep one')
    else maxConnections = filter.maxConnections
  })
  if (manager === null) at.say('must end with a connection manager or tcp_proxy')
  return { manager: manager ?? tcpProxyMessage.blank(), maxConnections }
}
