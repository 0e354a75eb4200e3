import type { Connection } from '../connection.ts'
import type { PeerCertificate, Security } from '../security.ts'
import type { Stream } from '../stream.ts'
import { filled, type Operator, plain, type Read } from './operator.ts'
import { compileTime, isoTime } from './time.ts'

/** What TLS agreed on and what certificates say, of the client's connection and of the host's. */
export const tlsOperators: Readonly<Record<string, Operator>> = {
  REQUESTED_SERVER_NAME: plain(
    'the server name a TLS client asked for; none without TLS',
    ({ down }) => filled(down.connection.security?.serverName),
  ),
  ...connectionOperators('DOWNSTREAM', 'the client', ({ down }) => down.connection),
  ...connectionOperators('UPSTREAM', 'the host', ({ up }) => (up === null ? null : up.connection)),
}

/** The operators of one side; `whose` is the peer there. */
function connectionOperators(
  side: string,
  whose: string,
  connectionOf: (stream: Stream) => Connection | null,
): Record<string, Operator> {
  const tls = (help: string, find: (security: Security) => string): Operator =>
    plain(help, (stream) => {
      const security = connectionOf(stream)?.security ?? null
      return security === null ? null : filled(find(security))
    })
  const peerOf = (stream: Stream): PeerCertificate | null =>
    connectionOf(stream)?.security?.peer ?? null
  const peer = (help: string, find: (peer: PeerCertificate) => string): Operator =>
    plain(help, (stream) => {
      const certificate = peerOf(stream)
      return certificate === null ? null : filled(find(certificate))
    })
  const certificate = `the certificate of ${whose}`
  return {
    [`${side}_TLS_VERSION`]: tls(
      `the version of TLS spoken with ${whose}: \`TLSv1.3\``,
      ({ version }) => version,
    ),
    [`${side}_TLS_CIPHER`]: tls(
      `the cipher suite used with ${whose}, as OpenSSL calls it`,
      ({ cipher }) => cipher,
    ),
    [`${side}_PEER_SUBJECT`]: peer(
      `the subject of ${certificate}: \`CN=shop,O=Example\``,
      ({ subject }) => subject,
    ),
    [`${side}_PEER_ISSUER`]: peer(`the issuer of ${certificate}`, ({ issuer }) => issuer),
    [`${side}_PEER_URI_SAN`]: peer(`the URIs in ${certificate}, by commas`, ({ uris }) =>
      uris.join(','),
    ),
    [`${side}_PEER_DNS_SAN`]: peer(`the host names in ${certificate}, by commas`, (it) =>
      it.dnsNames.join(','),
    ),
    [`${side}_PEER_SERIAL`]: peer(
      `the serial number of ${certificate}, hexadecimal`,
      ({ serial }) => serial,
    ),
    [`${side}_PEER_FINGERPRINT_256`]: peer(
      `the SHA-256 of ${certificate}, hexadecimal`,
      (it) => it.fingerprint256,
    ),
    [`${side}_PEER_CERT`]: peer(`${certificate} in PEM, URL-encoded`, ({ pem }) =>
      encodeURIComponent(pem),
    ),
    [`${side}_PEER_CERT_V_START`]: moment(`when ${certificate} begins to be valid`, (stream) => {
      return peerOf(stream)?.validFrom ?? null
    }),
    [`${side}_PEER_CERT_V_END`]: moment(`when ${certificate} is no longer valid`, (stream) => {
      return peerOf(stream)?.validTo ?? null
    }),
    [`${side}_LOCAL_URI_SAN`]: tls(
      `the URIs in our own certificate, as ${whose} sees it, by commas`,
      ({ localUris }) => localUris.join(','),
    ),
  }
}

function moment(help: string, find: (stream: Stream) => number | null): Operator {
  return {
    help: `${help}, written as \`%START_TIME%\` is`,
    argument: 'format',
    required: false,
    compile(format, say): Read {
      const write = format === '' ? isoTime : compileTime(format, say)
      return (stream) => {
        const ms = find(stream)
        return ms === null ? null : write(ms)
      }
    },
  }
}
