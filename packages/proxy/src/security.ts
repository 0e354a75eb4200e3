/** A certificate that a peer has shown, as logs, routes and headers tell of it. */
export interface PeerCertificate {
  /** RFC 2253, the most specific part first: `CN=shop,O=Example`. */
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal digits in lower case. */
  readonly serial: string
  /** SHA-256 of the certificate in hexadecimal digits, lower case. */
  readonly fingerprint256: string
  readonly uris: readonly string[]
  readonly dnsNames: readonly string[]
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  /** PEM, made when asked for. */
  readonly pem: string
  readonly chainPem: string
}

/** What TLS agreed on for a connection. Everything is found out when somebody asks. */
export interface Security {
  /** The name the client asked for; '' without one. */
  readonly serverName: string
  /** The protocol agreed on (ALPN); '' without one. */
  readonly alpn: string
  /** `TLSv1.3` */
  readonly version: string
  /** OpenSSL's name. */
  readonly cipher: string
  readonly resumed: boolean
  /** Null when none was shown. */
  readonly peer: PeerCertificate | null
  /** The peer's certificate was shown and believed. */
  readonly verified: boolean
  /** Our own certificate's URI names, for `by` of `x-forwarded-client-cert`. */
  readonly localUris: readonly string[]
}
