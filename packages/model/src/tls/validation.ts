import {
  atMostOne,
  choice,
  filledText,
  list,
  mapped,
  message,
  nullable,
  optional,
  type Place,
  required,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import { stringMatcherMessage } from '../matcher.ts'
import type { SanMatcher, TlsValidation } from '../tls.ts'
import { needPem, secretSourceMessage } from './data-source.ts'

const KINDS = ['email', 'dns', 'uri', 'ip'] as const

const sanMatcherMessage: Type<SanMatcher> = message(
  'envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher',
  {
    san_type: required(
      choice([null, 'EMAIL', 'DNS', 'URI', 'IP_ADDRESS', 'OTHER_NAME'], {
        EMAIL: 'email',
        DNS: 'dns',
        URI: 'uri',
        IP_ADDRESS: 'ip',
      }),
      'The kind of name.',
    ),
    matcher: required(stringMatcherMessage, 'What the name must be.'),
    ...unsupported('oid'),
  },
  (it) => ({ kind: it.san_type, matcher: it.matcher }),
)

const certificateHash = mapped(filledText, (given, at) => {
  const hash = given.replaceAll(':', '').toLowerCase()
  if (!at.troubled && !/^[0-9a-f]{64}$/.test(hash))
    at.say('must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons')
  return hash
})

const spkiHash = mapped(filledText, (hash, at) => {
  if (!at.troubled && !/^[A-Za-z0-9+/]{43}=$/.test(hash))
    at.say('must be the SHA-256 of a public key in base64: 44 characters')
  return hash
})

/** `envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext`. */
export const validationMessage: Type<TlsValidation> = message(
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext',
  {
    trusted_ca: nullable(
      secretSourceMessage,
      'Certificates of the authorities to believe, in PEM; without them a certificate is not verified.',
    ),
    match_typed_subject_alt_names: optional(
      list(sanMatcherMessage),
      [],
      "Names, one of which must be in the peer's certificate.",
    ),
    match_subject_alt_names: optional(
      list(stringMatcherMessage),
      [],
      'The older spelling of `match_typed_subject_alt_names`, for names of every kind.',
    ),
    verify_certificate_hash: optional(
      list(certificateHash),
      [],
      "SHA-256 of the peer's certificate in hexadecimal; this or `verify_certificate_spki` must match if given.",
    ),
    verify_certificate_spki: optional(
      list(spkiHash),
      [],
      "SHA-256 of the peer's public key in base64; this or `verify_certificate_hash` must match if given.",
    ),
    crl: nullable(secretSourceMessage, 'Lists of revoked certificates, in PEM.'),
    trust_chain_verification: optional(
      choice(['VERIFY_TRUST_CHAIN', 'ACCEPT_UNTRUSTED'], {
        VERIFY_TRUST_CHAIN: false,
        ACCEPT_UNTRUSTED: true,
      }),
      false,
      'ACCEPT_UNTRUSTED lets everybody in; routes can ask whether a certificate was valid.',
    ),
    ...unused('watched_directory'),
    ...unsupported(
      'ca_certificate_provider_instance',
      'system_root_certs',
      'require_signed_certificate_timestamp',
      'allow_expired_certificate',
      'custom_validator_config',
      'only_verify_leaf_cert_crl',
      'max_verify_depth',
      'auto_sni_san_match',
    ),
  },
  (it, at) => {
    const { match_typed_subject_alt_names: typed, match_subject_alt_names: untyped } = it
    atMostOne(at, {
      match_typed_subject_alt_names: typed.length > 0 ? typed : null,
      match_subject_alt_names: untyped.length > 0 ? untyped : null,
    })
    if (!at.troubled) {
      if (it.trusted_ca) needPem(it.trusted_ca, 'CERTIFICATE', at.child('trusted_ca'))
      if (it.crl) needPem(it.crl, 'X509 CRL', at.child('crl'))
    }
    const ofEveryKind = untyped.flatMap((matcher) => KINDS.map((kind) => ({ kind, matcher })))
    return {
      trustedCa: it.trusted_ca,
      names: [...typed, ...ofEveryKind],
      certificateHashes: it.verify_certificate_hash,
      spkiHashes: it.verify_certificate_spki,
      crl: it.crl,
      acceptUntrusted: it.trust_chain_verification,
    }
  },
)

/** `more` put over `base` as messages of protobuf are merged: lists are joined, the rest of `more` goes first. */
export function mergeValidation(base: TlsValidation, more: TlsValidation): TlsValidation {
  return {
    trustedCa: more.trustedCa ?? base.trustedCa,
    names: [...base.names, ...more.names],
    certificateHashes: [...base.certificateHashes, ...more.certificateHashes],
    spkiHashes: [...base.spkiHashes, ...more.spkiHashes],
    crl: more.crl ?? base.crl,
    acceptUntrusted: base.acceptUntrusted || more.acceptUntrusted,
  }
}

/** Whether a peer's certificate decides anything. */
export function validates(it: TlsValidation): boolean {
  const pinned = it.certificateHashes.length + it.spkiHashes.length > 0
  return it.trustedCa !== null || it.acceptUntrusted || pinned
}

/** Complains of what proves nothing unless an authority vouches for it. `at` is where the validation stands. */
export function needAuthority(it: TlsValidation, at: Place): void {
  if (it.trustedCa !== null) return
  if (it.names.length > 0)
    at.say('names in a certificate prove nothing unless somebody vouches for it; give "trusted_ca"')
  if (it.crl !== null) at.say('"crl" is not looked at without "trusted_ca"; give both')
}
