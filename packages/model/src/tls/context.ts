import {
  atMostOne,
  filledText,
  list,
  mapped,
  message,
  nullable,
  optional,
  required,
  type Type,
  unsupported,
} from '../decode/index.ts'
import type { TlsContext, TlsValidation } from '../tls.ts'
import { tlsCertificateMessage } from './certificate.ts'
import { tlsParametersMessage } from './parameters.ts'
import { namedCertificate, namedValidation } from './secret.ts'
import { mergeValidation, needAuthority, validates, validationMessage } from './validation.ts'

const combinedMessage: Type<TlsValidation> = message(
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext',
  {
    default_validation_context: required(validationMessage, 'What holds besides the secret.'),
    validation_context_sds_secret_config: required(namedValidation, 'The secret.'),
    ...unsupported(
      'validation_context_certificate_provider',
      'validation_context_certificate_provider_instance',
    ),
  },
  ({ default_validation_context: base, validation_context_sds_secret_config: secret }) =>
    secret ? mergeValidation(base, secret) : base,
)

const protocolName = mapped(filledText, (name, at) => {
  if (Buffer.byteLength(name) > 255) at.say('must not be longer than 255 bytes')
  return name
})

/** `envoy.extensions.transport_sockets.tls.v3.CommonTlsContext`. */
export const tlsContextMessage: Type<TlsContext> = message(
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext',
  {
    tls_params: optional(
      tlsParametersMessage,
      tlsParametersMessage.blank(),
      'Versions, cipher suites, curves.',
    ),
    tls_certificates: optional(
      list(tlsCertificateMessage),
      [],
      'Our certificates; a listener with several takes the one for the server name asked for.',
    ),
    tls_certificate_sds_secret_configs: optional(
      list(namedCertificate),
      [],
      'Our certificates, by the names of secrets.',
    ),
    validation_context: nullable(validationMessage, "How the peer's certificate is verified."),
    validation_context_sds_secret_config: nullable(
      namedValidation,
      'The same, by the name of a secret.',
    ),
    combined_validation_context: nullable(combinedMessage, 'Both, put together.'),
    alpn_protocols: optional(
      list(protocolName),
      [],
      'Protocols offered or accepted (ALPN), the best first: `h2`, `http/1.1`.',
    ),
    ...unsupported(
      'tls_certificate_provider_instance',
      'tls_certificate_certificate_provider',
      'tls_certificate_certificate_provider_instance',
      'custom_tls_certificate_selector',
      'validation_context_certificate_provider',
      'validation_context_certificate_provider_instance',
      'custom_handshaker',
      'key_log',
    ),
  },
  (it, at) => {
    const { validation_context, combined_validation_context } = it
    const { validation_context_sds_secret_config } = it
    const own = it.tls_certificates
    const named = it.tls_certificate_sds_secret_configs
    const contexts = {
      validation_context,
      validation_context_sds_secret_config,
      combined_validation_context,
    }
    atMostOne(at, contexts)
    if (own.length > 0 && named.length > 0)
      at.say('only one of "tls_certificates" and "tls_certificate_sds_secret_configs" may be given')
    const validation =
      validation_context ?? validation_context_sds_secret_config ?? combined_validation_context
    if (validation && !at.troubled) needAuthority(validation, at.child(given(contexts)))
    return {
      certificates: [...own, ...named.filter((it) => it !== null)],
      validation: validation && validates(validation) ? validation : null,
      parameters: it.tls_params,
      alpn: it.alpn_protocols,
    }
  },
)

function given(fields: Readonly<Record<string, unknown>>): string {
  return Object.keys(fields).find((name) => fields[name] !== null) ?? ''
}
