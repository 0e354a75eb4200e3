import {
  atMostOne,
  boolean,
  choice,
  type Field,
  integer,
  mapped,
  message,
  nullable,
  optional,
  type Place,
  type Type,
  text,
  unsupported,
} from '../decode/index.ts'
import type { HttpManager } from '../listener.ts'

type CertDetails = HttpManager['clientCertDetails']

const certDetailsMessage: Type<CertDetails> = message(
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails',
  {
    subject: optional(boolean, false, 'Its subject.'),
    cert: optional(boolean, false, 'The certificate itself, in PEM.'),
    chain: optional(boolean, false, 'All that the client sent, in PEM.'),
    dns: optional(boolean, false, 'Its names of the kind DNS.'),
    uri: optional(boolean, false, 'Its names of the kind URI.'),
  },
  (it) => it,
)

const schemeMessage: Type<HttpManager['schemeOverride']> = message(
  'envoy.config.core.v3.SchemeHeaderTransformation',
  {
    scheme_to_overwrite: nullable(text, '`http` or `https`.'),
    ...unsupported('match_upstream'),
  },
  ({ scheme_to_overwrite: scheme }, at) => {
    if (scheme === null || scheme === 'http' || scheme === 'https') return scheme
    at.child('scheme_to_overwrite').say(`must be "http" or "https", not ${JSON.stringify(scheme)}`)
    return null
  },
)

/** Text that may stand in a header: no control characters (RFC 9110 §5.5). */
const headerText: Type<string> = mapped(text, (value, at) => {
  if (/[^\t\x20-\x7e\x80-\u{10ffff}]/u.test(value)) at.say('must not hold control characters')
  return value
})

const CERT_ACTIONS = [
  'SANITIZE',
  'FORWARD_ONLY',
  'APPEND_FORWARD',
  'SANITIZE_SET',
  'ALWAYS_FORWARD_ONLY',
]

/** What an HTTP connection manager believes of those before it and tells those behind it. */
export const FORWARDING_FIELDS: {
  readonly use_remote_address: Field<boolean>
  readonly xff_num_trusted_hops: Field<number>
  readonly skip_xff_append: Field<boolean>
  readonly via: Field<string>
  readonly generate_request_id: Field<boolean>
  readonly preserve_external_request_id: Field<boolean>
  readonly always_set_request_id_in_response: Field<boolean>
  readonly forward_client_cert_details: Field<HttpManager['forwardClientCert']>
  readonly set_current_client_cert_details: Field<CertDetails>
  readonly append_x_forwarded_port: Field<boolean>
  readonly strip_matching_host_port: Field<boolean>
  readonly strip_any_host_port: Field<boolean>
  readonly strip_trailing_host_dot: Field<boolean>
  readonly scheme_header_transformation: Field<HttpManager['schemeOverride']>
} = {
  use_remote_address: optional(
    boolean,
    false,
    "Appends the client's address to `x-forwarded-for`, and does not believe what clients from outside say.",
  ),
  xff_num_trusted_hops: optional(
    integer(),
    0,
    'Proxies before this one whose `x-forwarded-for` is believed.',
  ),
  skip_xff_append: optional(boolean, false, 'Leaves `x-forwarded-for` as it came.'),
  via: optional(headerText, '', 'Appended to `via` of requests and answers; nothing when empty.'),
  generate_request_id: optional(boolean, true, 'Gives an `x-request-id` to requests without.'),
  preserve_external_request_id: optional(
    boolean,
    false,
    'Keeps an `x-request-id` also from outside.',
  ),
  always_set_request_id_in_response: optional(boolean, false, 'Answers have `x-request-id` too.'),
  forward_client_cert_details: optional(
    choice(CERT_ACTIONS, {
      SANITIZE: 'sanitize',
      FORWARD_ONLY: 'forward-only',
      APPEND_FORWARD: 'append-forward',
      SANITIZE_SET: 'sanitize-set',
      ALWAYS_FORWARD_ONLY: 'always-forward-only',
    }),
    'sanitize',
    'What becomes of `x-forwarded-client-cert`.',
  ),
  set_current_client_cert_details: optional(
    certDetailsMessage,
    certDetailsMessage.blank(),
    "What it tells of the client's certificate besides its hash.",
  ),
  append_x_forwarded_port: optional(
    boolean,
    false,
    'Tells in `x-forwarded-port` which port the client connected to.',
  ),
  strip_matching_host_port: optional(
    boolean,
    false,
    "Takes the port of `host` away where it is the listener's.",
  ),
  strip_any_host_port: optional(boolean, false, 'Takes the port of `host` away.'),
  strip_trailing_host_dot: optional(boolean, false, 'Takes a dot at the end of `host` away.'),
  scheme_header_transformation: optional(
    schemeMessage,
    null,
    "What hosts are told as the scheme; the connection's when nothing is said.",
  ),
}

type Given = { readonly [K in keyof typeof FORWARDING_FIELDS]: FieldValue<K> }
type FieldValue<K extends keyof typeof FORWARDING_FIELDS> =
  (typeof FORWARDING_FIELDS)[K] extends Field<infer T> ? T : never

type Forwarding = Pick<
  HttpManager,
  | 'useRemoteAddress'
  | 'trustedHops'
  | 'skipXffAppend'
  | 'via'
  | 'generateRequestId'
  | 'preserveRequestId'
  | 'requestIdInResponse'
  | 'forwardClientCert'
  | 'clientCertDetails'
  | 'appendForwardedPort'
  | 'stripPort'
  | 'stripTrailingDot'
  | 'schemeOverride'
>

/** Those fields as the model has them. `at` is where the manager stands. */
export function forwarding(it: Given, at: Place): Forwarding {
  const { strip_matching_host_port: matching, strip_any_host_port: any } = it
  atMostOne(at, {
    strip_matching_host_port: matching || null,
    strip_any_host_port: any || null,
  })
  return {
    useRemoteAddress: it.use_remote_address,
    trustedHops: it.xff_num_trusted_hops,
    skipXffAppend: it.skip_xff_append,
    via: it.via,
    generateRequestId: it.generate_request_id,
    preserveRequestId: it.preserve_external_request_id,
    requestIdInResponse: it.always_set_request_id_in_response,
    forwardClientCert: it.forward_client_cert_details,
    clientCertDetails: it.set_current_client_cert_details,
    appendForwardedPort: it.append_x_forwarded_port,
    stripPort: any ? 'any' : matching ? 'matching' : 'no',
    stripTrailingDot: it.strip_trailing_host_dot,
    schemeOverride: it.scheme_header_transformation,
  }
}
