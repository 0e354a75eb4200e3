import { NO_EDITS, type Route, type RouteMatch, type StringMatcher } from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { RouteTable } from '../route.ts'
import { compile } from './compile.ts'

const protocol = new FakeProtocol('bolt')
const { session } = new FakeChain()
const exact = (value: string): StringMatcher => ({ kind: 'exact', value, ignoreCase: false })
const ANY: RouteMatch = {
  path: { kind: 'any' },
  method: null,
  headers: [],
  query: [],
  grpc: false,
  clientCert: null,
  fractionPpm: null,
}

describe('a table of RPC routes', () => {
  const grey: RouteMatch = {
    ...ANY,
    headers: [
      {
        name: 'sofa_head_target_app',
        test: { kind: 'string', matcher: exact('grey') },
        invert: false,
        treatMissingAsEmpty: false,
      },
    ],
  }
  const table = tableOf({
    'com.shop.Cart:1.0': [
      { ...ANY, method: exact('add') },
      { ...ANY, method: { kind: 'prefix', value: 'get', ignoreCase: false } },
      { ...ANY, method: { kind: 'suffix', value: 'Async', ignoreCase: true } },
      grey,
    ],
    'com.shop.*': [ANY],
  })

  it.each([
    ['com.shop.Cart:1.0', 'add', {}, 'com.shop.Cart:1.0 0'],
    ['com.shop.Cart:1.0', 'getAll', {}, 'com.shop.Cart:1.0 1'],
    ['com.shop.Cart:1.0', 'addasync', {}, 'com.shop.Cart:1.0 2'],
    ['com.shop.Cart:1.0', 'Add', {}, undefined],
    ['com.shop.Cart:1.0', 'drop', { sofa_head_target_app: 'grey' }, 'com.shop.Cart:1.0 3'],
    ['com.shop.Order:1.0', 'drop', {}, 'com.shop.* 0'],
    ['com.shop.Order:1.0', undefined, {}, 'com.shop.* 0'],
    ['com.other.Cart', 'add', {}, undefined],
  ])('sends of %j the method %j with %j by the route %j', (service, method, headers, name) => {
    const stream = session.open(request(service, method, headers))
    expect(table.route(stream, Math.random)?.name).toBe(name)
  })

  it('explains by service and method', () => {
    expect(table.explain(request('com.other.Cart', 'add'))).toBe(
      'no virtual host of "services" takes service "com.other.Cart" (known: com.shop.Cart:1.0, com.shop.*)',
    )
    expect(table.explain(request('com.shop.Cart:1.0', 'drop'))).toBe(
      'no route in virtual host "com.shop.Cart:1.0" matches method "drop" of service "com.shop.Cart:1.0" with its headers (it has 4)',
    )
  })
})

function request(service: string, method: string | undefined, headers: object = {}) {
  const called = method === undefined ? {} : { ':method': method }
  return protocol.request({ ':authority': service, ...called, ...headers })
}

function tableOf(services: Readonly<Record<string, readonly RouteMatch[]>>): RouteTable<string> {
  const edits = { requestHeaders: NO_EDITS, responseHeaders: NO_EDITS }
  const action = { kind: 'direct', status: 200, body: '' } as const
  const virtualHosts = Object.entries(services).map(([name, matches]) => {
    const routes = matches.map(
      (match, i): Route => ({ name: `${name} ${i}`, match, action, perFilterConfig: {}, ...edits }),
    )
    return { name, domains: [name], routes, retryPolicy: null, ...edits }
  })
  const config = { name: 'services', virtualHosts, ignorePortInHostMatching: false, ...edits }
  const table = compile<string>(config, 'rpc', () => null)
  if (!table.ok) throw new Error('does not compile')
  return table.value
}
