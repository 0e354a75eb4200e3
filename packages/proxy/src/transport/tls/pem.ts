import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DataSource } from '@tulle/model'

/** PEM from a file or from the configuration itself, with a name for sentences. */
export interface PemText {
  /** `"/etc/certs/tls.crt"`, or `the text given`. */
  readonly name: string
  readonly text: string
}

/** Nobody has certificates of this size; a device or a log by mistake has. */
const MAX_BYTES = 4 * 1024 * 1024
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process has no permission',
  EISDIR: 'it is a directory',
}

/** The text, or a sentence that tells why there is none. */
export function readPem(source: DataSource): PemText | string {
  if (source.kind === 'inline') return { name: 'the text given', text: source.text }
  const name = `"${source.path}"`
  try {
    const bytes = readFileSync(source.path)
    if (bytes.length > MAX_BYTES) return `${name} has ${bytes.length} bytes: that is no PEM file`
    return { name, text: bytes.toString('latin1') }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return `cannot read ${name}: ${REASONS[code] ?? message}`
  }
}

/** The certificates in a text, in their order, or a sentence. */
export function parseCertificates({ name, text }: PemText): X509Certificate[] | string {
  const blocks = text.match(CERTIFICATE) ?? []
  if (blocks.length === 0)
    return `${name} holds no certificate: "-----BEGIN CERTIFICATE-----" is not in it, or has no end`
  const certificates: X509Certificate[] = []
  for (const block of blocks) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return `certificate ${certificates.length + 1} in ${name} is damaged; write the file anew`
    }
  }
  return certificates
}

/** The key in a text, or a sentence. */
export function parseKey({ name, text }: PemText, password: string | null): KeyObject | string {
  if (!KEY.test(text)) return `${name} holds no key: "-----BEGIN PRIVATE KEY-----" is not in it`
  try {
    return createPrivateKey({ key: text, ...(password === null ? {} : { passphrase: password }) })
  } catch {
    if (!text.includes('ENCRYPTED')) return `the key in ${name} is damaged; write the file anew`
    return password === null
      ? `the key in ${name} is encrypted; give "password"`
      : `the password does not open the key in ${name}`
  }
}

/** Whether a text has a list of revoked certificates; OpenSSL reads it. */
export function holdsCrl({ text }: PemText): boolean {
  return text.includes('-----BEGIN X509 CRL-----') || text.includes('-----BEGIN CRL-----')
}
