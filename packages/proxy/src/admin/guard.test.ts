import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isExposed, refusal } from './guard.ts'

function ask(method: string, headers: Record<string, string>, url = '/'): IncomingMessage {
  return { method, url, headers } as unknown as IncomingMessage
}

describe('the Host header', () => {
  it.each([
    ['localhost:9901', '127.0.0.1', true],
    ['LOCALHOST', '127.0.0.1', true],
    ['front.localhost:9901', '127.0.0.1', true],
    ['127.0.0.1:9901', '127.0.0.1', true],
    ['127.8.9.1', '127.0.0.1', true],
    ['[::1]:9901', '::1', true],
    ['10.0.0.7:9901', '10.0.0.7', true],
    ['10.0.0.7:9901', '0.0.0.0', true],
    ['[fd00::7]:9901', '::', true],
    ['admin.internal:9901', 'admin.internal', true],
    ['10.0.0.8:9901', '10.0.0.7', false],
    ['10.0.0.7:9901', '127.0.0.1', false],
    ['evil.example:9901', '127.0.0.1', false],
    ['evil.example:9901', '0.0.0.0', false],
    ['localhost.evil.example', '127.0.0.1', false],
    ['127.0.0.1.evil.example', '127.0.0.1', false],
    ['127.0.0.1:9901@evil.example', '127.0.0.1', false],
    ['', '127.0.0.1', false],
  ])('%j at a listener bound to %s may pass: %s', (host, bound, passes) => {
    expect(refusal(ask('GET', { host }), bound) === null).toBe(passes)
  })

  it('may be missing: an old client without one is no browser', () => {
    expect(refusal(ask('GET', {}), '127.0.0.1')).toBeNull()
  })
})

const host = 'localhost:9901'

describe('a request that a page caused', () => {
  it.each([
    ['POST', '/drain', {}, true],
    ['POST', '/drain', { origin: 'http://localhost:9901', 'sec-fetch-site': 'same-origin' }, true],
    ['POST', '/drain', { origin: 'http://localhost:8080' }, false],
    ['POST', '/drain', { origin: 'http://evil.example' }, false],
    ['POST', '/drain', { origin: 'null' }, false],
    ['POST', '/drain', { 'sec-fetch-site': 'same-site' }, false],
    ['POST', '/drain', { 'sec-fetch-site': 'none' }, true],
    ['GET', '/stats?filter=a', { 'sec-fetch-site': 'same-origin' }, true],
    ['GET', '/stats?filter=a', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
    ['GET', '/stats', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    ['GET', '/stats', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
    [
      'GET',
      '/stats?filter=a',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      false,
    ],
  ])('%s %s with %o may pass: %s', (method, url, headers, passes) => {
    expect(refusal(ask(method, { host, ...headers }, url), '127.0.0.1') === null).toBe(passes)
  })
})

it.each([
  ['127.0.0.1', false],
  ['::1', false],
  ['localhost', false],
  ['0.0.0.0', true],
  ['10.0.0.7', true],
])('an address %s is exposed: %s', (bound, exposed) => {
  expect(isExposed(bound)).toBe(exposed)
})
