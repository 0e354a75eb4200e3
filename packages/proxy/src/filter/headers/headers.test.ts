import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../demand.ts'
import type { FilterKind } from '../../filter.ts'
import { Outcome } from '../../outcome.ts'
import { Site } from '../../site.ts'
import { headerMutation, headers } from './headers.ts'
import type { HeadersSettings } from './settings.ts'

const protocol = new FakeProtocol('http/1.1')

describe('the headers filter', () => {
  it('removes, sets and adds headers of requests', () => {
    const chain = chainOf(headers, {
      request: {
        remove: ['Cookie'],
        set: { 'X-Env': 'prod', 'x-old': 'new' },
        set_if_absent: { 'x-have': 'no', 'x-lack': 'yes' },
        add: { via: 'tulle' },
      },
    })
    chain.send(protocol.request({ cookie: 'c', 'x-old': 'old', 'x-have': 'had', via: 'nginx' }))
    const seen = chain.far.requests[0]!
    const names = ['cookie', 'x-env', 'x-old', 'x-have', 'x-lack', 'via']
    expect(names.map((name) => seen.header(name))).toEqual([
      undefined,
      'prod',
      'new',
      'had',
      'yes',
      'nginx, tulle',
    ])
  })

  it('changes answers, those of the proxy itself too', () => {
    const chain = chainOf(headers, {
      response: { set: { 'x-proxy': 'tulle' }, remove: ['server'] },
    })
    const stream = chain.send(protocol.request({}))
    chain.answer(stream, protocol.response({ ':status': '200', server: 'apache' }))
    chain.send(protocol.request({})).answer(Outcome.NoRoute, 'no route')
    const [hosts, ours] = chain.session.answers
    expect([hosts!.header('x-proxy'), hosts!.header('server')]).toEqual(['tulle', undefined])
    expect([ours!.header('x-proxy'), ours!.header(':status')]).toEqual(['tulle', '404'])
  })

  it('fills in what the request and its answer say', () => {
    const chain = chainOf(headers, {
      request: { set: { 'x-client': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' } },
      response: { set: { 'x-echo': '%REQ(x-id)%/%RESP(x-part)%/%RESPONSE_CODE%' } },
    })
    const stream = chain.send(protocol.request({ 'x-id': '7' }))
    chain.answer(stream, protocol.response({ ':status': '201', 'x-part': 'p' }))
    expect(chain.far.requests[0]!.header('x-client')).toBe('10.0.0.9')
    expect(chain.session.answers[0]!.header('x-echo')).toBe('7/p/201')
  })

  it('leaves a header alone when its value comes out empty', () => {
    const chain = chainOf(headers, { request: { set: { 'x-user': '%REQ(x-none)%' } } })
    chain.send(protocol.request({ 'x-user': 'ann' }))
    expect(chain.far.requests[0]!.header('x-user')).toBe('ann')
  })

  it('keeps the case of RPC headers', () => {
    const settings = headers.configure(
      { request: { set: { sofa_App: 'cart' } } },
      'at',
      new Demand('rpc'),
    )
    const chain = new FakeChain(settings.ok ? [headers.create(settings.value, new Site())] : [])
    chain.send(new FakeProtocol('bolt').request({}))
    expect(chain.far.requests[0]!.header('sofa_App')).toBe('cart')
  })

  it('costs a request without changes no edits', () => {
    const chain = chainOf(headers, {})
    chain.send(protocol.request({}))
    expect(chain.far.requests[0]!.edits).toBeNull()
  })
})

describe("Envoy's header mutations", () => {
  const cases: readonly (readonly [action: string | undefined, had: string | undefined])[] = [
    [undefined, 'old, new'],
    ['APPEND_IF_EXISTS_OR_ADD', 'old, new'],
    ['ADD_IF_ABSENT', 'old'],
    ['OVERWRITE_IF_EXISTS_OR_ADD', 'new'],
    ['OVERWRITE_IF_EXISTS', 'new'],
  ]
  it.each(cases)('%s makes %s of a header that is there', (append_action, value) => {
    const chain = chainOf(headerMutation, {
      mutations: {
        request_mutations: [{ append: { header: { key: 'X', value: 'new' }, append_action } }],
      },
    })
    chain.send(protocol.request({ x: 'old' }))
    chain.send(protocol.request({}))
    const [there, absent] = chain.far.requests
    expect(there!.header('x')).toBe(value)
    expect(absent!.header('x')).toBe(append_action === 'OVERWRITE_IF_EXISTS' ? undefined : 'new')
  })

  it('are made in order', () => {
    const chain = chainOf(headerMutation, {
      mutations: {
        response_mutations: [
          { append: { header: { key: 'a', value: '1' } } },
          { remove: 'A' },
          { append: { header: { key: 'a', value: '2' } } },
        ],
      },
    })
    chain.answer(chain.send(protocol.request({})), protocol.response())
    expect(chain.session.answers[0]!.header('a')).toBe('2')
  })
})

describe('settings of headers', () => {
  const cases: readonly (readonly [
    FilterKind<HeadersSettings>,
    unknown,
    at: string,
    what: string,
  ])[] = [
    [headers, { request: { sett: {} } }, 'f.request.sett', 'did you mean "set"?'],
    [
      headers,
      { request: { set: { 'a b': '1' } } },
      'f.request.set["a b"]',
      'not a name of a header',
    ],
    [
      headers,
      { response: { set: { a: '%NO_SUCH_THING_AT_ALL%' } } },
      'f.response.set.a',
      'is not an operator',
    ],
    [headers, { response: { add: { a: 'b\r\nc' } } }, 'f.response.add.a', 'line break'],
    [
      headers,
      { request: { set: { 'Content-Length': '0' } } },
      'f.request.set.Content-Length',
      'written by the proxy itself',
    ],
    [
      headers,
      { request: { remove: ['transfer-encoding'] } },
      'f.request.remove[0]',
      'written by the proxy itself',
    ],
    [headerMutation, {}, 'f', '"mutations" is missing'],
    [
      headerMutation,
      { mutations: { request_mutations: [{}] } },
      'f.mutations.request_mutations[0]',
      'one of "remove" or "append" is missing',
    ],
    [
      headerMutation,
      { mutations: { query_parameter_mutations: [{}] } },
      'f.mutations.query_parameter_mutations',
      'not supported yet',
    ],
  ]
  it.each(cases)('%o refuses %j at %s', (kind, value, at, what) => {
    const settings = kind.configure(value, 'f', new Demand('http'))
    expect(settings.ok ? [] : settings.problems).toEqual([
      { at, what: expect.stringContaining(what) },
    ])
  })
})

function chainOf(kind: FilterKind<HeadersSettings>, value: unknown): FakeChain {
  const settings = kind.configure(value, 'f', new Demand('http'))
  if (!settings.ok) throw new Error(settings.problems.map(({ what }) => what).join('\n'))
  return new FakeChain([kind.create(settings.value, new Site())])
}
