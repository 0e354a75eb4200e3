import { createHash, type X509Certificate } from 'node:crypto'
import type { SanMatcher, TlsValidation } from '@tulle/model'
import { compileString } from '../../match.ts'
import { type CertificateNames, coversHost, namesOf } from './names.ts'

/** What the handshake leaves to be judged. */
export interface Shown {
  /** Null when none was shown. */
  readonly certificate: X509Certificate | null
  /** What OpenSSL has against the chain; null: it leads to an authority that is believed. */
  readonly chainError: string | null
  readonly resumed: boolean
}

/** `verified`: shown and believed. `failure` ends the connection; both may be so when anything is accepted. */
export interface Verdict {
  readonly verified: boolean
  readonly failure: string | null
}

/** Judges what a peer has shown, as `CertificateValidationContext` says. */
export class Verifier {
  readonly #validation: TlsValidation | null
  readonly #required: boolean
  readonly #names: readonly NameTest[]
  readonly #hashes: ReadonlySet<string>
  readonly #keyHashes: ReadonlySet<string>

  /** `required`: who shows nothing is turned away. `host`: a DNS name that must be in the certificate; '' is any. */
  constructor(validation: TlsValidation | null, required: boolean, host = '') {
    this.#validation = validation
    this.#required = required
    const names = host === '' ? (validation?.names ?? []) : [exactly(host)]
    this.#names = names.map(nameTest)
    this.#hashes = new Set(validation?.certificateHashes)
    this.#keyHashes = new Set(validation?.spkiHashes)
  }

  /** `now`: milliseconds since 1970. */
  judge({ certificate, chainError, resumed }: Shown, now: number): Verdict {
    if (certificate === null)
      return { verified: false, failure: this.#required ? 'showed no certificate' : null }
    const validation = this.#validation
    if (validation === null) return { verified: false, failure: null }
    const failure =
      (validation.trustedCa === null || chainError === null
        ? null
        : `is not believed: ${chainError}`) ??
      this.#pinned(certificate) ??
      this.#named(certificate) ??
      // A session goes on without the chain being looked at again.
      (resumed && certificate.validToDate.getTime() < now ? 'has expired' : null)
    const said = failure === null ? null : `showed a certificate that ${failure}`
    return { verified: failure === null, failure: validation.acceptUntrusted ? null : said }
  }

  /** One hash of either kind is enough. */
  #pinned(certificate: X509Certificate): string | null {
    if (this.#hashes.size + this.#keyHashes.size === 0) return null
    if (this.#hashes.has(sha256(certificate.raw).toString('hex'))) return null
    if (this.#keyHashes.has(sha256(publicKeyOf(certificate)).toString('base64'))) return null
    return 'is none of those expected by their hash'
  }

  #named(certificate: X509Certificate): string | null {
    if (this.#names.length === 0) return null
    const names = namesOf(certificate)
    if (this.#names.some(({ matches }) => matches(names))) return null
    const { uris, dns, emails, ips } = names
    const has = [...uris, ...dns, ...emails, ...ips].slice(0, MOST_TOLD).join(', ') || 'no name'
    const wanted = this.#names
      .slice(0, MOST_TOLD)
      .map(({ text }) => text)
      .join(' or ')
    return `is for ${has}; expected ${wanted}`
  }
}

/** More names than these make no better sentence. */
const MOST_TOLD = 4

interface NameTest {
  readonly text: string
  matches(names: CertificateNames): boolean
}

const LISTS = { dns: 'dns', uri: 'uris', email: 'emails', ip: 'ips' } as const

function nameTest({ kind, matcher }: SanMatcher): NameTest {
  const list = LISTS[kind]
  const test = compileString(matcher)
  const how = matcher.kind === 'exact' ? '' : `${matcher.kind} `
  const value = matcher.kind === 'regex' ? matcher.value.source : matcher.value
  const text = `${how}${value}`
  // The name of a host is also in a certificate for all the names beside it.
  if (kind === 'dns' && matcher.kind === 'exact') {
    const host = matcher.value.toLowerCase()
    return { text, matches: ({ dns }) => dns.some((name) => test(name) || coversHost(name, host)) }
  }
  return { text, matches: (names) => names[list].some(test) }
}

function exactly(host: string): SanMatcher {
  return { kind: 'dns', matcher: { kind: 'exact', value: host, ignoreCase: true } }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function publicKeyOf(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ type: 'spki', format: 'der' })
}
