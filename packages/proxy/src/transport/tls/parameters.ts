import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { TlsParameters } from '@tulle/model'

/**
 * What is used where nothing is configured: forward secrecy and authenticated encryption alone. AES-128 stands first,
 * as strong as it need be and quick with the instructions that processors have for it; a client without them that puts
 * ChaCha20 first gets that.
 */
const SUITES_13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
]
const SUITES_12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
]
const CURVES = ['X25519', 'P-256', 'P-384']

/** OpenSSL's form of the parameters. */
export function parameterOptions(parameters: TlsParameters): SecureContextOptions {
  const { minVersion, maxVersion, ciphers, curves, signatureAlgorithms } = parameters
  const suites13 = ciphers.filter((name) => name.startsWith('TLS_'))
  const suites12 = ciphers.filter((name) => !name.startsWith('TLS_'))
  return {
    minVersion,
    maxVersion,
    // Without names of one version Node would leave that version out: those are told by the versions alone.
    ciphers: [
      ...(suites13.length > 0 ? suites13 : SUITES_13),
      ...(suites12.length > 0 ? suites12 : SUITES_12),
    ].join(':'),
    ecdhCurve: (curves.length > 0 ? curves : CURVES).join(':'),
    ...(signatureAlgorithms.length > 0 ? { sigalgs: signatureAlgorithms.join(':') } : {}),
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_PRIORITIZE_CHACHA,
  }
}
