import { message, nullable, required, type Type, unsupported, unused } from '../decode/index.ts'
import type { TlsCertificate } from '../tls.ts'
import { needPem, secretSourceMessage } from './data-source.ts'

/** `envoy.extensions.transport_sockets.tls.v3.TlsCertificate`. */
export const tlsCertificateMessage: Type<TlsCertificate> = message(
  'envoy.extensions.transport_sockets.tls.v3.TlsCertificate',
  {
    certificate_chain: required(
      secretSourceMessage,
      'The certificate, and those above it, in PEM.',
    ),
    private_key: required(secretSourceMessage, 'Its key, in PEM.'),
    password: nullable(secretSourceMessage, 'What the key is encrypted with.'),
    ...unused('watched_directory'),
    ...unsupported('pkcs12', 'private_key_provider', 'ocsp_staple', 'signed_certificate_timestamp'),
  },
  ({ certificate_chain: chain, private_key: key, password }, at) => {
    if (!at.troubled) {
      needPem(chain, 'CERTIFICATE', at.child('certificate_chain'))
      needPem(key, 'PRIVATE KEY', at.child('private_key'))
    }
    return { chain, key, password }
  },
)
