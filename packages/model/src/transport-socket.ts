import type { Cluster } from './cluster.ts'
import {
  choice,
  extension,
  message,
  optional,
  required,
  type Type,
  unsupported,
} from './decode/index.ts'
import { DOWNSTREAM_TLS, downstreamTlsMessage } from './tls/downstream.ts'
import { UPSTREAM_TLS, upstreamTlsMessage } from './tls/upstream.ts'
import type { DownstreamTls, UpstreamTls } from './tls.ts'

const RAW_BUFFER = 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'

const rawBufferMessage: Type<null> = message(RAW_BUFFER, {}, () => null)

/** `envoy.config.core.v3.TransportSocket` of a filter chain; null leaves bytes as they are. */
export const downstreamSocketMessage: Type<DownstreamTls | null> = extension<DownstreamTls | null>(
  'envoy.config.core.v3.TransportSocket (of a listener)',
  { [RAW_BUFFER]: rawBufferMessage, [DOWNSTREAM_TLS]: downstreamTlsMessage },
)

/** How bytes travel to hosts. */
export type UpstreamSocket = Pick<Cluster, 'tls' | 'proxyProtocol'>

const PROXY_PROTOCOL =
  'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport'

const proxyConfigMessage: Type<'v1' | 'v2'> = message(
  'envoy.config.core.v3.ProxyProtocolConfig',
  {
    version: optional(choice(['V1', 'V2'], { V1: 'v1', V2: 'v2' }), 'v1', 'Text or binary.'),
    ...unsupported('pass_through_tlvs', 'added_tlvs'),
  },
  (it) => it.version,
)

const innerSocketMessage = extension<UpstreamTls | null>(
  'envoy.config.core.v3.TransportSocket (behind a PROXY protocol header)',
  { [RAW_BUFFER]: rawBufferMessage, [UPSTREAM_TLS]: upstreamTlsMessage },
)

const proxyProtocolMessage: Type<UpstreamSocket> = message(
  PROXY_PROTOCOL,
  {
    config: optional(proxyConfigMessage, 'v1', 'The form of the header.'),
    transport_socket: required(innerSocketMessage, 'What follows it: `raw_buffer` or TLS.'),
    ...unsupported('allow_unspecified_address', 'tlv_as_pool_key'),
  },
  (it) => ({ tls: it.transport_socket, proxyProtocol: it.config }),
)

const plainly = (tls: UpstreamTls | null): UpstreamSocket => ({ tls, proxyProtocol: 'off' })

/** `envoy.config.core.v3.TransportSocket` of a cluster. */
export const upstreamSocketMessage: Type<UpstreamSocket> = extension<UpstreamSocket>(
  'envoy.config.core.v3.TransportSocket (of a cluster)',
  {
    [RAW_BUFFER]: building(rawBufferMessage, plainly),
    [UPSTREAM_TLS]: building(upstreamTlsMessage, plainly),
    [PROXY_PROTOCOL]: proxyProtocolMessage,
  },
)

/** The same message, built into something else. */
function building<A, B>(type: Type<A>, build: (value: A) => B): Type<B> {
  return {
    ...type,
    read: (value, at) => build(type.read(value, at)),
    blank: () => build(type.blank()),
    show: () => '',
  }
}
