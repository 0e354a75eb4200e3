import type { TcpKeepalive } from '../cluster.ts'
import {
  integer,
  message,
  nullable,
  optional,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

const tcpKeepaliveMessage: Type<TcpKeepalive> = message(
  'envoy.config.core.v3.TcpKeepalive',
  {
    keepalive_time: optional(
      integer(1, 32_767),
      7200,
      'Seconds without a byte until the first probe.',
    ),
    ...unsupported('keepalive_probes', 'keepalive_interval'),
  },
  (it) => ({ timeMs: it.keepalive_time * 1000 }),
)

/** `envoy.config.cluster.v3.UpstreamConnectionOptions`. */
export const connectionOptionsMessage: Type<TcpKeepalive | null> = message(
  'envoy.config.cluster.v3.UpstreamConnectionOptions',
  {
    tcp_keepalive: nullable(tcpKeepaliveMessage, 'Probes on a quiet connection.'),
    ...unused('set_local_interface_name_on_upstream_connections'),
    ...unsupported('happy_eyeballs_config'),
  },
  (it) => it.tcp_keepalive,
)
