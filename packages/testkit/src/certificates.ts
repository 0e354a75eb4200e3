import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type { X509CertificateGenerator } from '@peculiar/x509'

/** What a certificate says. */
export interface CertificateOptions {
  /** @default `CN=` and the first name */
  readonly subject?: string
  readonly uris?: readonly string[]
  readonly dns?: readonly string[]
  readonly ips?: readonly string[]
  readonly emails?: readonly string[]
  /** @default an hour ago */
  readonly validFrom?: Date
  /** @default in a day */
  readonly validTo?: Date
  /** @default 'P-256' */
  readonly key?: 'P-256' | 'RSA'
}

/** A certificate and its key, PEM. `chain` has those of the intermediate authorities after it. */
export interface TestCertificate {
  readonly certificate: string
  readonly chain: string
  readonly key: string
  /** Hexadecimal digits in lower case. */
  readonly serial: string
}

type Library = typeof import('@peculiar/x509')
/** Loaded by the first certificate: most tests need none. */
const library = (): Promise<Library> => import('@peculiar/x509')

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const

let serials = 0

/** An authority that makes certificates for tests: nothing of it is kept, and nobody else believes it. */
export class TestAuthority {
  /** PEM, to be believed by others. */
  readonly pem: string
  readonly #name: string
  readonly #keys: webcrypto.CryptoKeyPair
  /** What goes after a certificate of this authority in a chain: nothing where it is the root. */
  readonly #above: string

  private constructor(name: string, keys: webcrypto.CryptoKeyPair, pem: string, above: string) {
    this.#name = name
    this.#keys = keys
    this.pem = pem
    this.#above = above
  }

  /** A root. */
  static async create(name = 'CN=Test Authority'): Promise<TestAuthority> {
    const keys = await keysOf('P-256')
    const pem = await authorityCertificate(name, keys, name, keys)
    return new TestAuthority(name, keys, pem, '')
  }

  /** An authority that this one vouches for. */
  async intermediate(name = 'CN=Test Intermediate'): Promise<TestAuthority> {
    const keys = await keysOf('P-256')
    const pem = await authorityCertificate(name, keys, this.#name, this.#keys)
    return new TestAuthority(name, keys, pem, pem + this.#above)
  }

  async issue(options: CertificateOptions = {}): Promise<TestCertificate> {
    const x509 = await library()
    const { uris = [], dns = [], ips = [], emails = [], key = 'P-256' } = options
    const keys = await keysOf(key)
    const names = [
      ...uris.map((value) => ({ type: 'url' as const, value })),
      ...dns.map((value) => ({ type: 'dns' as const, value })),
      ...ips.filter((value) => isIP(value)).map((value) => ({ type: 'ip' as const, value })),
      ...emails.map((value) => ({ type: 'email' as const, value })),
    ]
    const serial = nextSerial()
    const extensions = [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ]
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject:
        options.subject ?? `CN=${names[0]?.value.replaceAll(/[,+="<>#;\\]/g, '.') ?? 'test'}`,
      issuer: this.#name,
      notBefore: options.validFrom ?? new Date(Date.now() - HOUR_MS),
      notAfter: options.validTo ?? new Date(Date.now() + DAY_MS),
      signingAlgorithm: ECDSA,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions,
    })
    const pem = `${certificate.toString('pem')}\n`
    return { certificate: pem, chain: pem + this.#above, key: await keyPem(keys), serial }
  }

  /** The list of those that are not good any more, PEM. */
  async revoke(...certificates: readonly TestCertificate[]): Promise<string> {
    const x509 = await library()
    const crl = await x509.X509CrlGenerator.create({
      issuer: this.#name,
      thisUpdate: new Date(Date.now() - HOUR_MS),
      nextUpdate: new Date(Date.now() + DAY_MS),
      entries: certificates.map(({ serial }) => ({
        serialNumber: serial,
        revocationDate: new Date(Date.now() - HOUR_MS),
      })),
      signingAlgorithm: ECDSA,
      signingKey: this.#keys.privateKey,
    })
    return `${crl.toString('pem')}\n`
  }
}

async function authorityCertificate(
  subject: string,
  keys: webcrypto.CryptoKeyPair,
  issuer: string,
  signer: webcrypto.CryptoKeyPair,
): Promise<string> {
  const x509 = await library()
  const init: Parameters<typeof X509CertificateGenerator.create>[0] = {
    serialNumber: nextSerial(),
    subject,
    issuer,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ECDSA,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
    ],
  }
  return `${(await x509.X509CertificateGenerator.create(init)).toString('pem')}\n`
}

async function keysOf(kind: 'P-256' | 'RSA'): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = globalThis.crypto
  return kind === 'RSA'
    ? subtle.generateKey(RSA, true, ['sign', 'verify'])
    : subtle.generateKey(ECDSA, true, ['sign', 'verify'])
}

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await globalThis.crypto.subtle.exportKey('pkcs8', keys.privateKey)
  const lines = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`
}

/** A different one each time, of an even number of digits and positive. */
function nextSerial(): string {
  serials++
  return `10${(Date.now() * 1000 + serials).toString(16).padStart(14, '0')}`
}
