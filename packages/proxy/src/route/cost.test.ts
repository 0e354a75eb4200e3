import {
  type KeyMatcher,
  NO_EDITS,
  type PathMatch,
  type Route,
  type RouteMatch,
  type StringMatcher,
  type VirtualHost,
} from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import type { RouteTable } from '../route.ts'
import type { Stream } from '../stream.ts'
import type { RouteKind } from './compilation.ts'
import { compile } from './compile.ts'

const protocol = new FakeProtocol()
const { session } = new FakeChain()
const MANY = 10_000
const SAMPLES = [0, 4_999, 9_999]

/** Matches always, and counts: a request knows how often somebody asked for this header. */
const TRIED: KeyMatcher = {
  name: 'tried',
  test: { kind: 'present', present: true },
  invert: false,
  treatMissingAsEmpty: true,
}

describe('finding a route', () => {
  it('tries one route, however many virtual hosts there are', () => {
    const table = tableOf(
      Array.from({ length: MANY }, (_, i) => hostOf(`h${i}.org`, [matchOf(prefix('/'))])),
      'http',
    )
    for (const i of SAMPLES) {
      const request = countedRequest(`h${i}.org`, '/x', 'GET')
      expect(table.route(request.stream, Math.random)?.name).toBe(`h${i}.org 0`)
      expect(request.tried()).toBe(1)
    }
    expect(table.route(countedRequest('none.org', '/x', 'GET').stream, Math.random)).toBeNull()
  })

  it.each<[string, RouteKind, (i: number) => RouteMatch, string]>([
    ['path', 'http', (i) => matchOf(path('exact', `/p${i}`)), ''],
    ['path without case', 'http', (i) => matchOf(path('exact', `/P${i}`, false)), ''],
    ['prefix', 'http', (i) => matchOf(prefix(`/p${i}/`)), '/x'],
    ['prefix of segments', 'http', (i) => matchOf(path('segments', `/p${i}`)), '/x'],
    ['method', 'rpc', (i) => matchOf({ kind: 'any' }, method('exact', `m${i}`)), ''],
    [
      'prefix of a method',
      'rpc',
      (i) => matchOf({ kind: 'any' }, method('prefix', `m${i}/`)),
      '/x',
    ],
  ])('tries one route, however many differ by their %s', (_what, kind, match, end) => {
    const table = tableOf(
      [
        hostOf(
          '*',
          Array.from({ length: MANY }, (_, i) => match(i)),
        ),
      ],
      kind,
    )
    for (const i of SAMPLES) {
      const request = countedRequest('any', `/p${i}${end}`, `m${i}${end}`)
      expect(table.route(request.stream, Math.random)?.name).toBe(`* ${i}`)
      expect(request.tried()).toBe(1)
    }
  })

  it('does not try routes that stand behind one that was found', () => {
    const first: RouteMatch = { ...matchOf(path('exact', '/a')), headers: [] }
    const others = Array.from({ length: 100 }, () => matchOf(prefix('/')))
    const request = countedRequest('any', '/a', 'GET')
    const found = tableOf([hostOf('*', [first, ...others])], 'http').route(request.stream, () => 0)
    expect(found?.name).toBe('* 0')
    expect(request.tried()).toBe(0)
  })

  it('reads nothing of an RPC request that goes where all go', () => {
    const all: RouteMatch = { ...matchOf({ kind: 'any' }), headers: [] }
    const blind = new FakeProtocol()
    const unread = () => {
      throw new Error('nobody needs to know')
    }
    Object.assign(blind, { service: unread, method: unread, header: unread })
    const table = tableOf([hostOf('*', [all])], 'rpc')
    expect(table.route(streamOf(blind.request({})), Math.random)?.name).toBe('* 0')
  })
})

function matchOf(path: PathMatch, method: StringMatcher | null = null): RouteMatch {
  return {
    path,
    method,
    headers: [TRIED],
    query: [],
    grpc: false,
    clientCert: null,
    fractionPpm: null,
  }
}

function path(kind: 'exact' | 'segments', value: string, caseSensitive = true): PathMatch {
  return { kind, value, caseSensitive }
}

function prefix(value: string): PathMatch {
  return { kind: 'prefix', value, caseSensitive: true }
}

function method(kind: 'exact' | 'prefix', value: string): StringMatcher {
  return { kind, value, ignoreCase: false }
}

function hostOf(domain: string, matches: readonly RouteMatch[]): VirtualHost {
  const edits = { requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }
  const action = { kind: 'direct', status: 200, body: '' } as const
  const routes = matches.map(
    (match, i): Route => ({ name: `${domain} ${i}`, match, action, perFilterConfig: {}, ...edits }),
  )
  return { name: domain, domains: [domain], routes, retryPolicy: null, ...edits }
}

function tableOf(virtualHosts: readonly VirtualHost[], kind: RouteKind): RouteTable<string> {
  const edits = { requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }
  const config = { name: 'routes', virtualHosts, ignorePortInHostMatching: false, ...edits }
  const table = compile<string>(config, kind, () => null)
  if (!table.ok) throw new Error('does not compile')
  return table.value
}

function countedRequest(authority: string, path: string, method: string) {
  let count = 0
  const frame = protocol.request({
    ':authority': authority,
    ':path': path,
    ':method': method,
    get tried() {
      count++
      return ''
    },
  })
  return { stream: streamOf(frame), tried: () => count }
}

function streamOf(frame: Frame): Stream {
  return session.open(frame)
}
