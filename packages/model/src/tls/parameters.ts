import { getCiphers } from 'node:tls'
import {
  choice,
  filledText,
  list,
  mapped,
  message,
  nearest,
  optional,
  type Place,
  type Type,
} from '../decode/index.ts'
import type { TlsParameters } from '../tls.ts'

type Version = TlsParameters['minVersion']

const VERSIONS = ['TLS_AUTO', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3']

const safeVersion: Type<Version | null> = choice(VERSIONS, {
  TLS_AUTO: null,
  TLSv1_2: 'TLSv1.2',
  TLSv1_3: 'TLSv1.3',
})

/** Null is what is safe. Versions that RFC 8996 forbids are not spoken. */
const version: Type<Version | null> = {
  ...safeVersion,
  read(value, at) {
    const name = typeof value === 'number' ? VERSIONS[value] : value
    if (name !== 'TLSv1_0' && name !== 'TLSv1_1') return safeVersion.read(value, at)
    at.say(`${name} is not safe (RFC 8996) and not spoken; choose TLSv1_2 or TLSv1_3`)
    return null
  },
}

const CURVES = ['X25519', 'P-256', 'P-384', 'P-521', 'X448', 'X25519MLKEM768', 'P-224']

const SIGNATURES = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'ecdsa_sha1',
  'rsa_pkcs1_sha1',
]

/** Node knows them in lower case, OpenSSL takes them in upper case. */
const CIPHERS = getCiphers().map((name) => name.toUpperCase())

function needKnown(name: string, names: readonly string[], what: string, at: Place): void {
  if (names.includes(name)) return
  const meant = nearest(name, names)
  const advice = meant
    ? `did you mean "${meant}"?`
    : `known are, among others, ${names.slice(0, 3).join(', ')}`
  at.say(`"${name}" is not a known ${what}; ${advice}`)
}

/** A suite, several with `:` between, or a group of equals such as `[A|B]`, whose order is taken as preference. */
const suites: Type<readonly string[]> = mapped(filledText, (given, at) => {
  const names = given.toUpperCase().split(/[:[\]|]/)
  const filled = names.filter((name) => name !== '')
  for (const name of filled) needKnown(name, CIPHERS, 'cipher suite', at)
  return filled
})

function oneOf(names: readonly string[], what: string): Type<string> {
  return mapped(filledText, (name, at) => {
    if (!at.troubled) needKnown(name, names, what, at)
    return name
  })
}

/** `envoy.extensions.transport_sockets.tls.v3.TlsParameters`. */
export const tlsParametersMessage: Type<TlsParameters> = message(
  'envoy.extensions.transport_sockets.tls.v3.TlsParameters',
  {
    tls_minimum_protocol_version: optional(version, null, 'The oldest spoken; TLS 1.2 if AUTO.'),
    tls_maximum_protocol_version: optional(version, null, 'The newest spoken; TLS 1.3 if AUTO.'),
    cipher_suites: optional(
      list(suites),
      [],
      'Cipher suites of TLS 1.2 by the names of OpenSSL, the best first; safe ones by default.',
    ),
    ecdh_curves: optional(
      list(oneOf(CURVES, 'curve')),
      [],
      `Curves for the exchange of keys, the best first: ${CURVES.join(', ')}.`,
    ),
    signature_algorithms: optional(
      list(oneOf(SIGNATURES, 'signature algorithm')),
      [],
      `What signatures may be: ${SIGNATURES.join(', ')}.`,
    ),
  },
  (it, at) => {
    const minVersion = it.tls_minimum_protocol_version ?? 'TLSv1.2'
    const maxVersion = it.tls_maximum_protocol_version ?? 'TLSv1.3'
    if (minVersion > maxVersion)
      at.say(
        `"tls_minimum_protocol_version" (${minVersion}) must not be above "tls_maximum_protocol_version" (${maxVersion})`,
      )
    return {
      minVersion,
      maxVersion,
      ciphers: it.cipher_suites.flat(),
      curves: it.ecdh_curves,
      signatureAlgorithms: it.signature_algorithms,
    }
  },
)
