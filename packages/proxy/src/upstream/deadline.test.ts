import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../frame.ts'
import { Outcome } from '../outcome.ts'
import type { Forward } from '../route.ts'
import { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import { limit, tellWhatIsLeft } from './deadline.ts'

class Patient extends FakeProtocol {
  override timeoutMs(request?: Frame): number {
    return Number(request?.header('timeout') ?? 0)
  }
  shorten(request: Frame, leftMs: number): void {
    request.set('timeout', String(leftMs))
  }
}

const protocol = new Patient()
const START = 1000
const { chain, session } = new FakeChain()

function callOf(timeout: number, kind: FrameKind = FrameKind.Request): Call {
  const headers: Record<string, string> = timeout === 0 ? {} : { timeout: String(timeout) }
  return new Call(session, chain, protocol.request(headers, false, kind), START)
}

function limited(timeout: number, route: Partial<Forward<Cluster>>): Call {
  const call = callOf(timeout)
  const all = {
    timeoutMs: 15_000,
    maxDurationMs: null,
    grpcTimeoutMaxMs: null,
    grpcTimeoutOffsetMs: 0,
    ...route,
  }
  limit(call, all as Forward<Cluster>)
  return call
}

describe('how long a call may take', () => {
  const cases: readonly (readonly [
    name: string,
    asked: number,
    route: Partial<Forward<Cluster>>,
    ms: number,
    fromTheStart: boolean,
    ends: Outcome,
  ])[] = [
    ['what its route says, from its end', 0, {}, 15_000, false, Outcome.Timeout],
    ['what its caller says', 500, {}, 500, true, Outcome.Timeout],
    [
      'what its caller says, though the route is less patient',
      60_000,
      {},
      60_000,
      true,
      Outcome.Timeout,
    ],
    ['for ever where its caller waits so long', -1, {}, 0, false, Outcome.Timeout],
    ['the duration of its route', 0, { maxDurationMs: 700 }, 700, true, Outcome.MaxDuration],
    ['for ever where the duration is', 0, { maxDurationMs: 0 }, 0, false, Outcome.Timeout],
    ['the shorter: of the caller', 500, { maxDurationMs: 700 }, 500, true, Outcome.Timeout],
    ['the shorter: of the route', 900, { maxDurationMs: 700 }, 700, true, Outcome.MaxDuration],
    [
      'what its caller says where the duration is for ever',
      900,
      { maxDurationMs: 0 },
      900,
      true,
      Outcome.Timeout,
    ],
    ['the most that a caller may say', 900, { grpcTimeoutMaxMs: 800 }, 800, true, Outcome.Timeout],
    ['less than the most', 700, { grpcTimeoutMaxMs: 800 }, 700, true, Outcome.Timeout],
    ['anything a caller says', 99_000, { grpcTimeoutMaxMs: 0 }, 99_000, true, Outcome.Timeout],
    [
      'what the caller may say, whatever the duration',
      900,
      { grpcTimeoutMaxMs: 0, maxDurationMs: 1 },
      900,
      true,
      Outcome.Timeout,
    ],
    [
      'less, to answer before the caller gives up',
      900,
      { grpcTimeoutMaxMs: 800, grpcTimeoutOffsetMs: 50 },
      750,
      true,
      Outcome.Timeout,
    ],
    [
      'not less than nothing',
      40,
      { grpcTimeoutMaxMs: 800, grpcTimeoutOffsetMs: 50 },
      40,
      true,
      Outcome.Timeout,
    ],
  ]
  it.each(cases)('is %s', (_name, asked, route, ms, fromTheStart, ends) => {
    const call = limited(asked, route)
    expect([call.timeoutMs, call.timeoutAt]).toEqual([ms, fromTheStart ? START + ms : 0])
    expect(call.timeoutOutcome).toBe(ends)
  })

  it('is for ever where nobody waits', () => {
    const call = callOf(500, FrameKind.Oneway)
    limit(call, { timeoutMs: 1, maxDurationMs: 1 } as Forward<Cluster>)
    expect([call.timeoutMs, call.timeoutAt, call.toldMs]).toEqual([0, 0, 0])
  })
})

describe('what is left of a deadline', () => {
  it('is told when at least a millisecond has gone by since it was told last', () => {
    const call = limited(500, {})
    tellWhatIsLeft(call, START + 0.9)
    expect(call.request.edits).toBeNull()
    tellWhatIsLeft(call, START + 20)
    expect(call.request.header('timeout')).toBe('480')
    tellWhatIsLeft(call, START + 20.5)
    expect(call.request.header('timeout')).toBe('480')
    tellWhatIsLeft(call, START + 120)
    expect(call.request.header('timeout')).toBe('380')
  })

  it('is told at once where the route allows less than the caller asked', () => {
    const call = limited(900, { maxDurationMs: 700 })
    tellWhatIsLeft(call, START)
    expect(call.request.header('timeout')).toBe('700')
  })
})
