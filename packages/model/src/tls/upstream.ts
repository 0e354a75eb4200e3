import {
  boolean,
  fixed,
  integer,
  mapped,
  message,
  optional,
  type Type,
  text,
  unused,
} from '../decode/index.ts'
import type { UpstreamTls } from '../tls.ts'
import { tlsContextMessage } from './context.ts'

/** The full name of what a cluster has as its `transport_socket` to speak TLS. */
export const UPSTREAM_TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'

const serverName = mapped(text, (name, at) => {
  if (Buffer.byteLength(name) > 255) at.say('must not be longer than 255 bytes')
  return name
})

/** `envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`. */
export const upstreamTlsMessage: Type<UpstreamTls> = message(
  UPSTREAM_TLS,
  {
    common_tls_context: optional(
      tlsContextMessage,
      tlsContextMessage.blank(),
      'How certificates of hosts are verified; without a `trusted_ca` they are not.',
    ),
    sni: optional(serverName, '', 'The server name asked for (SNI); none when empty.'),
    auto_host_sni: optional(
      boolean,
      false,
      "Asks for the host's name instead: its `hostname`, or what DNS was asked for.",
    ),
    auto_sni_san_validation: optional(
      boolean,
      false,
      'The server name asked for must be in the certificate.',
    ),
    max_session_keys: optional(
      integer(),
      1,
      'Sessions kept for each host to be resumed; 0 resumes none.',
    ),
    ...unused('enforce_rsa_key_usage'),
    ...fixed({ allow_renegotiation: false }),
  },
  ({ common_tls_context: context, ...it }, at) => {
    const { certificates, validation } = context
    if (certificates.length > 1 && !at.troubled)
      at.child('common_tls_context').say('a cluster has only one certificate; keep one')
    if (it.auto_sni_san_validation && !validation?.trustedCa && !at.troubled)
      at.child('auto_sni_san_validation').say(
        'a name in a certificate proves nothing unless somebody vouches for it; give "trusted_ca" in "validation_context"',
      )
    return {
      ...context,
      sni: it.sni,
      sniFromHost: it.auto_host_sni,
      sniMustMatch: it.auto_sni_san_validation,
      maxSessionKeys: it.max_session_keys,
    }
  },
)
