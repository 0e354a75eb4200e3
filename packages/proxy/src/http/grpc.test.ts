import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Outcome } from '../outcome.ts'
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  GrpcStatus,
  grpcCode,
  grpcName,
  grpcStatusOf,
  grpcTimeoutMs,
  grpcTimeoutText,
  grpcToHttp,
} from './grpc.ts'

describe('the time a call may take', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['1499m', 1499],
    ['1500u', 2],
    ['1n', 1],
    ['99999999n', 100],
    ['0n', 1],
    ['0S', 1],
    ['99999999H', 359_999_996_400_000],
  ])('is read from %s: %i ms', (value, ms) => {
    expect(grpcTimeoutMs(value)).toBe(ms)
  })

  it.each(['', '5', 'S', '123456789m', '-1S', '+1S', '1.5S', '5s', '5 S', ' 5S', '5Sm', '5S, 5S'])(
    'is not read from %j',
    (value) => {
      expect(grpcTimeoutMs(value)).toBe(-1)
    },
  )

  it('is written in milliseconds, or the unit above that has room', () => {
    expect(grpcTimeoutText(1499.9)).toBe('1499m')
    expect(grpcTimeoutText(0)).toBe('1m')
    expect(grpcTimeoutText(-5)).toBe('1m')
    expect(grpcTimeoutText(99_999_999)).toBe('99999999m')
    expect(grpcTimeoutText(100_000_999)).toBe('100000S')
    expect(grpcTimeoutText(200_000_000_000_000)).toBe('55555555H')
  })

  it('is never longer for being written and read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 359_999_996_400_000 }), (ms) => {
        const again = grpcTimeoutMs(grpcTimeoutText(ms))
        expect(again).toBeLessThanOrEqual(ms)
        expect(again).toBeGreaterThan(ms * 0.99)
      }),
    )
  })
})

describe('the message of a status', () => {
  it.each([
    ['no route', 'no route'],
    ['100 %', '100 %25'],
    ['a\nb', 'a%0Ab'],
    ['é ☃', '%C3%A9 %E2%98%83'],
    ['~\x7f', '~%7F'],
    ['', ''],
  ])('%j travels as %j', (text, encoded) => {
    expect(encodeGrpcMessage(text)).toBe(encoded)
    expect(decodeGrpcMessage(encoded)).toBe(text)
  })

  it('comes back whatever it was, and is visible ASCII on its way', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const encoded = encodeGrpcMessage(text)
        expect(encoded).toMatch(/^[\x20-\x7e]*$/)
        expect(decodeGrpcMessage(encoded)).toBe(text)
      }),
    )
  })

  it('keeps what is badly encoded', () => {
    expect(decodeGrpcMessage('50%, 5%2 and %zz%41')).toBe('50%, 5%2 and %zzA')
    expect(decodeGrpcMessage('%ff')).toBe('\ufffd')
  })
})

describe('codes', () => {
  const ends: readonly (readonly [Outcome, number, keyof typeof GrpcStatus])[] = [
    [Outcome.NoRoute, 404, 'UNIMPLEMENTED'],
    [Outcome.NoHealthyHost, 503, 'UNAVAILABLE'],
    [Outcome.ConnectFailed, 503, 'UNAVAILABLE'],
    [Outcome.UpstreamReset, 503, 'UNAVAILABLE'],
    [Outcome.Overflow, 503, 'UNAVAILABLE'],
    [Outcome.Timeout, 504, 'DEADLINE_EXCEEDED'],
    [Outcome.BadRequest, 400, 'INTERNAL'],
    [Outcome.UpstreamProtocol, 502, 'INTERNAL'],
    [Outcome.UpgradeRefused, 403, 'PERMISSION_DENIED'],
    [Outcome.ClientGone, 499, 'CANCELLED'],
    // What a rule chose.
    [Outcome.NoCluster, 503, 'UNAVAILABLE'],
    [Outcome.NoCluster, 404, 'UNIMPLEMENTED'],
    [Outcome.FaultAbort, 503, 'UNAVAILABLE'],
    [Outcome.FaultAbort, 401, 'UNAUTHENTICATED'],
    [Outcome.FaultAbort, 403, 'PERMISSION_DENIED'],
    [Outcome.FaultAbort, 429, 'UNAVAILABLE'],
    [Outcome.FaultAbort, 400, 'INTERNAL'],
    [Outcome.FaultAbort, 418, 'UNKNOWN'],
    [Outcome.DirectResponse, 200, 'UNKNOWN'],
    [Outcome.Redirect, 301, 'UNKNOWN'],
  ]
  it.each(ends)('tell how a call ended: $name with %i is %s', (outcome, status, name) => {
    expect(grpcStatusOf(outcome, status)).toBe(GrpcStatus[name])
    expect(grpcName(GrpcStatus[name])).toBe(name)
  })

  it('are known for every way to end but those whose status a rule chooses', () => {
    const chosen: readonly Outcome[] = [
      Outcome.DirectResponse,
      Outcome.FaultAbort,
      Outcome.Redirect,
    ]
    const unknown = Object.values(Outcome).filter(
      (outcome) => grpcStatusOf(outcome, outcome.status) === GrpcStatus.UNKNOWN,
    )
    expect(unknown.filter((outcome) => !chosen.includes(outcome))).toEqual([])
  })

  it('have a status of HTTP each, and what is none counts as an error of the host', () => {
    const codes = Object.values(GrpcStatus)
    expect(codes).toEqual(codes.map((_, index) => index))
    expect(codes.map(grpcToHttp)).toEqual([
      200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
    ])
    expect(grpcToHttp(17)).toBe(500)
    expect(grpcName(17)).toBe('17')
  })

  it.each([
    ['0', 0],
    ['14', 14],
    [undefined, -1],
    ['', -1],
    ['x', -1],
    ['-1', -1],
    ['0, 0', -1],
  ])('are read from a header: %j is %i', (value, code) => {
    expect(grpcCode(value)).toBe(code)
  })
})
