import { FakeChain, FakeProtocol, FakeSession, type Headers } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Security } from '../../security.ts'
import { CERTIFICATE, NOTHING, securityWith } from './fixture.ts'
import { HopFilter, type HopSettings } from './hop.ts'

const protocol = new FakeProtocol('h2')
const LIST = '203.0.113.128, 203.0.113.10, 203.0.113.1'
const EDGE = { useRemoteAddress: true }
const TLS = securityWith(null)

describe('the client of a request', () => {
  const cases: readonly Case[] = [
    {
      what: 'is who connected to an edge',
      settings: EDGE,
      from: '192.0.2.5',
      list: LIST,
      client: '192.0.2.5',
      listed: `${LIST}, 192.0.2.5`,
      external: '192.0.2.5',
    },
    {
      what: 'is the last of the list inside',
      from: '10.11.12.13',
      list: `${LIST}, 192.0.2.5`,
      client: '192.0.2.5',
      listed: `${LIST}, 192.0.2.5`,
    },
    {
      what: 'stands before the hops that an edge believes',
      settings: { ...EDGE, trustedHops: 2 },
      from: '192.0.2.5',
      list: LIST,
      client: '203.0.113.10',
      listed: `${LIST}, 192.0.2.5`,
      external: '203.0.113.10',
    },
    {
      what: 'stands before the hops that are believed inside',
      settings: { trustedHops: 2 },
      from: '10.11.12.13',
      list: `${LIST}, 192.0.2.5`,
      client: '203.0.113.10',
      listed: `${LIST}, 192.0.2.5`,
    },
    { what: 'is who connected where nobody tells', from: '10.20.30.40', client: '10.20.30.40' },
    {
      what: 'is who connected where the list is too short for an edge',
      settings: { ...EDGE, trustedHops: 4 },
      from: '192.0.2.5',
      list: LIST,
      client: '192.0.2.5',
      listed: `${LIST}, 192.0.2.5`,
      external: '192.0.2.5',
    },
    {
      what: 'is who connected where the list is too short inside',
      settings: { trustedHops: 3 },
      from: '10.0.0.9',
      list: LIST,
      client: '10.0.0.9',
      listed: LIST,
    },
    {
      what: 'is who connected where the list holds no address',
      from: '10.0.0.9',
      list: 'unknown',
      client: '10.0.0.9',
      listed: 'unknown',
    },
    {
      what: 'may be inside, and is so called by an edge',
      settings: EDGE,
      from: '10.20.30.40',
      client: '10.20.30.40',
      listed: '10.20.30.40',
      internal: 'true',
    },
    {
      what: 'is not inside where it brings a list',
      settings: EDGE,
      from: '10.20.30.40',
      list: '10.1.1.1',
      client: '10.20.30.40',
      listed: '10.1.1.1, 10.20.30.40',
      external: '10.20.30.40',
    },
    {
      what: 'is not listed where that is left to others',
      settings: { ...EDGE, skipXffAppend: true },
      from: '192.0.2.5',
      list: LIST,
      client: '192.0.2.5',
      listed: LIST,
      external: '192.0.2.5',
    },
    {
      what: 'is listed as IPv4 by a socket for both versions',
      settings: EDGE,
      from: '::ffff:192.0.2.5',
      client: '::ffff:192.0.2.5',
      listed: '192.0.2.5',
      external: '192.0.2.5',
    },
    { what: 'has no address on a unix socket', settings: EDGE, from: '', client: '' },
  ]
  it.each(cases)('$what', ({ settings = {}, from, list, client, listed, external, internal }) => {
    const headers: Headers = list === undefined ? {} : { 'x-forwarded-for': list }
    const { stream, frame } = pass(settings, headers, { remoteAddress: from })
    expect(stream.clientAddress).toBe(client)
    expect(frame.header('x-forwarded-for')).toBe(listed)
    expect(frame.header('x-envoy-external-address')).toBe(external)
    expect(frame.header('x-envoy-internal')).toBe(internal)
  })

  it('does not call itself internal to an edge', () => {
    const headers = { 'x-envoy-internal': 'true' }
    const { frame } = pass(EDGE, headers, { remoteAddress: '192.0.2.5' })
    expect(frame.header('x-envoy-internal')).toBeUndefined()
  })
})

describe('the scheme told to the next hop', () => {
  const http = { 'x-forwarded-proto': 'http' }
  const https = { 'x-forwarded-proto': 'https' }
  it.each<[string, Partial<HopSettings>, Headers, Security | null, string, string]>([
    ["is the connection's", {}, {}, null, 'http', 'http'],
    ["is the connection's, with TLS", {}, {}, TLS, 'https', 'https'],
    ["is the connection's at an edge", EDGE, https, null, 'http', 'http'],
    ["is the connection's at an edge, with TLS", EDGE, http, TLS, 'https', 'https'],
    ['is believed inside', {}, https, null, 'https', 'https'],
    ['is believed inside, with TLS', {}, http, TLS, 'http', 'http'],
    ['is believed of trusted hops', { ...EDGE, trustedHops: 1 }, https, null, 'https', 'https'],
    ['is not told by trusted hops', { ...EDGE, trustedHops: 1 }, {}, TLS, 'https', 'https'],
    ['may be one nobody knows', {}, { 'x-forwarded-proto': 'wss' }, TLS, 'wss', 'https'],
    ['minds no case', {}, { 'x-forwarded-proto': 'HTTPS' }, null, 'HTTPS', 'https'],
    ['may be ordered', { schemeOverride: 'https' }, http, null, 'https', 'https'],
    ['may be ordered at an edge', { ...EDGE, schemeOverride: 'http' }, {}, TLS, 'http', 'http'],
    ['is not what the client calls it', {}, { ':scheme': 'https' }, null, 'http', 'http'],
  ])('%s', (_what, settings, headers, security, proto, scheme) => {
    const { frame } = pass(settings, { ':scheme': 'http', ...headers }, { security })
    expect(frame.header('x-forwarded-proto')).toBe(proto)
    expect(frame.header(':scheme')).toBe(scheme)
  })

  it('is not told of CONNECT, which has none', () => {
    const { frame } = pass({}, {}, { security: TLS }, { ':method': 'CONNECT', ':authority': 'a:1' })
    expect(frame.header(':scheme')).toBeUndefined()
    expect(frame.header('x-forwarded-proto')).toBe('https')
  })
})

describe('the port told to the next hop', () => {
  const port = { appendForwardedPort: true }
  it.each<[string, Partial<HopSettings>, string | undefined, string | undefined]>([
    ['is left alone', {}, '1', '1'],
    ['is left alone where there is none', {}, undefined, undefined],
    ['is the one connected to', port, undefined, '8080'],
    ['is believed inside', port, '1', '1'],
    ['is not believed at an edge', { ...port, ...EDGE }, '1', '8080'],
    ['is believed of trusted hops', { ...port, ...EDGE, trustedHops: 1 }, '1', '1'],
  ])('%s', (_what, settings, brought, told) => {
    const headers: Headers = brought === undefined ? {} : { 'x-forwarded-port': brought }
    expect(pass(settings, headers).frame.header('x-forwarded-port')).toBe(told)
  })
})

describe('x-forwarded-client-cert', () => {
  const mutual = securityWith(CERTIFICATE)
  const own = 'By=spiffe://shop/cart;Hash=468ed33b'
  it.each<[HopSettings['forwardClientCert'], Security | null, string | undefined]>([
    ['sanitize', null, undefined],
    ['sanitize', mutual, undefined],
    ['forward-only', null, undefined],
    ['forward-only', TLS, undefined],
    ['forward-only', mutual, 'Hash=1'],
    ['append-forward', null, undefined],
    ['append-forward', TLS, undefined],
    ['append-forward', mutual, `Hash=1, ${own}`],
    ['sanitize-set', null, undefined],
    ['sanitize-set', TLS, undefined],
    ['sanitize-set', mutual, own],
    ['always-forward-only', null, 'Hash=1'],
    ['always-forward-only', mutual, 'Hash=1'],
  ])('under %s with %o', (forwardClientCert, security, told) => {
    const headers = { 'x-forwarded-client-cert': 'Hash=1' }
    const { frame } = pass({ forwardClientCert }, headers, { security })
    expect(frame.header('x-forwarded-client-cert')).toBe(told)
  })

  it('is said also where none came', () => {
    for (const forwardClientCert of ['append-forward', 'sanitize-set'] as const) {
      const { frame } = pass({ forwardClientCert }, {}, { security: mutual })
      expect(frame.header('x-forwarded-client-cert')).toBe(own)
    }
  })
})

interface Case {
  readonly what: string
  readonly settings?: Partial<HopSettings>
  readonly from: string
  readonly list?: string
  readonly client: string
  readonly listed?: string
  readonly external?: string
  readonly internal?: string
}

/** A request through a hop: its stream, and the frame that goes on. */
function pass(
  settings: Partial<HopSettings>,
  headers: Headers,
  client: { readonly remoteAddress?: string; readonly security?: Security | null } = {},
  first: Headers = { ':method': 'GET', ':path': '/' },
) {
  const chain = new FakeChain([new HopFilter({ ...NOTHING, ...settings })])
  const { remoteAddress = '10.0.0.9', security = null } = client
  const session = new FakeSession(chain.intake, { remoteAddress })
  session.connection.security = security
  const stream = session.open(protocol.request({ ...first, ...headers }))
  chain.chain.entry.onRequest(stream, stream.request)
  return { stream, frame: chain.far.requests[0]! }
}
