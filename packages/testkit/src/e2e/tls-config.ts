import type { TestCertificate } from '../certificates.ts'

type Part = Readonly<Record<string, unknown>>

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'

/** What both sides of TLS may be told; PEM. */
export interface TlsOptions {
  readonly certificates?: readonly TestCertificate[]
  /** Who is believed; without, nobody is verified. */
  readonly trusted?: string
  /** URI names, one of which the peer must have. */
  readonly uris?: readonly string[]
  readonly alpn?: readonly string[]
  /** More of the context itself, such as `sni`. */
  readonly extra?: Part
}

/** The `transport_socket` of a filter chain. */
export function serverTls(options: TlsOptions): Part {
  return transportSocket('DownstreamTlsContext', options)
}

/** The `transport_socket` of a cluster. */
export function clientTls(options: TlsOptions): Part {
  return transportSocket('UpstreamTlsContext', options)
}

function transportSocket(message: string, options: TlsOptions): Part {
  const { certificates = [], trusted, uris = [], alpn = [], extra = {} } = options
  const names = uris.map((exact) => ({ san_type: 'URI', matcher: { exact } }))
  const validation_context = {
    trusted_ca: { inline_string: trusted },
    match_typed_subject_alt_names: names,
  }
  const common_tls_context = {
    tls_certificates: certificates.map(({ chain, key }) => ({
      certificate_chain: { inline_string: chain },
      private_key: { inline_string: key },
    })),
    alpn_protocols: alpn,
    ...(trusted === undefined ? {} : { validation_context }),
  }
  const typed_config = { '@type': `${TLS}.${message}`, common_tls_context, ...extra }
  return { name: 'tls', typed_config }
}
