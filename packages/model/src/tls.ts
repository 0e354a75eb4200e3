import type { StringMatcher } from './matcher.ts'

/** `envoy.config.core.v3.DataSource`: a file, watched for changes, or the text itself. */
export type DataSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly text: string }

/** A certificate chain and its key, PEM. */
export interface TlsCertificate {
  readonly chain: DataSource
  readonly key: DataSource
  readonly password: DataSource | null
}

/** `TlsParameters`. Empty lists are the safe defaults of this proxy. */
export interface TlsParameters {
  /** @default TLSv1.2 */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** @default TLSv1.3 */
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's names, for TLS 1.2 and below; TLS 1.3 suites (`TLS_…`) may stand among them. */
  readonly ciphers: readonly string[]
  /** `X25519`, `P-256`, … in the order of preference. */
  readonly curves: readonly string[]
  readonly signatureAlgorithms: readonly string[]
}

/** One name a peer's certificate may have: `SubjectAltNameMatcher`. */
export interface SanMatcher {
  readonly kind: 'dns' | 'uri' | 'email' | 'ip'
  readonly matcher: StringMatcher
}

/** `CertificateValidationContext`: whom to believe. */
export interface TlsValidation {
  readonly trustedCa: DataSource | null
  /** One of them must match; empty: any name will do. */
  readonly names: readonly SanMatcher[]
  /** SHA-256 of the certificate, 64 lower-case hex digits; one must match if there are any. */
  readonly certificateHashes: readonly string[]
  /** Base64 of the SHA-256 of the public key; one must match if there are any. */
  readonly spkiHashes: readonly string[]
  readonly crl: DataSource | null
  /** `trust_chain_verification: ACCEPT_UNTRUSTED`. */
  readonly acceptUntrusted: boolean
}

/** What both sides of TLS have: `CommonTlsContext`, secrets found and put in place. */
export interface TlsContext {
  readonly certificates: readonly TlsCertificate[]
  /** Null: the peer's certificate is not looked at. */
  readonly validation: TlsValidation | null
  readonly parameters: TlsParameters
  /** In the order of preference. */
  readonly alpn: readonly string[]
}

/** `envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext`. */
export interface DownstreamTls extends TlsContext {
  readonly requireClientCertificate: boolean
  /** Sessions may be resumed. @default true */
  readonly resumption: boolean
  /** How long a session may be resumed. @default 7200000 */
  readonly sessionTimeoutMs: number
}

/** `envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`. */
export interface UpstreamTls extends TlsContext {
  /** The server name asked for; empty asks for none. */
  readonly sni: string
  /** The host's name is asked for (`auto_host_sni`). */
  readonly sniFromHost: boolean
  /** The server name must be in the certificate (`auto_sni_san_validation`). */
  readonly sniMustMatch: boolean
  /** Sessions kept for each host; 0 resumes none. @default 1 */
  readonly maxSessionKeys: number
}
