import { FakeChain, FakeProtocol, seededRandom } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../demand.ts'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { Site } from '../../site.ts'
import { faultKind } from './fault.ts'

const protocol = new FakeProtocol('http/1.1')
const ALWAYS = { numerator: 100 }
const DELAY = { delay: { fixed_delay: '0.5s', percentage: ALWAYS } }
const ABORT = { abort: { http_status: 418, percentage: ALWAYS } }

describe('an abort', () => {
  it('answers in place of the host, with a sentence that names the filter', () => {
    const chain = chainOf(ABORT)
    const stream = chain.send(protocol.request({}))
    expect(chain.far.requests).toEqual([])
    expect(chain.session.answers[0]!.header(':status')).toBe('418')
    expect(chain.session.text).toContain('the fault filter aborts 100 % of these requests')
    expect([stream.outcome, stream.ended]).toEqual([Outcome.FaultAbort, true])
  })

  it('throws away the rest of the request, so that its client can finish it', () => {
    const chain = chainOf(ABORT)
    const stream = chain.send(protocol.request({}, false))
    expect(chain.chain.entry.onRequestData(stream, Buffer.from('rest'), false)).toBe(true)
    chain.chain.entry.onRequestTrailers(stream, protocol.trailers({}))
    expect([chain.far.data, chain.far.trailers]).toEqual([[], []])
  })

  it('of a request that nobody answers lets it vanish', () => {
    const chain = chainOf(ABORT)
    const stream = chain.send(protocol.request({}, true, FrameKind.Oneway))
    expect([stream.ended, chain.session.answers, chain.far.requests]).toEqual([true, [], []])
  })

  it('happens as often as its percentage says', () => {
    const percentage = { numerator: 2500, denominator: 'TEN_THOUSAND' }
    const chain = chainOf({ abort: { http_status: 503, percentage } })
    for (let i = 0; i < 4000; i++) chain.send(protocol.request({}))
    expect(Math.abs(chain.session.answers.length - 1000)).toBeLessThan(100)
    expect(chain.session.answers.length + chain.far.requests.length).toBe(4000)
  })

  it('of no percent never happens', () => {
    const chain = chainOf({ abort: { http_status: 503, percentage: { numerator: 0 } } }, () => 0)
    chain.send(protocol.request({}))
    expect(chain.far.requests).toHaveLength(1)
  })
})

describe('a delay', () => {
  it('holds a request until its time has come', () => {
    const chain = chainOf(DELAY)
    const request = protocol.request({})
    chain.send(request)
    chain.intake.pass(480)
    expect(chain.far.requests).toEqual([])
    chain.intake.pass(40)
    expect(chain.far.requests).toEqual([request])
    expect(chain.session.resumes).toBe(0)
  })

  it('holds data and trailers that come meanwhile, and lets the client go on afterwards', () => {
    const chain = chainOf(DELAY)
    const stream = chain.send(protocol.request({}, false))
    const { entry } = chain.chain
    expect(entry.onRequestData(stream, Buffer.from('a'), false)).toBe(false)
    expect(entry.onRequestData(stream, Buffer.from('b'), false)).toBe(false)
    entry.onRequestTrailers(stream, protocol.trailers({ sum: '1' }))
    expect(chain.far.data).toEqual([])
    chain.intake.pass(600)
    expect([chain.far.text, chain.far.last]).toEqual(['ab', false])
    expect(chain.far.trailers[0]!.header('sum')).toBe('1')
    expect(chain.session.resumes).toBe(1)
    expect(entry.onRequestData(stream, Buffer.from('c'), true)).toBe(true)
    expect([chain.far.text, chain.far.last]).toEqual(['abc', true])
  })

  it('keeps that the data it held was the last', () => {
    const chain = chainOf(DELAY)
    const stream = chain.send(protocol.request({}, false))
    chain.chain.entry.onRequestData(stream, Buffer.from('a'), true)
    chain.intake.pass(600)
    expect([chain.far.text, chain.far.last]).toEqual(['a', true])
  })

  it('leaves it to the next layer to end a pause that this one asks for', () => {
    const chain = chainOf(DELAY)
    chain.far.ready = false
    const stream = chain.send(protocol.request({}, false))
    chain.chain.entry.onRequestData(stream, Buffer.from('a'), false)
    chain.intake.pass(600)
    expect([chain.far.text, chain.session.resumes]).toEqual(['a', 0])
  })

  it('is forgotten when the client goes away', () => {
    const chain = chainOf(DELAY)
    const stream = chain.send(protocol.request({}, false))
    chain.chain.entry.onRequestData(stream, Buffer.from('a'), false)
    stream.abandon('the client closed')
    expect(chain.intake.wheel.size).toBe(0)
    chain.intake.pass(600)
    expect([chain.far.requests, chain.far.data]).toEqual([[], []])
  })

  it('does not send a request that was answered meanwhile', () => {
    const chain = chainOf(DELAY)
    const stream = chain.send(protocol.request({}, false))
    chain.answer(stream, protocol.response({ ':status': '408' }, false))
    chain.intake.pass(600)
    expect(stream.ended).toBe(false)
    expect(chain.chain.entry.onRequestData(stream, Buffer.from('late'), true)).toBe(true)
    expect([chain.far.requests, chain.far.data]).toEqual([[], []])
  })

  it('comes before the abort', () => {
    const chain = chainOf({ ...DELAY, ...ABORT })
    const stream = chain.send(protocol.request({}, false))
    chain.chain.entry.onRequestData(stream, Buffer.from('a'), false)
    expect(chain.session.answers).toEqual([])
    chain.intake.pass(600)
    expect(chain.session.answers[0]!.header(':status')).toBe('418')
    expect([chain.far.requests, chain.far.data]).toEqual([[], []])
  })

  it('is given to no more requests at once than allowed', () => {
    const chain = chainOf({ ...DELAY, max_active_faults: 2 })
    const streams = Array.from({ length: 3 }, () => chain.send(protocol.request({})))
    expect(chain.far.requests).toHaveLength(1)
    streams[0]!.abandon('the client closed')
    chain.send(protocol.request({}))
    expect(chain.far.requests).toHaveLength(1)
    chain.intake.pass(600)
    expect(chain.far.requests).toHaveLength(3)
    chain.send(protocol.request({}))
    expect(chain.far.requests).toHaveLength(3)
  })
})

describe('a fault for some headers', () => {
  const cases: readonly (readonly [
    matcher: Record<string, unknown>,
    value: string | null,
    boolean,
  ])[] = [
    [{ string_match: { exact: 'yes' } }, 'yes', true],
    [{ string_match: { exact: 'yes' } }, 'Yes', false],
    [{ string_match: { exact: 'yes', ignore_case: true } }, 'Yes', true],
    [{ string_match: { prefix: 'y' } }, 'yes', true],
    [{ string_match: { suffix: 's' } }, 'yes', true],
    [{ string_match: { contains: 'e' } }, 'yes', true],
    [{ string_match: { contains: 'x' } }, 'yes', false],
    [{ string_match: { safe_regex: { regex: 'y.s' } } }, 'yes', true],
    [{ string_match: { safe_regex: { regex: 'y.' } } }, 'yes', false],
    [{ range_match: { start: 1, end: 3 } }, '2', true],
    [{ range_match: { start: 1, end: 3 } }, '3', false],
    [{ range_match: { start: 0, end: 3 } }, '1e0', false],
    [{}, 'yes', true],
    [{}, null, false],
    [{ present_match: false }, null, true],
    [{ invert_match: true }, null, true],
    [{ string_match: { exact: 'yes' }, invert_match: true }, 'no', true],
    [{ string_match: { exact: 'yes' }, invert_match: true }, null, false],
    [{ string_match: { exact: '' }, treat_missing_header_as_empty: true }, null, true],
  ]
  it.each(cases)('%j given %j: %s', (matcher, value, harmed) => {
    const chain = chainOf({ ...ABORT, headers: [{ name: 'X-Fault', ...matcher }] })
    chain.send(protocol.request(value === null ? {} : { 'x-fault': value }))
    expect(chain.session.answers).toHaveLength(harmed ? 1 : 0)
  })
})

describe('settings of a fault', () => {
  const cases: readonly (readonly [value: unknown, at: string, what: string])[] = [
    [{ delay: { fixed_delay: '1s' } }, 'f.delay', '"percentage" is missing'],
    [{ delay: { fixed_delay: '0s', percentage: {} } }, 'f.delay.fixed_delay', 'longer than 0s'],
    [{ abort: { http_status: 99, percentage: {} } }, 'f.abort.http_status', 'from 200 to 599'],
    [
      { abort: { grpc_status: 1, http_status: 503, percentage: {} } },
      'f.abort.grpc_status',
      'not supported yet',
    ],
    [{ response_rate_limit: {} }, 'f.response_rate_limit', 'not supported yet'],
    [{ header: [] }, 'f.header', 'did you mean "headers"?'],
  ]
  it.each(cases)('refuse %j at %s', (value, at, what) => {
    const settings = faultKind().configure(value, 'f', new Demand('http'))
    expect(settings.ok ? [] : settings.problems).toEqual([
      { at, what: expect.stringContaining(what) },
    ])
  })
})

function chainOf(value: unknown, random: () => number = seededRandom(7)): FakeChain {
  const kind = faultKind(random)
  const settings = kind.configure(value, 'f', new Demand('http'))
  if (!settings.ok) throw new Error(settings.problems.map(({ what }) => what).join('\n'))
  return new FakeChain([kind.create(settings.value, new Site())])
}
