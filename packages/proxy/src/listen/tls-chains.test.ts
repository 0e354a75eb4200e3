import type { FilterChain, TcpProxy } from '@tulle/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { http1 } from '../protocol/http1/http1.ts'
import { Site } from '../site.ts'
import { ChainIntake, intakeSettings } from './intake.ts'
import { receive } from './reception.ts'
import { ServedChain } from './served-chain.ts'
import { TlsChains } from './tls-chains.ts'

const tcp: TcpProxy = {
  kind: 'tcp',
  statPrefix: 'raw',
  clusters: [],
  idleTimeoutMs: 0,
  maxConnectAttempts: 1,
  accessLogs: [],
}
const site = new Site()

/** `'name/protocol'` in any number, such as `'a.test *.b.test/h2'`. */
function chain(text: string, transport: FilterChain['transport'] = 'tls'): ServedChain {
  const [names = '', offers = ''] = text.split('/')
  const list = (words: string): string[] => words.split(' ').filter(Boolean)
  const config: FilterChain = {
    name: text,
    transport,
    serverNames: list(names),
    protocols: list(offers),
    tls: null,
    handshakeTimeoutMs: 0,
    manager: tcp,
  }
  const intake = new ChainIntake(site, http1, 'raw', null!, intakeSettings(tcp))
  return new ServedChain(config, [intake], null)
}

function chosen(chains: readonly ServedChain[], serverName: string, ...alpn: string[]): string {
  const found = new TlsChains(chains, () => 'more').choose({ serverName, alpn })
  return found?.config.name ?? 'none'
}

describe('a TLS chain', () => {
  const chains = ['a.test/', 'a.test/h2', '*.test/', '*.a.test/h2 spdy', '/h3'].map((it) =>
    chain(it),
  )

  it.each([
    ['a.test', [], 'a.test/'],
    ['A.TEST', [], 'a.test/'],
    ['a.test', ['spdy', 'h2'], 'a.test/h2'],
    ['a.test', ['h3'], 'a.test/'],
    ['b.test', ['h2'], '*.test/'],
    ['b.a.test', ['h2'], '*.a.test/h2 spdy'],
    // The longer suffix has nothing for it: a chain that takes everything does.
    ['b.a.test', [], '*.test/'],
    ['test', [], 'none'],
    ['test', ['h3'], '/h3'],
    ['', ['h2', 'h3'], '/h3'],
    ['', [], 'none'],
  ])('for %j offering %j is %s', (name, alpn, expected) => {
    expect(chosen(chains, name, ...alpn)).toBe(expected)
  })

  it('goes by what the client likes best', () => {
    const [one, two] = [chain('/http'), chain('/h2')]
    expect(chosen([one, two], '', 'h2', 'http')).toBe('/h2')
    expect(chosen([one, two], '', 'http', 'h2')).toBe('/http')
  })

  it('for TLS alone goes before one for everything', () => {
    expect(chosen([chain('/', 'any'), chain('/ ', 'tls')], '')).toBe('/ ')
  })

  it('whose name is a suffix takes names below it, whatever they are', () => {
    const below = [chain('*.shop.test/')]
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(chosen(below, `${name}.shop.test`)).toBe('*.shop.test/')
        expect(chosen(below, `${name}shop.test`)).toBe('none')
      }),
    )
  })
})

describe('a listener looks at connections', () => {
  const config = {
    name: 'web',
    address: { host: '', port: 0 },
    chains: [],
    bufferLimitBytes: 1,
    maxConnections: 0,
    backlog: 1,
    detectTimeoutMs: 1,
    proxyProtocol: 'off',
  } as const
  const looks = (...chains: ServedChain[]): readonly string[] => {
    const { direct, tls } = receive(config, chains, [http1], () => 'more')
    return [...(direct === null ? ['protocol'] : []), ...(tls === null ? [] : ['tls'])]
  }

  it.each([
    ['never where one chain takes them all', [chain('/', 'any')], []],
    ['never where they must be in the clear anyway', [chain('/', 'plain')], []],
    ['for TLS where a chain is for that', [chain('/', 'tls')], ['protocol', 'tls']],
    [
      'for TLS where a chain is not for that',
      [chain('/', 'any'), chain('/ ', 'plain')],
      ['protocol', 'tls'],
    ],
  ])('%s', (_, chains, expected) => {
    expect(looks(...chains)).toEqual(expected)
  })

  it('for a protocol where a chain names one that it speaks', () => {
    const named = { ...chain('', 'any').config, protocols: ['http/1.1'] }
    const served = new ServedChain(named, chain('').intakes, null)
    expect(looks(served, chain('/', 'any'))).toEqual(['protocol'])
  })
})
