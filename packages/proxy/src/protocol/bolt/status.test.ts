import { describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import { BoltStatus, fromHttp, statusOf, toHttp } from './status.ts'

describe('the status of our own answers', () => {
  it.each([
    [Outcome.NoRoute, BoltStatus.NoProcessor],
    [Outcome.NoHealthyHost, BoltStatus.ConnectionClosed],
    [Outcome.ConnectFailed, BoltStatus.ConnectionClosed],
    [Outcome.UpstreamReset, BoltStatus.ConnectionClosed],
    [Outcome.Overflow, BoltStatus.ServerThreadpoolBusy],
    [Outcome.Timeout, BoltStatus.Timeout],
    [Outcome.BadRequest, BoltStatus.CodecException],
    [Outcome.TooLarge, BoltStatus.CodecException],
  ])('for $name is told to the caller', (outcome, status) => {
    expect(statusOf(outcome, outcome.status)).toBe(status)
  })

  it.each([
    [200, BoltStatus.Success],
    [404, BoltStatus.NoProcessor],
    [429, BoltStatus.Unknown],
    [500, BoltStatus.Unknown],
    [503, BoltStatus.ServerThreadpoolBusy],
    [504, BoltStatus.Timeout],
  ])('for a fault that asks for %i follows it', (http, status) => {
    expect(statusOf(Outcome.FaultAbort, http)).toBe(status)
    expect(statusOf(Outcome.DirectResponse, http)).toBe(status)
  })

  it('is always one that Java clients know', () => {
    const known = Object.values(BoltStatus) as number[]
    for (const outcome of Object.values(Outcome))
      expect(known).toContain(statusOf(outcome, outcome.status))
    for (let http = 100; http < 600; http++) expect(known).toContain(fromHttp(http))
  })
})

describe("a host's status in HTTP's words", () => {
  it.each([
    [0, 200],
    [4, 503],
    [7, 504],
    [16, 502],
    [1, 500],
    [6, 500],
    [18, 500],
    [99, 500],
  ])('%i is %i', (status, http) => {
    expect(toHttp(status)).toBe(http)
  })
})
