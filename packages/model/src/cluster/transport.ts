import type { TcpKeepalive } from '../cluster.ts'
import {
  extension,
  integer,
  isObject,
  message,
  nullable,
  optional,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'

const RAW_BUFFER = 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'

const rawBufferMessage = message(RAW_BUFFER, {}, () => 'plain' as const)

const extensionMessage = extension('envoy.config.core.v3.TransportSocket', {
  [RAW_BUFFER]: rawBufferMessage,
})

/** `envoy.config.core.v3.TransportSocket`: for now bytes travel as they are. */
export const transportSocketMessage: Type<'plain'> = {
  ...extensionMessage,
  read(value, at) {
    if (!speaksTls(value)) return extensionMessage.read(value, at)
    at.say('TLS is not supported yet; remove "transport_socket" to speak in the clear')
    return 'plain'
  },
}

function speaksTls(value: unknown): boolean {
  const config = isObject(value) ? (value.typed_config ?? value.typedConfig) : null
  return isObject(config) && /transport_sockets\.(tls|quic)\./.test(String(config['@type']))
}

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
