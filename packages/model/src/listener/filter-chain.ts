import { transportSocketMessage } from '../cluster/transport.ts'
import {
  extension,
  filledText,
  fixed,
  integer,
  list,
  mapped,
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

const protocolName: Type<string> = mapped(filledText, (name, at) => {
  if (name === 'h2' || name === 'h2c') at.say('HTTP/2 is not supported yet; remove it')
  return name === 'http/1.0' ? 'http/1.1' : name
})

const matchMessage = message(
  'envoy.config.listener.v3.FilterChainMatch',
  {
    application_protocols: optional(
      list(protocolName),
      [],
      'Protocols the first bytes may speak: `http/1.0` and `http/1.1`, which are one, or an RPC protocol.',
    ),
    ...fixed({ transport_protocol: 'raw_buffer', source_type: 'ANY' }),
    ...unsupported(
      'destination_port',
      'prefix_ranges',
      'address_suffix',
      'suffix_len',
      'direct_source_prefix_ranges',
      'source_prefix_ranges',
      'source_ports',
      'server_names',
    ),
  },
  (it) => [...new Set(it.application_protocols)],
)

/** `envoy.config.listener.v3.FilterChain`. */
export const filterChainMessage: Type<LimitedChain> = message(
  'envoy.config.listener.v3.FilterChain',
  {
    name: optional(text, '', 'For people.'),
    filter_chain_match: optional(matchMessage, [], 'Which connections it takes; all by default.'),
    filters: required(
      list(networkFilterMessage),
      'A connection manager or `tcp_proxy`, before which a `connection_limit` may stand.',
    ),
    transport_socket: nullable(transportSocketMessage, 'Only `raw_buffer` for now.'),
    ...unused('metadata', 'transport_socket_connect_timeout'),
    ...unsupported('use_proxy_proto', 'on_demand_configuration'),
  },
  (it, at) => {
    const { manager, maxConnections } = terminal(it.filters, at.child('filters'))
    const chain = { name: it.name, protocols: it.filter_chain_match, manager }
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
