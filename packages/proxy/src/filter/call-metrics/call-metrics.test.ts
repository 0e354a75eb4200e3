import { FakeChain, FakeProtocol, type Note, noteLogger } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../demand.ts'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { Depth, type Protocol } from '../../protocol.ts'
import { Site } from '../../site.ts'
import type { Stream } from '../../stream.ts'
import { callMetrics } from './call-metrics.ts'
import { counted } from './harness.ts'
import { byPath } from './names.ts'

const protocol = new FakeProtocol()

interface Ask {
  readonly service?: string
  readonly method?: string
  readonly source?: string
  /** Before an answer or instead of one. */
  readonly happens?: (stream: Stream) => void
  readonly status?: string
  readonly kind?: FrameKind
}

/** A chain with the filter, in a worker of its own or one that was there before. */
function chainOf(settings: object = {}, site: Site = new Site()) {
  const read = callMetrics.configure(settings, 'f', new Demand('http'))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const chain = new FakeChain([callMetrics.create(read.value, site)])
  /** A call that a route has taken, where `happens` does not say otherwise, and its answer. */
  const call = (ask: Ask = {}): Stream => {
    const { service = 'shop', method = 'GET', source, happens, status = '200', kind } = ask
    const headers = { ':authority': service, ':method': method }
    const said = source === undefined ? headers : { ...headers, 'x-app': source }
    const stream = chain.send(protocol.request(said, true, kind))
    stream.clusterName = 'a'
    happens?.(stream)
    if (!stream.ended) chain.answer(stream, protocol.response({ ':status': status }))
    return stream
  }
  return { chain, call, counts: () => counted(site.metrics.sample()) }
}

describe('a call', () => {
  it('is counted by the service and the method it asks for', () => {
    const { call, counts } = chainOf()
    for (const [service, method] of [
      ['shop', 'GET'],
      ['shop', 'GET'],
      ['shop', 'PUT'],
      ['stock', 'GET'],
    ] as const)
      call({ service, method })
    expect(counts()).toEqual({
      'shop GET': [2, 0, 0, 2],
      'shop PUT': [1, 0, 0, 1],
      'stock GET': [1, 0, 0, 1],
    })
  })

  it('is counted by who makes it, where a header tells that', () => {
    const { call, counts } = chainOf({ source_header: 'X-App' })
    call({ source: 'front' })
    call({ source: 'front' })
    call({ source: 'back' })
    call()
    expect(counts()).toEqual({
      'front shop GET': [2, 0, 0, 2],
      'back shop GET': [1, 0, 0, 1],
      'shop GET': [1, 0, 0, 1],
    })
  })

  it('has for its source what filters have written there', () => {
    const { call, counts } = chainOf({ source_header: 'x-app' })
    call({ source: 'liar', happens: ({ request }) => request.set('x-app', 'front') })
    expect(counts()).toEqual({ 'front shop GET': [1, 0, 0, 1] })
  })

  it('takes as long as it takes from its first byte', () => {
    const site = new Site()
    const { chain, call } = chainOf({}, site)
    call({ happens: () => chain.intake.pass(250) })
    const [series] = site.metrics.sample().filter(({ family }) => family === 'call')
    expect(series!.values.duration).toMatchObject({ count: 1, sum: 250_000 })
  })

  it('of a method that HTTP does not have is one of others', () => {
    const { call, counts } = chainOf()
    for (const method of ['BREW', 'PURGE', 'get']) call({ method })
    expect(counts()).toEqual({ 'shop other': [3, 0, 0, 3] })
  })
})

describe('how a call ended', () => {
  const by =
    (outcome: Outcome, status = 0) =>
    (stream: Stream) =>
      stream.answer(outcome, 'so', stream.chain.exit, status)
  /** As gRPC tells it beside a status of 200. */
  const told = (callStatus: number) => (stream: Stream) => {
    stream.callStatus = callStatus
  }
  const ok = [1, 0, 0]
  const clientError = [0, 1, 0]
  const serverError = [0, 0, 1]
  const cases: readonly (readonly [words: string, ask: Ask, ended: readonly number[]])[] = [
    ['200', { status: '200' }, ok],
    ['304', { status: '304' }, ok],
    ['404', { status: '404' }, clientError],
    ['499', { status: '499' }, clientError],
    ['500', { status: '500' }, serverError],
    ['503', { status: '503' }, serverError],
    ['OK of gRPC', { happens: told(0) }, ok],
    ['NOT_FOUND', { happens: told(5) }, clientError],
    ['UNAVAILABLE', { happens: told(14) }, serverError],
    ['a code nobody knows', { happens: told(99) }, serverError],
    ['the client has gone', { happens: (it) => it.abandon('gone') }, clientError],
    ['a host that is not there', { happens: by(Outcome.ConnectFailed) }, serverError],
    ['a time-out', { happens: by(Outcome.Timeout) }, serverError],
    ['an abort of the fault filter', { happens: by(Outcome.FaultAbort, 503) }, serverError],
  ]
  it.each(cases)('%s', (_, ask, ended) => {
    const { call, counts } = chainOf()
    call(ask)
    expect(counts()).toEqual({ 'shop GET': [...ended, 1] })
  })

  it('is the reason for it where an answer is cut short', () => {
    const { chain, counts } = chainOf()
    const stream = chain.send(protocol.request({ ':authority': 'shop', ':method': 'GET' }))
    stream.clusterName = 'a'
    chain.answer(stream, protocol.response({ ':status': '200' }, false))
    stream.answer(Outcome.UpstreamReset, 'the host has closed')
    expect(counts()).toEqual({ 'shop GET': [0, 0, 1, 1] })
  })

  it('is well for a one-way call that left, which has no duration', () => {
    const { call, counts } = chainOf()
    call({ kind: FrameKind.Oneway, happens: (stream) => stream.end() })
    call({ kind: FrameKind.Oneway, happens: by(Outcome.NoHealthyHost) })
    expect(counts()).toEqual({ 'shop GET': [1, 0, 1, 0] })
  })

  it('is well for a tunnel that its client leaves, which has no duration', () => {
    const { chain, counts } = chainOf()
    const stream = chain.send(protocol.request({ ':authority': 'shop', ':method': 'GET' }))
    stream.clusterName = 'a'
    stream.tunnel = true
    chain.answer(stream, protocol.response({ ':status': '101' }, false))
    stream.abandon('gone')
    expect(counts()).toEqual({ 'shop GET': [1, 0, 0, 0] })
  })
})

describe('the budget', () => {
  const fill = (call: (ask: Ask) => unknown, from: number, to: number): void => {
    for (let i = from; i < to; i++) call({ service: `shop-${i}` })
  }
  const sentences = (notes: readonly Note[]) => notes.map(({ max_series }) => max_series)

  it('lets as many series begin as it says, and counts what is new under "other"', () => {
    const { call, counts } = chainOf({ max_series: 3, source_header: 'x-app' })
    fill(call, 0, 5)
    fill(call, 0, 5)
    call({ service: 'shop-0', source: 'new' })
    expect(counts()).toEqual({
      'shop-0 GET': [2, 0, 0, 2],
      'shop-1 GET': [2, 0, 0, 2],
      'shop-2 GET': [2, 0, 0, 2],
      'other other other': [5, 0, 0, 5],
    })
  })

  it('is 500 where nothing is said', () => {
    const { call, counts } = chainOf()
    fill(call, 0, 502)
    expect(Object.keys(counts())).toHaveLength(501)
    expect(counts()['other other other']).toEqual([2, 0, 0, 2])
  })

  it('says once that it is spent, and once more when it was raised and is spent again', () => {
    const log = noteLogger()
    const site = new Site({ log })
    fill(chainOf({ max_series: 3 }, site).call, 0, 3)
    expect(log.notes).toEqual([])
    fill(chainOf({ max_series: 3 }, site).call, 0, 9)
    expect(sentences(log.notes)).toEqual([3])
    fill(chainOf({ max_series: 5 }, site).call, 0, 9)
    fill(chainOf({ max_series: 3 }, site).call, 10, 19)
    expect(sentences(log.notes)).toEqual([3, 5])
  })

  it('is one for all filters of a worker, whose counts go on when they are made anew', () => {
    const site = new Site()
    const settings = { max_series: 3 }
    fill(chainOf(settings, site).call, 0, 2)
    fill(chainOf({ ...settings, stat_prefix: 'in' }, site).call, 0, 2)
    const { call, counts } = chainOf(settings, site)
    fill(call, 0, 3)
    expect(counts()).toEqual({
      'shop-0 GET': [2, 0, 0, 2],
      'shop-1 GET': [2, 0, 0, 2],
      'in shop-0 GET': [1, 0, 0, 1],
      'in other other other': [1, 0, 0, 1],
      'other other other': [1, 0, 0, 1],
    })
  })

  it('is not for names that nobody here knows: a call that no route takes, or that is refused before', () => {
    const log = noteLogger()
    const { call, counts } = chainOf({ max_series: 9 }, new Site({ log }))
    const refused = (outcome: Outcome) => (stream: Stream) => {
      stream.clusterName = ''
      stream.answer(outcome, 'so')
    }
    call({ service: 'made-up', happens: refused(Outcome.NoRoute) })
    call({ service: 'made-up', happens: refused(Outcome.BadRequest) })
    call({ service: 'made-up', happens: refused(Outcome.Overloaded) })
    call({ service: 'told', happens: refused(Outcome.DirectResponse) })
    call({ service: 'shop' })
    call({ service: 'shop', happens: refused(Outcome.Overloaded) })
    expect(counts()).toEqual({
      'other other other': [0, 2, 1, 3],
      'told GET': [1, 0, 0, 1],
      'shop GET': [1, 0, 1, 2],
    })
    expect(log.notes).toEqual([])
  })

  it('is not for names of more than 256 characters', () => {
    const { call, counts } = chainOf()
    call({ service: 's'.repeat(256) })
    call({ service: 's'.repeat(257) })
    expect(Object.keys(counts())).toEqual([`${'s'.repeat(256)} GET`, 'other other other'])
  })

  it('holds for whatever callers make up, and loses no call', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', '', 'other', '__proto__', 'x\n"y', '/a')
    const asks = fc.array(fc.record({ service: name, method: name, source: name }))
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 9 }), (all, max_series) => {
        const site = new Site()
        const { call } = chainOf({ max_series, source_header: 'x-app' }, site)
        for (const ask of all) call(ask)
        const rows = site.metrics.sample().map(({ values }) => Number(values.ok))
        expect(rows.length).toBeLessThanOrEqual(max_series + 1)
        expect(rows.reduce((sum, ok) => sum + ok, 0)).toBe(all.length)
      }),
    )
  })
})

describe('a path of gRPC', () => {
  it.each([
    ['/shop.Basket/Put', { service: 'shop.Basket', method: 'Put' }],
    ['/a/b/Put', { service: 'a/b', method: 'Put' }],
    ['/Put', null],
    ['//Put', null],
    ['/shop.Basket/', null],
    ['shop.Basket/Put', null],
    ['/', null],
    ['', null],
    ['*', null],
  ])('%j', (path, called) => {
    expect(byPath(path)).toEqual(called)
  })

  it('never calls what another calls', () => {
    const part = fc.stringMatching(/^[ab/]{0,6}$/)
    fc.assert(
      fc.property(part, (path) => {
        const called = byPath(path)
        if (called !== null) expect(`/${called.service}/${called.method}`).toBe(path)
      }),
    )
  })
})

describe('settings of call metrics', () => {
  it.each([
    [{ max_series: 0 }, 'f.max_series', 'a whole number'],
    [{ source_header: 7 }, 'f.source_header', 'must be a string'],
    [{ max_serie: 9 }, 'f.max_serie', 'did you mean "max_series"?'],
  ])('refuse %j at %s', (value, at, what) => {
    const settings = callMetrics.configure(value, 'f', new Demand('http'))
    expect(settings.ok ? [] : settings.problems).toEqual([
      { at, what: expect.stringContaining(what) },
    ])
  })

  const shallow = (depth: Depth) => [Object.assign(new FakeProtocol('x'), { depth }) as Protocol]

  it.each([
    ['names', {}, Depth.Frames, Depth.Names],
    ['headers', { source_header: 'App' }, Depth.Names, Depth.Headers],
  ])('ask that %s can be read', (reads, value, tooShallow, enough) => {
    const refused = new Demand('rpc', shallow(tooShallow))
    callMetrics.configure(value, 'f', refused)
    expect(refused.problems).toHaveLength(1)
    const taken = new Demand('rpc', shallow(enough))
    const settings = callMetrics.configure(value, 'f', taken)
    expect(taken.problems).toEqual([])
    expect(taken.reads.depth).toBe(reads)
    // Names of RPC headers are exact.
    expect(settings.ok && settings.value.sourceHeader).toBe(
      'source_header' in value ? value.source_header : '',
    )
  })
})
