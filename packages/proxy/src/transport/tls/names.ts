import type { X509Certificate } from 'node:crypto'

/** The names a certificate is for (RFC 5280 §4.2.1.6). */
export interface CertificateNames {
  readonly uris: readonly string[]
  readonly dns: readonly string[]
  readonly emails: readonly string[]
  readonly ips: readonly string[]
}

/** One name as Node writes it: what needs care stands in quotes, as JSON. */
const NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g

export function namesOf(certificate: X509Certificate): CertificateNames {
  const names = { uris: [], dns: [], emails: [], ips: [] } as Record<string, string[]>
  for (const [, kind, written] of (certificate.subjectAltName ?? '').matchAll(NAME)) {
    const list = LISTS[kind!]
    if (list !== undefined) names[list]!.push(plain(written!))
  }
  return names as unknown as CertificateNames
}

const LISTS: Readonly<Record<string, keyof CertificateNames>> = {
  URI: 'uris',
  DNS: 'dns',
  email: 'emails',
  'IP Address': 'ips',
}

function plain(written: string): string {
  return written.startsWith('"') ? (JSON.parse(written) as string) : written
}

/** Whether a certificate's DNS name, which may begin with `*.`, is for a host (RFC 6125 §6.4.3). */
export function coversHost(name: string, host: string): boolean {
  const lower = name.toLowerCase()
  if (!lower.startsWith('*.')) return lower === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === lower.slice(1)
}
