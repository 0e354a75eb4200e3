import type { Result } from '@tulle/core'
import { addressMessage, addressText, needIp } from '../address.ts'
import {
  decode,
  duration,
  extension,
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
import type { FilterChain, Listener } from '../listener.ts'
import { filterChainMessage, type LimitedChain } from './filter-chain.ts'

const HTTP_INSPECTOR = 'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector'
const PROTOCOL_INSPECTOR = 'tulle.proxy.v1.ProtocolInspector'

type Inspector = 'http' | 'every'

const listenerFilterMessage = extension<Inspector>(
  'envoy.config.listener.v3.ListenerFilter',
  {
    [HTTP_INSPECTOR]: message(HTTP_INSPECTOR, {}, () => 'http'),
    [PROTOCOL_INSPECTOR]: message(PROTOCOL_INSPECTOR, {}, () => 'every'),
  },
  unsupported('config_discovery', 'filter_disabled'),
)

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
      '`ProtocolInspector` or `HttpInspector`, to tell protocols by the first bytes.',
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
    needDistinctChains(chains, at)
    needInspector(it.filter_chains, it.listener_filters, at)
    return {
      name: it.name || addressText(it.address),
      address: it.address,
      chains,
      bufferLimitBytes: it.per_connection_buffer_limit_bytes,
      maxConnections: connectionLimit(limited, at),
      backlog: it.tcp_backlog_size,
      detectTimeoutMs: it.listener_filters_timeout,
    }
  },
)

/** Reads a listener on its own, such as one that a control plane sends. */
export function decodeListener(value: unknown, at = ''): Result<Listener> {
  return decode(listenerMessage, value, at)
}

/** Complains when two chains want the same connections. */
function needDistinctChains(chains: readonly FilterChain[], at: Place): void {
  const taken = new Set<string>()
  chains.forEach(({ protocols }, index) => {
    for (const protocol of protocols.length === 0 ? [''] : protocols) {
      if (taken.has(protocol)) {
        const what = protocol ? `takes "${protocol}"` : 'takes all protocols'
        const advice = 'give each its own "application_protocols"'
        at.child('filter_chains').child(index).say(`a chain before it ${what} already; ${advice}`)
      }
      taken.add(protocol)
    }
  })
}

/** Complains when chains are chosen by protocol and nobody looks which it is. */
function needInspector(
  chains: readonly LimitedChain[],
  inspectors: readonly Inspector[],
  at: Place,
): void {
  if (at.troubled || inspectors.includes('every')) return
  const protocols = chains.flatMap(({ chain }) => chain.protocols)
  const blind = protocols.find((it) => it !== 'http/1.1' || !inspectors.includes('http'))
  if (blind === undefined) return
  const inspector = blind === 'http/1.1' ? HTTP_INSPECTOR : PROTOCOL_INSPECTOR
  at.child('listener_filters').say(
    `nothing tells connections of "${blind}" from others; add a filter of "@type": type.googleapis.com/${inspector}`,
  )
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
