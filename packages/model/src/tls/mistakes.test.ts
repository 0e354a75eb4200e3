import { describe, expect, test } from 'vitest'
import { CLUSTER, LISTENER, type Mistake, TCP_FILTER, toldOf } from '../mistakes.ts'

const TLS = 'x/envoy.extensions.transport_sockets.tls.v3'
const INSPECTOR =
  '{ name: i, typed_config: { "@type": x/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }'
const CERTIFICATE = 'inline_string: "-----BEGIN CERTIFICATE-----"'
const PAIR = `{ certificate_chain: { ${CERTIFICATE} }, private_key: { filename: /key.pem } }`
const OURS = `tls_certificates: [${PAIR}]`
const SECRETS = `[
  { name: ours, tls_certificate: ${PAIR} },
  { name: theirs, validation_context: { trusted_ca: { filename: /ca.pem } } }]`

const downstream = (text: string) =>
  `transport_socket: { typed_config: { "@type": ${TLS}.DownstreamTlsContext, ${text} } }`
const upstream = (text: string) =>
  `{ typed_config: { "@type": ${TLS}.UpstreamTlsContext, ${text} } }`

const listener = (text: string) =>
  `static_resources: { clusters: [{ name: a }], secrets: ${SECRETS.replaceAll('\n', '')}, listeners: [{ name: l, address: { pipe: { path: /run/l } }, ${text} }] }`
const chain = (text: string) => listener(`filter_chains: [{ filters: [${TCP_FILTER}], ${text} }]`)
const server = (text: string) => chain(downstream(text))
const context = (text: string) => server(`common_tls_context: { ${text} }`)
const validation = (text: string) => context(`${OURS}, validation_context: { ${text} }`)
const parameters = (text: string) => context(`${OURS}, tls_params: { ${text} }`)
const client = (text: string) =>
  `static_resources: { clusters: [{ name: a, transport_socket: ${upstream(text)} }] }`
const secrets = (text: string) => `static_resources: { secrets: [${text}] }`

const SERVER = `${LISTENER}.filter_chains[0].transport_socket.typed_config`
const CONTEXT = `${SERVER}.common_tls_context`
const CLIENT = `${CLUSTER}.transport_socket.typed_config`

function check(place: (text: string) => string, base: string, mistakes: readonly Mistake[]): void {
  test.each(toldOf(place, base, mistakes))('$text', ({ told, expected }) => {
    expect(told()).toEqual(expected)
  })
}

describe('in the TLS of a listener', () => {
  check(server, SERVER, [
    ['', ['', 'a listener that speaks TLS needs a certificate; give "tls_certificates"']],
    [
      `require_client_certificate: true, common_tls_context: { ${OURS} }`,
      [
        '.require_client_certificate',
        'nothing tells which certificates of clients are valid; give "trusted_ca" in "validation_context"',
      ],
    ],
    [
      `ocsp_staple_policy: MUST_STAPLE, common_tls_context: { ${OURS} }`,
      [
        '.ocsp_staple_policy',
        '"MUST_STAPLE" is not supported yet; only "LENIENT_STAPLING" is: remove it',
      ],
    ],
    [
      `session_ticket_keys: {}, common_tls_context: { ${OURS} }`,
      ['.session_ticket_keys', '"session_ticket_keys" is not supported yet; remove it'],
    ],
  ])
  check(context, CONTEXT, [
    [
      'tls_certificates: [{ certificate_chain: { filename: /c } }]',
      ['.tls_certificates[0]', '"private_key" is missing'],
    ],
    [
      'tls_certificates: [{ certificate_chain: { inline_string: x }, private_key: { inline_string: x } }]',
      [
        '.tls_certificates[0].certificate_chain',
        'holds no PEM: "-----BEGIN CERTIFICATE-----" is not in it',
      ],
      [
        '.tls_certificates[0].private_key',
        'holds no PEM: "-----BEGIN PRIVATE KEY-----" is not in it',
      ],
    ],
    [
      'tls_certificates: [{ certificate_chain: { filename: /c, inline_string: x }, private_key: {} }]',
      [
        '.tls_certificates[0].certificate_chain',
        'only one of "filename" and "inline_string" may be given',
      ],
      [
        '.tls_certificates[0].private_key',
        'one of "filename", "inline_string", "inline_bytes" or "environment_variable" is missing',
      ],
    ],
    [
      'tls_certificates: [{ certificate_chain: { filename: /c }, private_key: { environment_variable: TULLE_NOT_SET } }]',
      [
        '.tls_certificates[0].private_key.environment_variable',
        'the environment has no variable "TULLE_NOT_SET"',
      ],
    ],
    [
      `${OURS}, tls_certificate_sds_secret_configs: [{ name: ours }]`,
      ['', 'only one of "tls_certificates" and "tls_certificate_sds_secret_configs" may be given'],
    ],
    [
      'tls_certificate_sds_secret_configs: [{ name: our }, { name: nobody }, { name: theirs }]',
      [
        '.tls_certificate_sds_secret_configs[0].name',
        'no secret is called "our"; did you mean "ours"?',
      ],
      [
        '.tls_certificate_sds_secret_configs[1].name',
        'no secret is called "nobody"; define it in static_resources.secrets',
      ],
      [
        '.tls_certificate_sds_secret_configs[2].name',
        'secret "theirs" has no "tls_certificate"; choose one that does',
      ],
    ],
    [
      'tls_certificate_sds_secret_configs: [{ name: ours, sds_config: { ads: {} } }]',
      [
        '.tls_certificate_sds_secret_configs[0].sds_config',
        'secrets from a control plane are not supported yet; define it in static_resources.secrets and leave "sds_config" out',
      ],
    ],
    [
      `${OURS}, validation_context_sds_secret_config: { name: ours }`,
      [
        '.validation_context_sds_secret_config.name',
        'secret "ours" has no "validation_context"; choose one that does',
      ],
    ],
    [
      `${OURS}, combined_validation_context: { default_validation_context: {} }`,
      ['.combined_validation_context', '"validation_context_sds_secret_config" is missing'],
    ],
    [
      `${OURS}, validation_context: {}, validation_context_sds_secret_config: { name: theirs }`,
      [
        '',
        'only one of "validation_context" and "validation_context_sds_secret_config" may be given',
      ],
    ],
    [
      `${OURS}, alpn_protocols: [${'x'.repeat(256)}]`,
      ['.alpn_protocols[0]', 'must not be longer than 255 bytes'],
    ],
    [`${OURS}, key_log: {}`, ['.key_log', '"key_log" is not supported yet; remove it']],
  ])
  check(validation, `${CONTEXT}.validation_context`, [
    [
      'match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: a } }], crl: { filename: /crl }',
      [
        '',
        'names in a certificate prove nothing unless somebody vouches for it; give "trusted_ca"',
      ],
      ['', '"crl" is not looked at without "trusted_ca"; give both'],
    ],
    [
      'trusted_ca: { filename: /ca }, match_typed_subject_alt_names: [{ san_type: OTHER_NAME, matcher: { exact: a } }]',
      [
        '.match_typed_subject_alt_names[0].san_type',
        'OTHER_NAME is not supported yet; choose one of EMAIL, DNS, URI, IP_ADDRESS',
      ],
    ],
    [
      'trusted_ca: { filename: /ca }, match_typed_subject_alt_names: [{ san_type: 2, matcher: { exact: a } }], match_subject_alt_names: [{ exact: a }]',
      [
        '',
        'only one of "match_typed_subject_alt_names" and "match_subject_alt_names" may be given',
      ],
    ],
    [
      'verify_certificate_hash: [DF:6F], verify_certificate_spki: [x]',
      [
        '.verify_certificate_hash[0]',
        'must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons',
      ],
      [
        '.verify_certificate_spki[0]',
        'must be the SHA-256 of a public key in base64: 44 characters',
      ],
    ],
    [
      'trusted_ca: { inline_bytes: eA== }, allow_expired_certificate: true',
      ['.allow_expired_certificate', '"allow_expired_certificate" is not supported yet; remove it'],
    ],
    [
      'trusted_ca: { inline_bytes: eA== }',
      ['.trusted_ca', 'holds no PEM: "-----BEGIN CERTIFICATE-----" is not in it'],
    ],
  ])
  check(parameters, `${CONTEXT}.tls_params`, [
    [
      'tls_minimum_protocol_version: TLSv1_1, tls_maximum_protocol_version: 1',
      [
        '.tls_minimum_protocol_version',
        'TLSv1_1 is not safe (RFC 8996) and not spoken; choose TLSv1_2 or TLSv1_3',
      ],
      [
        '.tls_maximum_protocol_version',
        'TLSv1_0 is not safe (RFC 8996) and not spoken; choose TLSv1_2 or TLSv1_3',
      ],
    ],
    [
      'tls_minimum_protocol_version: TLSv1_4',
      ['.tls_minimum_protocol_version', 'must be one of TLS_AUTO, TLSv1_2, TLSv1_3, not "TLSv1_4"'],
    ],
    [
      'tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_2',
      [
        '',
        '"tls_minimum_protocol_version" (TLSv1.3) must not be above "tls_maximum_protocol_version" (TLSv1.2)',
      ],
    ],
    [
      'cipher_suites: ["[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1304]"]',
      [
        '.cipher_suites[0]',
        '"ECDHE-RSA-CHACHA20-POLY1304" is not a known cipher suite; did you mean "ECDHE-RSA-CHACHA20-POLY1305"?',
      ],
    ],
    [
      'ecdh_curves: [X25518, ""]',
      ['.ecdh_curves[0]', '"X25518" is not a known curve; did you mean "X25519"?'],
      ['.ecdh_curves[1]', 'must not be empty'],
    ],
    [
      'signature_algorithms: [md5]',
      [
        '.signature_algorithms[0]',
        '"md5" is not a known signature algorithm; known are, among others, ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512',
      ],
    ],
  ])
})

describe('in the TLS of a cluster', () => {
  check(client, CLIENT, [
    [
      `common_tls_context: { tls_certificates: [${PAIR}, ${PAIR}] }`,
      ['.common_tls_context', 'a cluster has only one certificate; keep one'],
    ],
    [
      'sni: a.example, auto_sni_san_validation: true',
      [
        '.auto_sni_san_validation',
        'a name in a certificate proves nothing unless somebody vouches for it; give "trusted_ca" in "validation_context"',
      ],
    ],
    [
      'allow_renegotiation: true',
      ['.allow_renegotiation', 'true is not supported yet; only false is: remove it'],
    ],
    [
      'common_tls_context: { validation_context_sds_secret_config: { name: x } }',
      [
        '.common_tls_context.validation_context_sds_secret_config.name',
        'no secret is called "x"; define it in static_resources.secrets',
      ],
    ],
  ])
})

describe('in secrets', () => {
  check(secrets, 'static_resources.secrets', [
    [
      `{ name: a, tls_certificate: ${PAIR} }, { name: a, tls_certificate: ${PAIR} }`,
      ['[1].name', 'secret "a" is there already; rename one'],
    ],
    [
      '{ name: a, generic_secret: {} }',
      ['[0].generic_secret', '"generic_secret" is not supported yet; remove it'],
    ],
  ])
})

const SPEAKS_TLS = downstream(`common_tls_context: { ${OURS} }`)
const plainChain = (text: string) => `{ filters: [${TCP_FILTER}], ${text} }`
const named = (name: string) =>
  plainChain(`filter_chain_match: { server_names: [${name}] }, ${SPEAKS_TLS}`)
const needs = (what: string): readonly [string, string] => [
  '.listener_filters',
  `${what}; add a filter of "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector`,
]

describe('between chains', () => {
  check(listener, LISTENER, [
    [
      `listener_filters: [${INSPECTOR}], filter_chains: [${named('A.example')}, ${named('a.example')}]`,
      [
        '.filter_chains[1]',
        'a chain before it takes all protocols of "a.example" already; give each its own "server_names" or "application_protocols"',
      ],
    ],
    [
      `filter_chains: [${plainChain(SPEAKS_TLS)}, ${plainChain(SPEAKS_TLS)}]`,
      [
        '.filter_chains[1]',
        'a chain before it takes all protocols over TLS already; give each its own "server_names" or "application_protocols"',
      ],
    ],
    [
      `filter_chains: [${plainChain(`filter_chain_match: { transport_protocol: raw_buffer }, ${SPEAKS_TLS}`)}]`,
      [
        '.filter_chains[0].filter_chain_match.transport_protocol',
        'a chain with TLS of its own takes no connections in the clear; remove it',
      ],
    ],
    [
      `filter_chains: [${plainChain('filter_chain_match: { transport_protocol: raw_buffer, server_names: [a] }')}]`,
      [
        '.filter_chains[0].filter_chain_match',
        'only TLS asks for a server name; remove "server_names" or "transport_protocol"',
      ],
    ],
    [
      `filter_chains: [${plainChain('filter_chain_match: { transport_protocol: quic, server_names: ["*", "a*.b"] }')}]`,
      [
        '.filter_chains[0].filter_chain_match.transport_protocol',
        'must be "raw_buffer" or "tls", not "quic"',
      ],
      [
        '.filter_chains[0].filter_chain_match.server_names[0]',
        'every name is meant when none is given; leave "server_names" out',
      ],
      [
        '.filter_chains[0].filter_chain_match.server_names[1]',
        '"a*.b" has a "*" that is not the whole first label: write "*.example.com"',
      ],
    ],
    [
      `filter_chains: [${named('a.example')}]`,
      needs('nothing reads which server name ("a.example") is asked for'),
    ],
    [
      `filter_chains: [${plainChain(SPEAKS_TLS)}, ${plainChain('name: rest')}]`,
      needs('nothing tells TLS from connections in the clear'),
    ],
    [
      `filter_chains: [${plainChain(SPEAKS_TLS)}], default_filter_chain: ${plainChain('name: rest')}`,
      needs('nothing tells TLS from connections in the clear'),
    ],
    [
      `filter_chains: [${plainChain(`filter_chain_match: { application_protocols: [h2] }, ${SPEAKS_TLS}`)}]`,
      needs('nothing reads whether TLS offers "h2"'),
    ],
  ])
})

describe('what is no mistake', () => {
  check(listener, LISTENER, [
    [`filter_chains: [${plainChain(SPEAKS_TLS)}]`],
    [
      `listener_filters: [${INSPECTOR}], filter_chains: [${named('a.example')}, ${named('"*.example"')}, ${plainChain(SPEAKS_TLS)}], default_filter_chain: ${plainChain('name: rest')}`,
    ],
    [
      `listener_filters: [${INSPECTOR}], filter_chains: [${plainChain('filter_chain_match: { server_names: [through.example] }')}]`,
    ],
  ])
  check(context, CONTEXT, [
    [
      'tls_certificate_sds_secret_configs: [{ name: ours }], combined_validation_context: { default_validation_context: { match_typed_subject_alt_names: [{ san_type: URI, matcher: { prefix: "spiffe://" } }] }, validation_context_sds_secret_config: { name: theirs } }',
    ],
    [`${OURS}, validation_context: { trust_chain_verification: ACCEPT_UNTRUSTED }`],
  ])
  check(client, CLIENT, [['sni: ""'], ['']])
})
