import { describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import { fromHttp, statusOf, TarsResult, toHttp } from './status.ts'

describe('the result of our own answers', () => {
  it.each([
    [Outcome.NoRoute, TarsResult.NoServant],
    [Outcome.NoHealthyHost, TarsResult.AdapterNull],
    [Outcome.ConnectFailed, TarsResult.ConnectError],
    [Outcome.UpstreamReset, TarsResult.ConnectError],
    [Outcome.UpstreamProtocol, TarsResult.ClientDecodeError],
    [Outcome.Overflow, TarsResult.Overload],
    [Outcome.Timeout, TarsResult.CallTimeout],
    [Outcome.BadRequest, TarsResult.ServerDecodeError],
    [Outcome.TooLarge, TarsResult.ServerDecodeError],
  ])('for $name is told to the caller', (outcome, result) => {
    expect(statusOf(outcome, outcome.status)).toBe(result)
  })

  it.each([
    [200, TarsResult.Success],
    [403, TarsResult.Unknown],
    [404, TarsResult.NoServant],
    [429, TarsResult.Overload],
    [500, TarsResult.Unknown],
    [502, TarsResult.ConnectError],
    [503, TarsResult.Overload],
    [504, TarsResult.CallTimeout],
  ])('for a fault that asks for %i follows it', (http, result) => {
    expect(statusOf(Outcome.FaultAbort, http)).toBe(result)
    expect(statusOf(Outcome.DirectResponse, http)).toBe(result)
  })

  it('for a call that names nothing known is not that for one that cannot be read', () => {
    expect(statusOf(Outcome.BadRequest, 400)).toBe(TarsResult.ServerDecodeError)
    expect(statusOf(Outcome.BadRequest, 404)).toBe(TarsResult.NoServant)
  })

  it('is always one that the framework has', () => {
    const known = Object.values(TarsResult) as number[]
    for (const outcome of Object.values(Outcome))
      expect(known).toContain(statusOf(outcome, outcome.status))
    for (let http = 100; http < 600; http++) expect(known).toContain(fromHttp(http))
  })
})

describe("a host's result in HTTP's words", () => {
  it.each([
    [0, 200],
    [-1, 400],
    [-2, 500],
    [-3, 404],
    [-4, 404],
    [-5, 503],
    [-6, 504],
    [-7, 504],
    [-8, 502],
    [-9, 503],
    [-10, 503],
    [-11, 403],
    [-12, 502],
    [-99, 500],
    [1, 500],
    [17, 500],
    [0x7fffffff, 500],
  ])('%i is %i', (result, http) => {
    expect(toHttp(result)).toBe(http)
  })
})
