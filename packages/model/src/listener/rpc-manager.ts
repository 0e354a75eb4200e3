import {
  atMostOne,
  boolean,
  duration,
  filledText,
  integer,
  list,
  message,
  nullable,
  optional,
  required,
  type Type,
} from '../decode/index.ts'
import { filterMessage } from '../filter-config.ts'
import type { RpcManager } from '../listener.ts'
import { rpcRouteConfigurationMessage } from '../route/rpc.ts'
import { needKnownFilters, STREAM_FIELDS } from './stream-fields.ts'

export const RPC_MANAGER = 'tulle.proxy.v1.RpcConnectionManager'

/** `tulle.proxy.v1.RpcConnectionManager`. */
export const rpcManagerMessage: Type<RpcManager> = message(
  RPC_MANAGER,
  {
    ...STREAM_FIELDS,
    protocol: nullable(filledText, 'The RPC protocol spoken, such as `bolt`.'),
    protocols: optional(
      list(filledText),
      [],
      'Several, told apart by their first bytes; every one that is known where neither is given.',
    ),
    route_config: required(rpcRouteConfigurationMessage, 'Which request goes where.'),
    rpc_filters: optional(
      list(filterMessage('tulle.proxy.v1.RpcFilter')),
      [],
      'What a request goes through; there is no router to name.',
    ),
    idle_timeout: optional(
      duration,
      3_600_000,
      'Closes a connection without a request for so long; 0s is never.',
    ),
    max_frame_bytes: optional(integer(1), 8_388_608, 'No frame may be longer.'),
    go_away: optional(
      boolean,
      false,
      'Tells clients by a go-away frame that a connection drains; not every client knows it.',
    ),
  },
  (it, at) => {
    const several = it.protocols.length > 0 ? it.protocols : null
    atMostOne(at, { protocol: it.protocol, protocols: several })
    needKnownFilters(it.route_config, it.rpc_filters, at)
    return {
      kind: 'rpc',
      statPrefix: it.stat_prefix,
      routes: it.route_config,
      filters: it.rpc_filters,
      accessLogs: it.access_log,
      idleTimeoutMs: it.idle_timeout,
      streamIdleTimeoutMs: it.stream_idle_timeout,
      drainTimeoutMs: it.drain_timeout,
      requestTimeoutMs: 0,
      protocols: several ?? (it.protocol === null ? [] : [it.protocol]),
      maxFrameBytes: it.max_frame_bytes,
      goAway: it.go_away,
    }
  },
)
