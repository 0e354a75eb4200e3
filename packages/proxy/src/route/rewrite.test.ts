import { type ForwardAction, NO_EDITS, type PathMatch, type Rewrite } from '@tulle/model'
import { FakeProtocol, type Headers } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import { compileRewrite } from './rewrite.ts'

const protocol = new FakeProtocol('http/1.1')
const prefix = (value: string): PathMatch => ({ kind: 'prefix', value, caseSensitive: true })
const exact = (value: string): PathMatch => ({ kind: 'exact', value, caseSensitive: true })

describe('a rewrite', () => {
  it.each([
    [prefix('/api'), '/v1', '/api/x?q=/api', '/v1/x?q=/api'],
    [prefix('/api/'), '/', '/api/x', '/x'],
    [prefix('/api'), '/', '/api/x', '//x'],
    [prefix('/api/'), '', '/api/x', '/x'],
    [{ kind: 'any' } as const, '/v1', '/x', '/v1/x'],
    [exact('/a'), '/b', '/a?q', '/b?q'],
    [{ kind: 'regex', value: /^(?:\/a.*)$/u } as const, '/b', '/abc?q', '/b?q'],
    [{ kind: 'segments', value: '/a', caseSensitive: false } as const, '/b', '/A/c', '/b/c'],
  ])('puts where %j matched %j: %j becomes %j', (match, value, before, after) => {
    expect(rewritten({ kind: 'prefix', value }, match, before)).toBe(after)
  })

  it.each([
    [/^\/v\d+\/(\w+)/gu, '/$01', '/v2/cart?v=/v2/x', '/cart?v=/v2/x'],
    [/o/gu, '0', '/foo/o', '/f00/0'],
    [/^\//gu, '', '/x', '/x'],
  ])('by %s and %j makes of %j %j', (pattern, substitution, before, after) => {
    expect(rewritten({ kind: 'regex', pattern, substitution }, prefix('/'), before)).toBe(after)
  })

  it('keeps the path that came in x-envoy-original-path', () => {
    const rewrite: Rewrite = { kind: 'prefix', value: '/v1' }
    const request = apply({ rewrite }, prefix('/a'), { ':path': '/a?b' })
    expect(request.header('x-envoy-original-path')).toBe('/a?b')
  })

  it('changes the host alone', () => {
    const headers = { ':path': '/a', ':authority': 'a.org' }
    const request = apply({ hostRewrite: 'b.org' }, prefix('/'), headers)
    expect(request.header(':authority')).toBe('b.org')
    expect(request.header(':path')).toBe('/a')
    expect(request.header('x-envoy-original-path')).toBeUndefined()
  })

  it('leaves a request alone that has no path', () => {
    const rewrite: Rewrite = { kind: 'prefix', value: '/v1' }
    const request = apply({ rewrite }, { kind: 'connect' }, { ':method': 'CONNECT' })
    expect(request.edits).toBeNull()
  })

  it('is nothing to ask for where the route has none', () => {
    expect(compileRewrite(forward({}), prefix('/'))).toBeNull()
  })
})

function rewritten(rewrite: Rewrite, match: PathMatch, path: string): string | undefined {
  return apply({ rewrite }, match, { ':path': path }).header(':path')
}

function apply(action: Partial<ForwardAction>, match: PathMatch, headers: Headers): Frame {
  const request = protocol.request(headers)
  compileRewrite(forward(action), match)?.apply(request)
  return request
}

function forward(action: Partial<ForwardAction>): ForwardAction {
  return {
    kind: 'forward',
    clusters: [{ name: 'a', weight: 1, requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }],
    clusterHeader: null,
    clusterNotFoundStatus: 503,
    rewrite: null,
    hostRewrite: null,
    timeoutMs: 0,
    idleTimeoutMs: null,
    maxStreamDuration: null,
    retryPolicy: null,
    upgrades: {},
    ...action,
  }
}
