import {
  boolean,
  duration,
  fixed,
  message,
  optional,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import type { DownstreamTls } from '../tls.ts'
import { tlsContextMessage } from './context.ts'

/** The full name of what a listener's chain has as its `transport_socket` to speak TLS. */
export const DOWNSTREAM_TLS = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'

/** `envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext`. */
export const downstreamTlsMessage: Type<DownstreamTls> = message(
  DOWNSTREAM_TLS,
  {
    common_tls_context: optional(
      tlsContextMessage,
      tlsContextMessage.blank(),
      'Certificates, and how those of clients are verified.',
    ),
    require_client_certificate: optional(
      boolean,
      false,
      'Turns clients without a valid certificate away; else one is asked for where it is verified.',
    ),
    disable_stateless_session_resumption: optional(
      boolean,
      false,
      'Gives no session tickets, so that no session is resumed.',
    ),
    session_timeout: optional(duration, 7_200_000, 'How long a session may be resumed.'),
    ...unused('disable_stateful_session_resumption'),
    ...fixed({ ocsp_staple_policy: 'LENIENT_STAPLING' }),
    ...unsupported(
      'session_ticket_keys',
      'session_ticket_keys_sds_secret_config',
      'require_sni',
      'full_scan_certs_on_sni_mismatch',
      'prefer_client_ciphers',
    ),
  },
  ({ common_tls_context: context, require_client_certificate: required, ...it }, at) => {
    if (context.certificates.length === 0 && !at.troubled)
      at.say('a listener that speaks TLS needs a certificate; give "tls_certificates"')
    if (required && context.validation === null && !at.troubled)
      at.child('require_client_certificate').say(
        'nothing tells which certificates of clients are valid; give "trusted_ca" in "validation_context"',
      )
    return {
      ...context,
      requireClientCertificate: required,
      resumption: !it.disable_stateless_session_resumption,
      sessionTimeoutMs: it.session_timeout,
    }
  },
)
