import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientCertElement } from './client-cert.ts'
import { CERTIFICATE, NOTHING, securityWith } from './fixture.ts'

const NONE = NOTHING.clientCertDetails
const ALL = { subject: true, cert: true, chain: true, dns: true, uri: true }
const OURS = 'By=spiffe://shop/cart'
const BASE = `${OURS};Hash=468ed33b`

describe('an element of x-forwarded-client-cert', () => {
  it.each([
    [{}, BASE],
    [{ subject: true }, `${BASE};Subject="CN=web,O=Shop"`],
    [{ uri: true }, `${BASE};URI=spiffe://shop/web`],
    [{ dns: true }, `${BASE};DNS=web.shop;DNS=www.shop`],
    [{ cert: true }, `${BASE};Cert="-----BEGIN%20CERTIFICATE-----%0AAb%2B%2F%3D%0A"`],
    [{ chain: true }, `${BASE};Chain="-----BEGIN%20CERTIFICATE-----%0AAb%2B%2F%3D%0ACd%0A"`],
    [
      ALL,
      `${BASE};Cert="-----BEGIN%20CERTIFICATE-----%0AAb%2B%2F%3D%0A"` +
        ';Chain="-----BEGIN%20CERTIFICATE-----%0AAb%2B%2F%3D%0ACd%0A"' +
        ';Subject="CN=web,O=Shop";URI=spiffe://shop/web;DNS=web.shop;DNS=www.shop',
    ],
  ])('with %j is %s', (details, element) => {
    expect(elementOf({}, details)).toBe(element)
  })

  it('names every URI, and none where there is none', () => {
    const two = { uris: ['spiffe://a', 'spiffe://b'] }
    expect(elementOf(two, { uri: true })).toBe(`${BASE};URI=spiffe://a;URI=spiffe://b`)
    expect(elementOf({ uris: [] }, { uri: true })).toBe(`${BASE};URI=`)
    const security = securityWith(CERTIFICATE, { localUris: [] })
    expect(clientCertElement(security, CERTIFICATE, NONE)).toBe('Hash=468ed33b')
  })

  it.each([
    ['CN=a"b', '"CN=a\\"b"'],
    ['CN=a\\"b', '"CN=a\\"b"'],
    ['CN=a\\', '"CN=a\\\\"'],
    ['CN=a\\\\"', '"CN=a\\\\\\""'],
    ['CN=a\\,b', '"CN=a\\,b"'],
  ])('writes the subject %s as %s', (subject, written) => {
    expect(elementOf({ subject }, { subject: true })).toBe(`${BASE};Subject=${written}`)
  })

  it('cannot be given a pair by what a certificate says', () => {
    const nasty = fc.string({ unit: fc.constantFrom('"', '\\', ';', ',', '=', 'By', 'a') })
    fc.assert(
      fc.property(nasty, nasty, nasty, (subject, uri, name) => {
        const peer = { subject, uris: [uri], dnsNames: [name] }
        const element = elementOf(peer, { subject: true, uri: true, dns: true })
        expect(pairsOf(element).map(([key]) => key)).toEqual([
          'By',
          'Hash',
          'Subject',
          'URI',
          'DNS',
        ])
      }),
    )
  })
})

function elementOf(peer: Partial<typeof CERTIFICATE>, details: Partial<typeof NONE>): string {
  const certificate = { ...CERTIFICATE, ...peer }
  return clientCertElement(securityWith(certificate), certificate, { ...NONE, ...details })
}

/** Pairs as a reader of the header takes them apart: a quoted value ends with the first mark that has no backslash. */
function pairsOf(element: string): [key: string, value: string][] {
  const pairs: [string, string][] = []
  const pair = /([^=;,]*)=("(?:\\[\s\S]|[^"\\])*"|[^;,="]*)(;|$)/y
  while (pair.lastIndex < element.length) {
    const found = pair.exec(element)
    if (found === null) throw new Error(`${element} cannot be taken apart`)
    pairs.push([found[1]!, found[2]!])
  }
  return pairs
}
