/** An error of OpenSSL as Node hands it on. */
interface OpensslError extends Error {
  readonly code?: string
  readonly reason?: string
}

/** What certificates are found wanting, by the codes of OpenSSL's verification. */
const CHAIN_ERRORS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
  UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'no authority that is trusted has issued it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'no authority that is trusted has issued it',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it has been revoked',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  INVALID_PURPOSE: 'it is not meant for this side of a connection',
  UNABLE_TO_GET_CRL: 'the list of revoked certificates ("crl") is not of its issuer',
  CRL_HAS_EXPIRED: 'the list of revoked certificates ("crl") has expired',
}

export function chainErrorText(error: OpensslError): string {
  return CHAIN_ERRORS[error.code ?? ''] ?? error.message.split(';')[0]!
}

/** What begins as something else than TLS makes OpenSSL say one of these. */
const NOT_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_BAD_RECORD_TYPE',
])

const ALERT = /^(?:tlsv1|tlsv13|sslv3|ssl\/tls) alert (.+)$/

/** Who the peer is in sentences. */
export type Peer = 'client' | 'host'

/** Why a handshake came to nothing. */
export function handshakeErrorText(error: OpensslError | null, peer: Peer): string {
  if (error === null) return `the ${peer} closed the connection during the TLS handshake`
  const { code = '', reason = '' } = error
  if (NOT_TLS.has(code)) return `the ${peer} does not speak TLS`
  const alert = alertIn(reason)
  if (alert !== null) return `the ${peer} refused the TLS handshake: ${alert}`
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
    return `the ${peer} showed no certificate`
  if (code === 'ERR_SSL_NO_SHARED_CIPHER' || code === 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM')
    return `the ${peer} and this proxy have no cipher suite in common`
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL')
    return `the ${peer} and this proxy have no version of TLS in common`
  if (code === 'ECONNRESET') return `the ${peer} reset the connection during the TLS handshake`
  return reason === '' ? error.message : `the TLS handshake failed: ${reason}`
}

/** Makes the error of an established connection one that can be told to others. */
export function clarify(error: OpensslError): void {
  if (error.code?.startsWith('ERR_SSL_') !== true) return
  const { reason = '' } = error
  const alert = alertIn(reason)
  error.message = alert === null ? `TLS: ${reason || error.code}` : `TLS alert "${alert}"`
}

function alertIn(reason: string): string | null {
  return ALERT.exec(reason)?.[1] ?? null
}
