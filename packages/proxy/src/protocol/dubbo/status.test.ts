import { describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import { DubboStatus, fromHttp, statusOf, toHttp } from './status.ts'

const known = Object.values(DubboStatus) as number[]

describe('the status of our own answers', () => {
  it.each([
    [Outcome.NoRoute, DubboStatus.ServiceNotFound],
    [Outcome.NoHealthyHost, DubboStatus.ServerError],
    [Outcome.ConnectFailed, DubboStatus.ServerError],
    [Outcome.UpstreamReset, DubboStatus.ServerError],
    [Outcome.UpstreamProtocol, DubboStatus.BadResponse],
    [Outcome.Overflow, DubboStatus.ServerThreadpoolExhausted],
    [Outcome.Timeout, DubboStatus.ServerTimeout],
    [Outcome.RequestTimeout, DubboStatus.ClientTimeout],
    [Outcome.BadRequest, DubboStatus.BadRequest],
    [Outcome.TooLarge, DubboStatus.BadRequest],
  ])('for $name is told to the caller', (outcome, status) => {
    expect(statusOf(outcome, outcome.status)).toBe(status)
  })

  it.each([
    [200, DubboStatus.Ok],
    [400, DubboStatus.BadRequest],
    [403, DubboStatus.ServerError],
    [404, DubboStatus.ServiceNotFound],
    [429, DubboStatus.BadRequest],
    [500, DubboStatus.ServiceError],
    [502, DubboStatus.ServerError],
    [503, DubboStatus.ServerThreadpoolExhausted],
    [504, DubboStatus.ServerTimeout],
  ])('for a fault that asks for %i follows it', (http, status) => {
    expect(statusOf(Outcome.FaultAbort, http)).toBe(status)
    expect(statusOf(Outcome.DirectResponse, http)).toBe(status)
  })

  it('is always one that Java clients know', () => {
    for (const outcome of Object.values(Outcome))
      expect(known).toContain(statusOf(outcome, outcome.status))
    for (let http = 100; http < 600; http++) expect(known).toContain(fromHttp(http))
  })
})

describe("a host's status in HTTP's words", () => {
  it.each([
    [20, 200],
    [25, 500],
    [30, 504],
    [31, 504],
    [35, 502],
    [40, 400],
    [50, 502],
    [60, 404],
    [70, 500],
    [80, 500],
    [90, 500],
    [100, 503],
    [0, 500],
    [255, 500],
  ])('%i is %i', (status, http) => {
    expect(toHttp(status)).toBe(http)
  })
})
