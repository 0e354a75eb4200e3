import type { PeerCertificate, Security } from '../../security.ts'
import type { HopSettings } from './hop.ts'

/** For tests: a hop that changes as little as it can. */
export const NOTHING: HopSettings = {
  generateRequestId: false,
  preserveRequestId: false,
  requestIdInResponse: false,
  useRemoteAddress: false,
  trustedHops: 0,
  skipXffAppend: false,
  via: '',
  forwardClientCert: 'sanitize',
  clientCertDetails: { subject: false, cert: false, chain: false, dns: false, uri: false },
  appendForwardedPort: false,
  schemeOverride: null,
  stripPort: 'no',
  stripTrailingDot: false,
  normalizePath: false,
  mergeSlashes: false,
}

/** A certificate of a client. */
export const CERTIFICATE: PeerCertificate = {
  subject: 'CN=web,O=Shop',
  issuer: 'CN=ca,O=Shop',
  serial: '0a1b',
  fingerprint256: '468ed33b',
  uris: ['spiffe://shop/web'],
  dnsNames: ['web.shop', 'www.shop'],
  validFrom: Date.UTC(2026, 0, 1),
  validTo: Date.UTC(2027, 0, 1),
  pem: '-----BEGIN CERTIFICATE-----\nAb+/=\n',
  chainPem: '-----BEGIN CERTIFICATE-----\nAb+/=\nCd\n',
}

/** TLS with a client that has shown this certificate, or none. */
export function securityWith(peer: PeerCertificate | null, more: Partial<Security> = {}): Security {
  return {
    serverName: 'shop.example',
    alpn: 'h2',
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    resumed: false,
    peer,
    verified: peer !== null,
    localUris: ['spiffe://shop/cart'],
    ...more,
  }
}
