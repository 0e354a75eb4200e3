import { createHash, type X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { bad, good, type Problem, type Result } from '@tulle/core'
import type { DataSource, DownstreamTls, TlsCertificate, UpstreamTls } from '@tulle/model'
import { contextOptions } from './context.ts'
import { namesOf } from './names.ts'
import { holdsCrl, type PemText, parseCertificates, parseKey, readPem } from './pem.ts'

/** A certificate with its key, checked: they belong together. */
export interface Identity {
  readonly certificate: X509Certificate
  /** PEM, with the certificates above it. */
  readonly chain: string
  /** PEM, as it was given. */
  readonly key: string
  readonly password: string | null
  /** `ec`, `rsa`, …: of several certificates for a name, the one whose kind the client knows is shown. */
  readonly keyType: string
  readonly dnsNames: readonly string[]
  readonly uris: readonly string[]
}

/** Everything that a TLS configuration reads from files or holds itself, checked. */
export interface Material {
  readonly identities: readonly Identity[]
  /** PEM; null where no authority is asked. */
  readonly trustedCa: string | null
  readonly crl: string | null
  /** Where it came from, to be watched. */
  readonly files: readonly string[]
  /** Changes with anything of it. */
  readonly digest: string
}

/** Reads certificates, keys and authorities; `at` is where the TLS context stands in the configuration. */
export function readMaterial(config: DownstreamTls | UpstreamTls, at: string): Result<Material> {
  const reader = new MaterialReader(`${at}.common_tls_context`)
  const identities = config.certificates.flatMap((one, i) => reader.identity(one, i))
  const { validation } = config
  const trustedCa = reader.authorities(validation?.trustedCa ?? null)
  const crl = reader.crl(validation?.crl ?? null)
  const { problems, files } = reader
  if (problems.length > 0) return bad(...problems)
  const digest = digestOf([
    ...identities.flatMap(({ chain, key }) => [chain, key]),
    trustedCa ?? '',
    crl ?? '',
    JSON.stringify(validation, (_, value) => (value instanceof RegExp ? `${value}` : value)),
  ])
  const material: Material = { identities, trustedCa, crl, files: [...files], digest }
  const refusal = opensslRefusal(config, material)
  return refusal === null ? good(material) : bad({ at: reader.at, what: refusal })
}

class MaterialReader {
  readonly at: string
  readonly problems: Problem[] = []
  readonly files = new Set<string>()

  constructor(at: string) {
    this.at = at
  }

  identity(config: TlsCertificate, index: number): Identity[] {
    const here = `${this.at}.tls_certificates[${index}]`
    const chain = this.#read(config.chain, `${here}.certificate_chain`)
    const key = this.#read(config.key, `${here}.private_key`)
    const secret = config.password === null ? null : this.#read(config.password, `${here}.password`)
    if (chain === null || key === null || (config.password !== null && secret === null)) return []
    const password = secret === null ? null : secret.text.trimEnd()
    const certificates = this.#parsed(parseCertificates(chain), `${here}.certificate_chain`)
    const parsed = this.#parsed(parseKey(key, password), `${here}.private_key`)
    if (certificates === null || parsed === null) return []
    const certificate = certificates[0]!
    if (!certificate.checkPrivateKey(parsed)) {
      const subject = certificate.subject.replaceAll('\n', ', ')
      const what = `the key in ${key.name} does not belong to the first certificate in ${chain.name} (${subject})`
      this.problems.push({ at: `${here}.private_key`, what })
      return []
    }
    const { dns: dnsNames, uris } = namesOf(certificate)
    const keyType = parsed.asymmetricKeyType ?? ''
    const pem = { chain: chain.text, key: key.text }
    return [{ certificate, ...pem, password, keyType, dnsNames, uris }]
  }

  authorities(source: DataSource | null): string | null {
    const at = `${this.at}.validation_context.trusted_ca`
    const pem = source === null ? null : this.#read(source, at)
    if (pem === null || this.#parsed(parseCertificates(pem), at) === null) return null
    return pem.text
  }

  crl(source: DataSource | null): string | null {
    const at = `${this.at}.validation_context.crl`
    const pem = source === null ? null : this.#read(source, at)
    if (pem === null) return null
    if (holdsCrl(pem))
      return pem.text.replaceAll(' CRL-----', ' X509 CRL-----').replaceAll('X509 X509', 'X509')
    this.problems.push({ at, what: `${pem.name} holds no list of revoked certificates in PEM` })
    return null
  }

  #read(source: DataSource, at: string): PemText | null {
    if (source.kind === 'file') this.files.add(source.path)
    return this.#parsed(readPem(source), at)
  }

  /** A sentence becomes a problem. */
  #parsed<T extends object>(result: T | string, at: string): T | null {
    if (typeof result !== 'string') return result
    this.problems.push({ at, what: result })
    return null
  }
}

/** What the library that does the work has against it, with its reason. */
function opensslRefusal(config: DownstreamTls | UpstreamTls, material: Material): string | null {
  try {
    createSecureContext(contextOptions(config, material, material.identities.slice(0, 1)))
    return null
  } catch (error) {
    const { code = '', message, reason } = error as NodeJS.ErrnoException & { reason?: string }
    const known = REFUSALS[code]
    if (known !== undefined) return known
    // Of these it says nothing.
    if (config.parameters.signatureAlgorithms.length > 0) return UNKNOWN_NAME
    return `OpenSSL refuses this: ${reason ?? message}`
  }
}

const UNKNOWN_NAME =
  'OpenSSL does not know one of the "ecdh_curves" or "signature_algorithms" in "tls_params"'
const REFUSALS: Readonly<Record<string, string>> = {
  ERR_SSL_NO_CIPHER_MATCH:
    'OpenSSL knows none of the "cipher_suites" in "tls_params", or a name is misspelt',
  ERR_SSL_EE_KEY_TOO_SMALL:
    'the key of the certificate is too short; take RSA of 2048 bits or P-256',
  ERR_CRYPTO_OPERATION_FAILED: UNKNOWN_NAME,
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length}:`).update(text)
  return hash.digest('hex')
}
