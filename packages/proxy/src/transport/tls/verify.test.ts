import { createHash, X509Certificate } from 'node:crypto'
import type { SanMatcher, TlsValidation } from '@tulle/model'
import { TestAuthority } from '@tulle/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { believing } from './fixture.ts'
import { coversHost, namesOf } from './names.ts'
import { type Shown, Verifier } from './verify.ts'

const NOW = Date.now()
let certificate: X509Certificate
let quoted: X509Certificate
beforeAll(async () => {
  const ca = await TestAuthority.create()
  const issued = await ca.issue({
    uris: ['spiffe://mesh/ns/a'],
    dns: ['a.example', '*.b.example'],
    ips: ['10.0.0.1', '::1'],
    emails: ['ops@example.com'],
  })
  certificate = new X509Certificate(issued.certificate)
  const odd = await ca.issue({ uris: ['spiffe://a, DNS:evil.example', 'x"y'], dns: ['c.example'] })
  quoted = new X509Certificate(odd.certificate)
})

function shown(more: Partial<Shown> = {}): Shown {
  return { certificate, chainError: null, resumed: false, ...more }
}

function judge(more: Partial<TlsValidation>): string | null {
  return new Verifier(believing('ca', more), true).judge(shown(), NOW).failure
}

type Row = readonly [SanMatcher['kind'], SanMatcher['matcher']['kind'], string, boolean]

describe('names in a certificate', () => {
  it('are read by their kind', () => {
    expect(namesOf(certificate)).toEqual({
      uris: ['spiffe://mesh/ns/a'],
      dns: ['a.example', '*.b.example'],
      ips: ['10.0.0.1', '0:0:0:0:0:0:0:1'],
      emails: ['ops@example.com'],
    })
  })

  it('cannot hide others in them', () => {
    expect(namesOf(quoted)).toMatchObject({
      uris: ['spiffe://a, DNS:evil.example', 'x"y'],
      dns: ['c.example'],
    })
  })

  it.each<Row>([
    ['uri', 'exact', 'spiffe://mesh/ns/a', true],
    ['uri', 'exact', 'spiffe://mesh/ns', false],
    ['uri', 'prefix', 'spiffe://mesh/', true],
    ['uri', 'suffix', '/a', true],
    ['uri', 'contains', 'mesh', true],
    ['uri', 'contains', 'a.example', false],
    ['dns', 'exact', 'a.example', true],
    ['dns', 'exact', 'x.b.example', true],
    ['dns', 'exact', 'x.y.b.example', false],
    ['dns', 'exact', 'b.example', false],
    ['dns', 'suffix', '.b.example', true],
    ['dns', 'exact', 'spiffe://mesh/ns/a', false],
    ['email', 'exact', 'ops@example.com', true],
    ['ip', 'exact', '10.0.0.1', true],
    ['ip', 'prefix', '10.0.0.2', false],
  ])('of kind %s matched by %s %s: %s', (kind, how, value, matches) => {
    const matcher = { kind: how, value, ignoreCase: false } as SanMatcher['matcher']
    expect(judge({ names: [{ kind, matcher }] }) === null).toBe(matches)
  })

  it('are matched by expressions', () => {
    const regex = (value: RegExp): SanMatcher => ({
      kind: 'uri',
      matcher: { kind: 'regex', value },
    })
    expect(judge({ names: [regex(/^spiffe:\/\/[a-z]+\/ns\/a$/)] })).toBeNull()
    expect(judge({ names: [regex(/^other$/)] })).toContain('expected regex ^other$')
  })

  it('are enough if one of them matches', () => {
    const exact = (value: string): SanMatcher => ({
      kind: 'dns',
      matcher: { kind: 'exact', value, ignoreCase: false },
    })
    expect(judge({ names: [exact('z.example'), exact('a.example')] })).toBeNull()
    expect(judge({ names: [exact('z.example'), exact('y.example')] })).toBe(
      'showed a certificate that is for spiffe://mesh/ns/a, a.example, *.b.example, ops@example.com; expected z.example or y.example',
    )
  })

  it.each([
    ['*.example', 'a.example', true],
    ['*.EXAMPLE', 'a.example', true],
    ['*.example', 'a.b.example', false],
    ['*.example', 'example', false],
    ['*.example', '.example', false],
    ['a*.example', 'ab.example', false],
  ])('%s covers %s: %s', (name, host, covers) => {
    expect(coversHost(name, host)).toBe(covers)
  })
})

describe('a verifier', () => {
  it('takes any one of the hashes', () => {
    const hash = createHash('sha256').update(certificate.raw).digest('hex')
    const key = createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64')
    const none = '0'.repeat(64)
    expect(judge({ certificateHashes: [none, hash] })).toBeNull()
    expect(judge({ spkiHashes: [key] })).toBeNull()
    expect(judge({ certificateHashes: [none], spkiHashes: [key] })).toBeNull()
    expect(judge({ certificateHashes: [none], spkiHashes: [none] })).toContain('by their hash')
  })

  it('looks at the chain only where an authority is to vouch', () => {
    const broken = shown({ chainError: 'it is self-signed' })
    const pinned = { trustedCa: null, certificateHashes: [] }
    expect(new Verifier(believing('ca'), true).judge(broken, NOW)).toEqual({
      verified: false,
      failure: 'showed a certificate that is not believed: it is self-signed',
    })
    expect(new Verifier(believing('', pinned), true).judge(broken, NOW).failure).toBeNull()
    expect(new Verifier(null, true).judge(broken, NOW)).toEqual({ verified: false, failure: null })
  })

  it('lets in who shows nothing only where nothing is required', () => {
    const nothing = shown({ certificate: null })
    expect(new Verifier(believing('ca'), false).judge(nothing, NOW).failure).toBeNull()
    expect(new Verifier(believing('ca'), true).judge(nothing, NOW).failure).toBe(
      'showed no certificate',
    )
  })

  it('looks at the time again when a session is resumed', () => {
    const later = certificate.validToDate.getTime() + 1
    const verifier = new Verifier(believing('ca'), true)
    expect(verifier.judge(shown({ resumed: true }), later).failure).toBe(
      'showed a certificate that has expired',
    )
    expect(verifier.judge(shown({ resumed: true }), later - 2).failure).toBeNull()
  })

  it('wants the name of the host where that is asked, instead of others', () => {
    const names: SanMatcher[] = [
      { kind: 'dns', matcher: { kind: 'exact', value: 'z.example', ignoreCase: false } },
    ]
    const of = (host: string): string | null =>
      new Verifier(believing('ca', { names }), true, host).judge(shown(), NOW).failure
    expect(of('x.b.example')).toBeNull()
    expect(of('z.example')).toContain('expected z.example')
  })
})
