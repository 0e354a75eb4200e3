import type { Result } from '@tulle/core'
import { addressMessage, addressText, needIp } from '../address.ts'
import {
  decode,
  duration,
  fixed,
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
import type { Listener } from '../listener.ts'
import { needDistinctChains } from './chain-match.ts'
import { filterChainMessage, type LimitedChain } from './filter-chain.ts'
import { listenerFilterMessage, needInspectors, proxyProtocolOf } from './listener-filters.ts'

/** `envoy.config.listener.v3.Listener`. */
export const listenerMessage: Type<Listener> = message(
  'envoy.config.listener.v3.Listener',
  {
    name: optional(text, '', 'For people and statistics; its address when nothing is said.'),
    address: required(addressMessage, 'Where it listens.'),
    filter_chains: optional(list(filterChainMessage), [], 'What is done with connections.'),
    default_filter_chain: nullable(
      filterChainMessage,
      'What is done with connections that no other chain takes.',
    ),
    listener_filters: optional(
      list(listenerFilterMessage),
      [],
      '`ProtocolInspector`, `HttpInspector` or `TlsInspector`, to tell connections by their first bytes; `ProxyProtocol`.',
    ),
    listener_filters_timeout: optional(
      duration,
      15_000,
      'For the first bytes to tell the protocol; 0s is none.',
    ),
    per_connection_buffer_limit_bytes: optional(
      integer(1),
      1_048_576,
      'Bytes that wait for one client before the host is paused.',
    ),
    tcp_backlog_size: optional(integer(1), 4096, 'Connections that wait to be accepted.'),
    ...unused(
      'stat_prefix',
      'metadata',
      'traffic_direction',
      'reuse_port',
      'enable_reuse_port',
      'max_connections_to_accept_per_socket_event',
    ),
    ...fixed({ drain_type: 'DEFAULT', bind_to_port: true }),
    ...unsupported(
      'additional_addresses',
      'filter_chain_matcher',
      'use_original_dst',
      'deprecated_v1',
      'continue_on_listener_filters_timeout',
      'transparent',
      'freebind',
      'socket_options',
      'tcp_fast_open_queue_length',
      'udp_listener_config',
      'api_listener',
      'connection_balance_config',
      'access_log',
      'internal_listener',
      'enable_mptcp',
      'ignore_global_conn_limit',
      'bypass_overload_manager',
      'tcp_keepalive',
      'fcds_config',
    ),
  },
  (it, at) => {
    needIp(it.address, at.child('address'), 'a listener needs one')
    const fallback = it.default_filter_chain
    const limited = fallback ? [...it.filter_chains, fallback] : it.filter_chains
    const chains = limited.map(({ chain }) => chain)
    if (chains.length === 0 && !at.puzzled) at.say('needs at least one of "filter_chains"')
    const places = it.filter_chains.map((_, index) => at.child('filter_chains').child(index))
    needDistinctChains(chains, [...places, at.child('default_filter_chain')])
    const own = it.filter_chains.map(({ chain }) => chain)
    needInspectors(own, fallback?.chain ?? null, it.listener_filters, at)
    return {
      name: it.name || addressText(it.address),
      address: it.address,
      chains,
      bufferLimitBytes: it.per_connection_buffer_limit_bytes,
      maxConnections: connectionLimit(limited, at),
      backlog: it.tcp_backlog_size,
      detectTimeoutMs: it.listener_filters_timeout,
      proxyProtocol: proxyProtocolOf(it.listener_filters, at.child('listener_filters')),
    }
  },
)

/** Reads a listener on its own, such as one that a control plane sends. */
export function decodeListener(value: unknown, at = ''): Result<Listener> {
  return decode(listenerMessage, value, at)
}

/** The limit on connections, which a listener has as a whole. */
function connectionLimit(chains: readonly LimitedChain[], at: Place): number {
  const limit = chains.find(({ maxConnections }) => maxConnections > 0)?.maxConnections ?? 0
  if (limit > 0 && chains.length > 1)
    at.child('filter_chains').say(
      'a connection_limit of one chain among several is not supported yet; remove it',
    )
  return limit
}
