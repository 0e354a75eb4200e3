import { FakeChain, FakeProtocol, FakeSession } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { compileFormat } from '../format.ts'
import type { PeerCertificate, Security } from '../security.ts'
import type { ClientSession } from '../session.ts'
import type { Stream } from '../stream.ts'
import { tlsOperators } from './tls-operators.ts'

const CLIENT: PeerCertificate = {
  subject: 'CN=web,O=Shop',
  issuer: 'CN=ca',
  serial: '0a1b',
  fingerprint256: '468ed33b',
  uris: ['spiffe://shop/web', 'spiffe://shop/www'],
  dnsNames: ['web.shop', 'www.shop'],
  validFrom: Date.UTC(2026, 0, 2),
  validTo: Date.UTC(2027, 0, 2, 3, 4, 5),
  pem: '-----BEGIN A+/=\n',
  chainPem: '',
}
const DOWN: Security = {
  serverName: 'shop.example',
  alpn: 'h2',
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  resumed: false,
  peer: CLIENT,
  verified: true,
  localUris: ['spiffe://shop/cart'],
}
const UP: Security = {
  ...DOWN,
  version: 'TLSv1.2',
  cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
  peer: { ...CLIENT, subject: 'CN=host', uris: [], serial: 'ff' },
  localUris: [],
}

describe('TLS in a format', () => {
  it.each([
    ['%REQUESTED_SERVER_NAME%', 'shop.example'],
    ['%DOWNSTREAM_TLS_VERSION% %DOWNSTREAM_TLS_CIPHER%', 'TLSv1.3 TLS_AES_128_GCM_SHA256'],
    ['%DOWNSTREAM_PEER_SUBJECT%|%DOWNSTREAM_PEER_ISSUER%', 'CN=web,O=Shop|CN=ca'],
    ['%DOWNSTREAM_PEER_URI_SAN%', 'spiffe://shop/web,spiffe://shop/www'],
    ['%DOWNSTREAM_PEER_DNS_SAN%', 'web.shop,www.shop'],
    ['%DOWNSTREAM_PEER_SERIAL% %DOWNSTREAM_PEER_FINGERPRINT_256%', '0a1b 468ed33b'],
    ['%DOWNSTREAM_PEER_CERT%', '-----BEGIN%20A%2B%2F%3D%0A'],
    ['%DOWNSTREAM_PEER_CERT_V_START%', '2026-01-02T00:00:00.000Z'],
    ['%DOWNSTREAM_PEER_CERT_V_END(%Y %H:%M:%S)%', '2027 03:04:05'],
    ['%DOWNSTREAM_LOCAL_URI_SAN%', 'spiffe://shop/cart'],
    ['%UPSTREAM_TLS_VERSION% %UPSTREAM_TLS_CIPHER%', 'TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256'],
    ['%UPSTREAM_PEER_SUBJECT% %UPSTREAM_PEER_SERIAL%', 'CN=host ff'],
    ['%UPSTREAM_PEER_URI_SAN% %UPSTREAM_LOCAL_URI_SAN%', '- -'],
    ['%UPSTREAM_PEER_CERT_V_START(%F)%', '2026-01-02'],
  ])('%s is %s', (template, line) => {
    expect(written(template, secured(DOWN, UP))).toBe(line)
  })

  it.each([
    ['in the clear', null, null],
    ['where nobody asked for a name or showed a certificate', bare(), bare()],
  ])('is missing %s', (_where, down, up) => {
    const certificates = Object.keys(tlsOperators).filter((name) => /PEER|SERVER|LOCAL/.test(name))
    const template = certificates.map((name) => `%${name}%`).join('')
    expect(written(template, secured(down, up))).toBe('-'.repeat(certificates.length))
    expect(certificates).toHaveLength(21)
  })

  it('is missing where no host was asked', () => {
    const stream = secured(DOWN, UP)
    stream.up = null
    expect(written('%UPSTREAM_TLS_VERSION%%UPSTREAM_PEER_SUBJECT%', stream)).toBe('--')
  })
})

function bare(): Security {
  return { ...DOWN, serverName: '', peer: null, verified: false, localUris: [] }
}

function secured(down: Security | null, up: Security | null): Stream {
  const chain = new FakeChain()
  const stream = chain.send(new FakeProtocol('h2').request({}))
  const { connection } = new FakeSession(chain.intake)
  stream.down.connection.security = down
  connection.security = up
  stream.up = { connection, speaks: 'h2' } as unknown as ClientSession
  return stream
}

function written(template: string, stream: Stream): string {
  const compiled = compileFormat(template)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  return compiled.value(stream)
}
