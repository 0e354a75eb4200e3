import type { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import type { PeerCertificate, Security } from '../../security.ts'
import { ShownCertificate } from './certificate.ts'
import type { TlsSocket } from './tls-socket.ts'

/** What a handshake agreed on. What costs little is kept, so that logs written after the end still know it. */
export class TlsSecurity implements Security {
  readonly serverName: string
  readonly alpn: string
  readonly version: string
  readonly cipher: string
  readonly resumed: boolean
  readonly verified: boolean
  readonly localUris: readonly string[]
  readonly #socket: TlsSocket
  readonly #certificate: X509Certificate | null
  #peer: PeerCertificate | null = null

  constructor(
    socket: TlsSocket,
    serverName: string,
    shown: { readonly certificate: X509Certificate | null; readonly resumed: boolean },
    verified: boolean,
    localUris: readonly string[],
  ) {
    this.#socket = socket
    this.serverName = serverName
    this.alpn = intern(socket.alpnProtocol || '')
    this.version = intern(socket.getProtocol() ?? '')
    this.cipher = intern(socket.getCipher()?.name ?? '')
    this.#certificate = shown.certificate
    this.resumed = shown.resumed
    this.verified = verified
    this.localUris = localUris
  }

  get peer(): PeerCertificate | null {
    if (this.#certificate !== null && this.#peer === null) {
      const certificate = this.#certificate
      this.#peer = new ShownCertificate(certificate, () => chainOf(this.#socket, certificate))
    }
    return this.#peer
  }
}

/** DER, the peer's own first. */
function chainOf(socket: TlsSocket, own: X509Certificate): readonly Buffer[] {
  const chain: Buffer[] = [own.raw]
  let one = socket.getPeerCertificate(true) as DetailedPeerCertificate | null
  // The root is its own issuer; a resumed session and a closed connection know no more than the first.
  while (one?.issuerCertificate !== undefined && one.issuerCertificate !== one) {
    one = one.issuerCertificate
    if (one.raw !== undefined) chain.push(one.raw)
  }
  return chain
}

/** The few names of versions and suites there are, each once. */
const interned = new Map<string, string>()

function intern(text: string): string {
  const known = interned.get(text)
  if (known !== undefined) return known
  if (interned.size < 256) interned.set(text, text)
  return text
}
