import { X509Certificate } from 'node:crypto'
import type { PeerCertificate } from '../../security.ts'
import { type CertificateNames, namesOf } from './names.ts'

/** A certificate as logs, routes and headers tell of it, each part made when somebody asks. */
export class ShownCertificate implements PeerCertificate {
  readonly #x509: X509Certificate
  /** Those shown with it, DER, this one first; null where nothing is known of them. */
  readonly #chain: () => readonly Buffer[]
  #names: CertificateNames | null = null
  #subject: string | null = null
  #issuer: string | null = null
  #fingerprint: string | null = null
  #pem: string | null = null
  #chainPem: string | null = null

  constructor(x509: X509Certificate, chain: () => readonly Buffer[]) {
    this.#x509 = x509
    this.#chain = chain
  }

  get subject(): string {
    this.#subject ??= rfc2253(this.#x509.subject)
    return this.#subject
  }
  get issuer(): string {
    this.#issuer ??= rfc2253(this.#x509.issuer)
    return this.#issuer
  }
  get serial(): string {
    return this.#x509.serialNumber.toLowerCase()
  }
  get fingerprint256(): string {
    this.#fingerprint ??= this.#x509.fingerprint256.replaceAll(':', '').toLowerCase()
    return this.#fingerprint
  }
  get uris(): readonly string[] {
    return this.names.uris
  }
  get dnsNames(): readonly string[] {
    return this.names.dns
  }
  get validFrom(): number {
    return this.#x509.validFromDate.getTime()
  }
  get validTo(): number {
    return this.#x509.validToDate.getTime()
  }
  get pem(): string {
    this.#pem ??= this.#x509.toString()
    return this.#pem
  }
  get chainPem(): string {
    this.#chainPem ??= this.#chain()
      .map((der) => new X509Certificate(der).toString())
      .join('')
    return this.#chainPem
  }

  get names(): CertificateNames {
    this.#names ??= namesOf(this.#x509)
    return this.#names
  }
}

/** Node gives a part a line, in the order of the certificate; RFC 2253 §2.1 wants the last first. */
export function rfc2253(name: string): string {
  return name
    .split('\n')
    .reverse()
    .map((part) => part.replaceAll(' + ', '+'))
    .join(',')
}
