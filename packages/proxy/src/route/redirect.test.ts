import type { PathMatch, RedirectAction } from '@tulle/model'
import { FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { compileRedirect } from './redirect.ts'

const protocol = new FakeProtocol('http/1.1')
const PREFIX: PathMatch = { kind: 'prefix', value: '/old', caseSensitive: true }

describe('a redirect', () => {
  it.each<[Partial<RedirectAction>, string, string, string]>([
    [{}, 'a.org', '/old?q', 'http://a.org/old?q'],
    [{ host: 'b.org' }, 'a.org:81', '/old', 'http://b.org/old'],
    [{ scheme: 'https' }, 'a.org', '/old', 'https://a.org/old'],
    [{ scheme: 'https' }, 'a.org:80', '/old', 'https://a.org/old'],
    [{ scheme: 'https' }, 'a.org:8080', '/old', 'https://a.org:8080/old'],
    [{ scheme: 'http' }, 'a.org:80', '/old', 'http://a.org:80/old'],
    [{ scheme: 'https', port: 8443 }, 'a.org:8080', '/old', 'https://a.org:8443/old'],
    [{ scheme: 'https' }, '[::1]:80', '/old', 'https://[::1]/old'],
    [{ path: { kind: 'path', value: '/new' } }, 'a.org', '/old/x?q', 'http://a.org/new?q'],
    [{ path: { kind: 'path', value: '/new?r' } }, 'a.org', '/old?q', 'http://a.org/new?r'],
    [{ path: { kind: 'prefix', value: '/new' } }, 'a.org', '/old/x?q', 'http://a.org/new/x?q'],
    [
      { path: { kind: 'regex', pattern: /^\/old\/(.*)$/gu, substitution: '/$01/old' } },
      'a.org',
      '/old/x?q',
      'http://a.org/x/old?q',
    ],
    [{ stripQuery: true }, 'a.org', '/old?q', 'http://a.org/old'],
    [
      { stripQuery: true, path: { kind: 'path', value: '/new' } },
      'a.org',
      '/old?q',
      'http://a.org/new',
    ],
    [
      { stripQuery: true, path: { kind: 'prefix', value: '/new' } },
      'a.org',
      '/old?q',
      'http://a.org/new',
    ],
  ])('with %j leads from %j %j to %j', (action, authority, path, location) => {
    expect(redirect(action).location(request(authority, path))).toBe(location)
  })

  it('keeps the scheme the client used, as the proxy before us tells it', () => {
    const secure = protocol.request({
      ':authority': 'a.org',
      ':path': '/',
      'x-forwarded-proto': 'https',
    })
    expect(redirect({}).location(secure)).toBe('https://a.org/')
    const port = protocol.request({
      ':authority': 'a.org:443',
      ':path': '/',
      'x-forwarded-proto': 'https',
    })
    expect(redirect({ scheme: 'http' }).location(port)).toBe('http://a.org/')
  })

  it('keeps the scheme that the hop has found out', () => {
    const secure = protocol.request({ ':authority': 'a.org', ':path': '/', ':scheme': 'http' })
    expect(redirect({}).location(secure)).toBe('http://a.org/')
    secure.set('x-forwarded-proto', 'wss')
    secure.set(':scheme', 'https')
    expect(redirect({}).location(secure)).toBe('https://a.org/')
  })

  it('has its own status', () => {
    expect(redirect({ status: 308 }).status).toBe(308)
  })
})

function redirect(action: Partial<RedirectAction>) {
  const whole: RedirectAction = {
    kind: 'redirect',
    status: 301,
    scheme: null,
    host: null,
    port: null,
    path: null,
    stripQuery: false,
    ...action,
  }
  return compileRedirect(whole, PREFIX)
}

function request(authority: string, path: string) {
  return protocol.request({ ':authority': authority, ':path': path })
}
