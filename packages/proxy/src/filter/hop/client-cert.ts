import type { HttpManager } from '@tulle/model'
import type { PeerCertificate, Security } from '../../security.ts'

type Details = HttpManager['clientCertDetails']

/**
 * One element of `x-forwarded-client-cert`: what this hop knows of its client. `peer` is the certificate that the
 * client has shown.
 *
 * ```
 *  By=spiffe://shop/cart;Hash=468ed3…;Cert="-----BEGIN%20…";Subject="CN=web,O=Shop";URI=spiffe://shop/web;DNS=web.shop
 * ```
 */
export function clientCertElement(
  security: Security,
  peer: PeerCertificate,
  details: Details,
): string {
  const pairs = security.localUris.map((uri) => `By=${value(uri)}`)
  pairs.push(`Hash=${peer.fingerprint256}`)
  if (details.cert) pairs.push(`Cert="${encodeURIComponent(peer.pem)}"`)
  if (details.chain) pairs.push(`Chain="${encodeURIComponent(peer.chainPem)}"`)
  if (details.subject) pairs.push(`Subject=${quoted(peer.subject)}`)
  if (details.uri) pairs.push(...uris(peer).map((uri) => `URI=${value(uri)}`))
  if (details.dns) pairs.push(...peer.dnsNames.map((name) => `DNS=${value(name)}`))
  return pairs.join(';')
}

/** The key is there also when there is no URI. */
function uris(peer: PeerCertificate): readonly string[] {
  return peer.uris.length === 0 ? [''] : peer.uris
}

/** A value that could be taken for the end of its pair, or of its element, is quoted. */
function value(text: string): string {
  return /[,;="]/.test(text) ? quoted(text) : text
}

/**
 * In quotation marks, so that nothing in it can end it: a name may bring its own backslashes (RFC 2253 §2.4), and who
 * has chosen it may mean harm.
 */
function quoted(text: string): string {
  const escaped = text.replace(/\\([\s\S])|["\\]/g, (found, next) => (next ? found : `\\${found}`))
  return `"${escaped}"`
}
