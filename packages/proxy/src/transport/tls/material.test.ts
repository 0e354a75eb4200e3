import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataSource } from '@tulle/model'
import { TestAuthority, type TestCertificate } from '@tulle/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { believing, downstream, inline, material, pair, upstream } from './fixture.ts'
import { readMaterial } from './material.ts'

let folder: string
let ca: TestAuthority
let one: TestCertificate
let two: TestCertificate
let locked: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tulle-material-'))
  ca = await TestAuthority.create()
  one = await ca.issue({ dns: ['one.example'], subject: 'CN=one,O=Example' })
  two = await ca.issue({ dns: ['two.example'] })
  locked = createPrivateKey(one.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' })
    .toString()
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): DataSource {
  const path = join(folder, name)
  writeFileSync(path, text)
  return { kind: 'file', path }
}

/** Everything that is said about a certificate, without the folder. */
function problems(chain: DataSource, key: DataSource, password: DataSource | null = null): unknown {
  const result = readMaterial(downstream({ certificates: [{ chain, key, password }] }), 'x')
  return result.ok ? [] : result.problems.map(({ at, what }) => [at, plainly(what)])
}

function plainly(what: string): string {
  return what.replaceAll(`${folder}/`, '')
}

const CHAIN = 'x.common_tls_context.tls_certificates[0].certificate_chain'
const KEY = 'x.common_tls_context.tls_certificates[0].private_key'

describe('material', () => {
  it('comes from files and from the configuration itself', () => {
    const read = material(
      downstream({
        certificates: [
          { chain: file('c.pem', one.chain), key: file('k.pem', one.key), password: null },
          pair(two),
        ],
        validation: believing(ca.pem),
      }),
    )
    expect(read.identities.map(({ dnsNames }) => dnsNames)).toEqual([
      ['one.example'],
      ['two.example'],
    ])
    expect(read.files).toEqual([join(folder, 'c.pem'), join(folder, 'k.pem')])
    expect(read.trustedCa).toBe(ca.pem)
  })

  it('opens a key with its password', () => {
    expect(problems(inline(one.chain), inline(locked), file('p', 'sesame\n'))).toEqual([])
  })

  it('has a digest that changes with anything in it', () => {
    const digests = [
      downstream({ certificates: [pair(one)] }),
      downstream({ certificates: [pair(two)] }),
      downstream({ certificates: [pair(one), pair(two)] }),
      downstream({ certificates: [pair(one)], validation: believing(ca.pem) }),
      downstream({
        certificates: [pair(one)],
        validation: believing(ca.pem, {
          names: [{ kind: 'dns', matcher: { kind: 'regex', value: /a/ } }],
        }),
      }),
    ].map((config) => material(config).digest)
    expect(new Set(digests).size).toBe(5)
    expect(material(downstream({ certificates: [pair(one)] })).digest).toBe(digests[0])
  })

  it.each<[string, () => unknown, readonly (readonly [string, string])[]]>([
    [
      'files that are not there',
      () =>
        problems(
          { kind: 'file', path: '/nowhere/c.pem' },
          { kind: 'file', path: '/nowhere/k.pem' },
        ),
      [
        [CHAIN, 'cannot read "/nowhere/c.pem": there is no such file'],
        [KEY, 'cannot read "/nowhere/k.pem": there is no such file'],
      ],
    ],
    [
      'a directory',
      () => problems({ kind: 'file', path: folder }, inline(one.key)),
      [[CHAIN, expect.stringContaining('it is a directory') as unknown as string]],
    ],
    [
      'key and certificate the wrong way round',
      () => problems(file('c.pem', one.key), file('k.pem', one.chain)),
      [
        [
          CHAIN,
          '"c.pem" holds no certificate: "-----BEGIN CERTIFICATE-----" is not in it, or has no end',
        ],
        [KEY, '"k.pem" holds no key: "-----BEGIN PRIVATE KEY-----" is not in it'],
      ],
    ],
    [
      'a certificate cut short',
      () => problems(file('c.pem', one.chain.slice(0, 300)), inline(one.key)),
      [
        [
          CHAIN,
          '"c.pem" holds no certificate: "-----BEGIN CERTIFICATE-----" is not in it, or has no end',
        ],
      ],
    ],
    [
      'a certificate that is damaged',
      () =>
        problems(
          file('c.pem', one.chain + two.chain.replaceAll(/^MII../gm, 'AAAAA')),
          inline(one.key),
        ),
      [[CHAIN, 'certificate 2 in "c.pem" is damaged; write the file anew']],
    ],
    [
      'a key that is damaged',
      () => problems(inline(one.chain), file('k.pem', one.key.replaceAll(/^MI..../gm, 'AAAAAA'))),
      [[KEY, 'the key in "k.pem" is damaged; write the file anew']],
    ],
    [
      'a key of another certificate',
      () => problems(file('c.pem', one.chain), file('k.pem', two.key)),
      [
        [
          KEY,
          'the key in "k.pem" does not belong to the first certificate in "c.pem" (CN=one, O=Example)',
        ],
      ],
    ],
    [
      'a key that needs a password',
      () => problems(inline(one.chain), file('k.pem', locked)),
      [[KEY, 'the key in "k.pem" is encrypted; give "password"']],
    ],
    [
      'another password',
      () => problems(inline(one.chain), file('k.pem', locked), inline('open')),
      [[KEY, 'the password does not open the key in "k.pem"']],
    ],
  ])('complains of %s', (_, say, expected) => {
    expect(say()).toEqual(expected)
  })

  it.each<[string, Parameters<typeof upstream>[0], string, string]>([
    [
      'an authority without a certificate',
      { validation: believing('none') },
      '.validation_context.trusted_ca',
      'the text given holds no certificate: "-----BEGIN CERTIFICATE-----" is not in it, or has no end',
    ],
    [
      'a list of revoked certificates that is none',
      { validation: believing('', { trustedCa: null, crl: inline('none') }) },
      '.validation_context.crl',
      'the text given holds no list of revoked certificates in PEM',
    ],
    [
      'cipher suites nobody knows',
      { parameters: { ...upstream({}).parameters, ciphers: ['ROT13'] } },
      '',
      'OpenSSL knows none of the "cipher_suites" in "tls_params", or a name is misspelt',
    ],
    [
      'curves nobody knows',
      { parameters: { ...upstream({}).parameters, curves: ['P-1'] } },
      '',
      'OpenSSL does not know one of the "ecdh_curves" or "signature_algorithms" in "tls_params"',
    ],
    [
      'signature algorithms nobody knows',
      { parameters: { ...upstream({}).parameters, signatureAlgorithms: ['ink'] } },
      '',
      'OpenSSL does not know one of the "ecdh_curves" or "signature_algorithms" in "tls_params"',
    ],
  ])('complains of %s', (_, config, at, what) => {
    const result = readMaterial(upstream(config), 'x')
    expect(result).toEqual({ ok: false, problems: [{ at: `x.common_tls_context${at}`, what }] })
  })
})
