import { FakeChain, FakeProtocol, FakeSession, type Headers } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'
import { NOTHING } from './fixture.ts'
import { HopFilter, type HopSettings } from './hop.ts'

const protocol = new FakeProtocol('http/1.1')
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('the id of a request', () => {
  const make = { generateRequestId: true }
  const edge = { ...make, useRemoteAddress: true }
  const outside = '192.0.2.5'
  it.each([
    ['is left alone where none is made', {}, outside, 'theirs', 'theirs'],
    ['is not made where none is to be made', {}, outside, undefined, undefined],
    ['is made where there is none', make, outside, undefined, UUID],
    ['is kept inside', make, outside, 'theirs', 'theirs'],
    ['is replaced at an edge', edge, outside, 'theirs', UUID],
    ['is made at an edge', edge, outside, undefined, UUID],
    ['is kept at an edge for clients inside', edge, '10.1.1.1', 'theirs', 'theirs'],
    [
      'is kept at an edge that is told to',
      { ...edge, preserveRequestId: true },
      outside,
      'theirs',
      'theirs',
    ],
    [
      'is made at an edge that is told to keep it, where there is none',
      { ...edge, preserveRequestId: true },
      outside,
      undefined,
      UUID,
    ],
  ])('%s', (_what, settings, remoteAddress, brought, expected) => {
    const headers = brought === undefined ? {} : { 'x-request-id': brought }
    const id = new Harness(settings, { remoteAddress }).pass(headers).header('x-request-id')
    if (expected instanceof RegExp) expect(id).toMatch(expected)
    else expect(id).toBe(expected)
  })

  it('stands in the answer where it is asked for', () => {
    const loud = { generateRequestId: true, requestIdInResponse: true }
    for (const [settings, told] of [
      [{ generateRequestId: true }, false],
      [loud, true],
    ] as const) {
      const harness = new Harness(settings)
      const id = harness.pass({}).header('x-request-id')
      expect(harness.answer({}).header('x-request-id')).toBe(told ? id : undefined)
    }
    const silent = new Harness({ requestIdInResponse: true })
    silent.pass({})
    expect(silent.answer({ 'x-request-id': 'host' }).header('x-request-id')).toBe('host')
  })
})

describe('via', () => {
  it('is appended both ways, and to answers of our own', () => {
    const harness = new Harness({ via: '2 mesh', normalizePath: true })
    expect(harness.pass({ via: '1.1 edge' }).header('via')).toBe('1.1 edge, 2 mesh')
    expect(harness.answer({}).header('via')).toBe('2 mesh')
    harness.send({ ':path': '/%zz' })
    expect(harness.session.answers.at(-1)?.header(':status')).toBe('400')
    expect(harness.session.answers.at(-1)?.header('via')).toBe('2 mesh')
  })
})

describe('a path', () => {
  it.each([
    ['/a/./b/../c?x=/../y', '/a/c?x=/../y'],
    ['/a//b', '/a/b'],
    ['*', '*'],
  ])('%s is brought into the form %s', (path, expected) => {
    const harness = new Harness({ normalizePath: true, mergeSlashes: true })
    expect(harness.pass({ ':path': path }).header(':path')).toBe(expected)
  })

  it('that has no form is refused', () => {
    const harness = new Harness({ normalizePath: true })
    harness.send({ ':path': '/%zz' })
    expect(harness.requests).toEqual([])
    expect(harness.session.answers[0]?.header(':status')).toBe('400')
  })
})

describe('an authority', () => {
  const any = { stripPort: 'any' } as const
  const matching = { stripPort: 'matching' } as const
  it.each([
    [{}, 'GET', 'shop.:80', 'shop.:80'],
    [any, 'GET', 'shop:80', 'shop'],
    [matching, 'GET', 'shop:80', 'shop:80'],
    [matching, 'GET', 'shop:8080', 'shop'],
    [any, 'CONNECT', 'shop:80', 'shop:80'],
    [{ stripTrailingDot: true }, 'GET', 'shop.:80', 'shop:80'],
    [{ ...any, stripTrailingDot: true }, 'GET', 'shop.:80', 'shop'],
    [{ ...any, stripTrailingDot: true }, 'CONNECT', 'shop.:80', 'shop:80'],
  ])('with %j goes on for %s %s as %s', (settings, method, authority, expected) => {
    const seen = new Harness(settings).pass({ ':method': method, ':authority': authority })
    expect(seen.header(':authority')).toBe(expected)
  })
})

describe('a hop', () => {
  it('makes changes that are the same for all requests of a connection only once', () => {
    const harness = new Harness({ useRemoteAddress: true }, { remoteAddress: '192.0.2.5' })
    const [first, second] = [harness.pass({}), harness.pass({})]
    expect(first.edits?.length).toBeGreaterThan(2)
    expect(second.edits?.every((edit, i) => edit === first.edits![i])).toBe(true)
  })

  it('that replaces another speaks for itself on connections that stay', () => {
    const before = new Harness({ useRemoteAddress: true })
    const after = new Harness({ useRemoteAddress: true, ...CERTS }, before.session)
    const brought = { 'x-forwarded-client-cert': 'Hash=1' }
    expect(before.pass(brought).header('x-forwarded-client-cert')).toBeUndefined()
    expect(after.pass(brought).header('x-forwarded-client-cert')).toBe('Hash=1')
    expect(before.pass(brought).header('x-forwarded-client-cert')).toBeUndefined()
  })
})

const CERTS = { forwardClientCert: 'always-forward-only' } as const

/** A hop between a client and a host, with settings that differ from doing nothing. */
class Harness {
  readonly session: FakeSession
  readonly #chain: FakeChain
  #stream: Stream | null = null

  constructor(
    settings: Partial<HopSettings>,
    client: FakeSession | { readonly remoteAddress?: string } = {},
  ) {
    this.#chain = new FakeChain([new HopFilter({ ...NOTHING, ...settings })])
    const { intake } = this.#chain
    this.session = client instanceof FakeSession ? client : new FakeSession(intake, client)
  }

  get requests(): readonly Frame[] {
    return this.#chain.far.requests
  }

  send(headers: Headers): void {
    const frame = protocol.request({ ':method': 'GET', ':path': '/', ...headers })
    this.session.intake.chain = this.#chain.chain
    this.#stream = this.session.open(frame)
    this.#chain.chain.entry.onRequest(this.#stream, frame)
  }

  /** The request as it goes on. */
  pass(headers: Headers): Frame {
    this.send(headers)
    const frame = this.requests.at(-1)
    if (frame === undefined) throw new Error('the request did not pass')
    return frame
  }

  /** The answer of the host to the latest request, as it leaves. */
  answer(headers: Headers): Frame {
    const frame = protocol.response({ ':status': '200', ...headers })
    this.#chain.answer(this.#stream!, frame)
    return frame
  }
}
