import { describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import { frameBytes, frameOf, response } from './harness.ts'
import { motanCodec } from './motan.ts'
import { fromHttp, statusOf } from './status.ts'

describe('the code of our own answers', () => {
  it.each([
    [Outcome.NoRoute, 404],
    [Outcome.NoHealthyHost, 503],
    [Outcome.ConnectFailed, 503],
    [Outcome.UpstreamReset, 503],
    [Outcome.Overflow, 503],
    [Outcome.Timeout, 503],
    [Outcome.BadRequest, 500],
    [Outcome.TooLarge, 500],
  ])('for $name is told to the caller', (outcome, code) => {
    expect(statusOf(outcome, outcome.status)).toBe(code)
  })

  it.each([
    [200, 200],
    [204, 200],
    [302, 500],
    [400, 500],
    [401, 403],
    [403, 403],
    [404, 404],
    [429, 503],
    [500, 500],
    [502, 503],
    [503, 503],
    [504, 503],
  ])('for a fault that asks for %i follows it', (http, code) => {
    expect(statusOf(Outcome.FaultAbort, http)).toBe(code)
    expect(statusOf(Outcome.DirectResponse, http)).toBe(code)
    expect(fromHttp(http)).toBe(code)
  })
})

describe("a host's exception in HTTP's words", () => {
  it.each([
    ['{"errcode":503,"errmsg":"no endpoint","errtype":1}', 503],
    ['{"errtype": 1, "errcode": 404}', 404],
    ['{"errcode":"403","errtype":"1"}', 403],
    ['{"errcode":400,"errmsg":"","errtype":0}', 400],
    ['{"errcode":1001,"errtype":1}', 503],
    ['{"errcode":1003,"errtype":1}', 500],
    ['{"errcode":10003,"errtype":1}', 504],
    ['{"errcode":10101,"errtype":1}', 404],
    ['{"errcode":10201,"errtype":1}', 413],
    ['{"errcode":10002,"errtype":1}', 503],
    ['{"errcode":20003,"errtype":0}', 500],
    ['{"errcode":30001,"errtype":2}', 200],
    ['{"errcode":404,"errmsg":"\\"errtype\\":2","errtype":1}', 404],
    ['{"errcode":0}', 500],
    ['{"errcode":-1}', 500],
    ['{"errcode":99999999999999999999}', 500],
    ['out of apples', 500],
    ['', 500],
  ])('%s is %i', (M_e, status) => {
    expect(motanCodec.status(response({ M_e, M_pt: '1' }))).toBe(status)
  })

  it('is told by the status, with or without words', () => {
    expect(motanCodec.status(frameOf(frameBytes(1, 1, 'M_pt\n1')))).toBe(500)
    expect(motanCodec.status(frameOf(frameBytes(1, 7, '')))).toBe(500)
    expect(motanCodec.status(frameOf(frameBytes(1, 0, 'M_e\n{"errcode":503}')))).toBe(200)
  })
})
