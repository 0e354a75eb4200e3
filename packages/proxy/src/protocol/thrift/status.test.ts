import { hex } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { Outcome } from '../../outcome.ts'
import { ExceptionType } from './exception.ts'
import { Transport } from './frame.ts'
import { frameOf, lengthened, strict } from './harness.ts'
import { fromHttp, statusOf, toHttp } from './status.ts'
import { thriftCodec } from './thrift.ts'

describe('the type of exception of our own answers', () => {
  it.each([
    [Outcome.NoRoute, ExceptionType.UnknownMethod, ExceptionType.UnknownMethod],
    [Outcome.NoHealthyHost, ExceptionType.InternalError, ExceptionType.InternalError],
    [Outcome.UpstreamReset, ExceptionType.InternalError, ExceptionType.InternalError],
    [Outcome.TooLarge, ExceptionType.ProtocolError, ExceptionType.ProtocolError],
    [Outcome.Timeout, ExceptionType.InternalError, ExceptionType.Timeout],
    [Outcome.Overflow, ExceptionType.InternalError, ExceptionType.LoadShedding],
  ])('for $name is one that its caller knows', (outcome, plain, theader) => {
    const type = (transport: Transport) => statusOf(outcome, outcome.status, transport)
    expect([type(Transport.Framed), type(Transport.TTHeader)]).toEqual([plain, plain])
    expect([type(Transport.THeader), type(Transport.DoubleTHeader)]).toEqual([theader, theader])
  })

  it.each([
    [200, null],
    [204, null],
    [400, ExceptionType.ProtocolError],
    [403, ExceptionType.InternalError],
    [404, ExceptionType.UnknownMethod],
    [429, ExceptionType.LoadShedding],
    [500, ExceptionType.InternalError],
    [503, ExceptionType.LoadShedding],
    [504, ExceptionType.Timeout],
  ])('for a rule that asks for %i follows it', (http, type) => {
    expect(fromHttp(http)).toBe(type)
    expect(statusOf(Outcome.DirectResponse, http, Transport.THeader)).toBe(type)
    expect(statusOf(Outcome.FaultAbort, http, Transport.THeader)).toBe(type)
  })
})

describe("an answer in HTTP's words", () => {
  it.each([
    [0, 500],
    [1, 404],
    [6, 500],
    [7, 500],
    [9, 400],
    [11, 503],
    [12, 504],
    [-3, 500],
    [99, 500],
  ])('is, of exception type %i, %i', (type, http) => {
    expect(toHttp(type)).toBe(http)
    const body = Buffer.from([0x08, 0, 2, 0, 0, 0, 0, 0])
    body.writeInt32BE(type, 3)
    expect(thriftCodec.status(frameOf(lengthened(strict({ type: 3, body }))))).toBe(http)
  })

  it.each([
    ['text first', '0b 00 01 00 00 00 01 6e 08 00 02 00 00 00 01 00', 404],
    ['type first', '08 00 02 00 00 00 01 0b 00 01 00 00 00 01 6e 00', 404],
    ['another number before it', '08 00 07 00 00 00 0c 08 00 02 00 00 00 01 00', 404],
    ['no type', '0b 00 01 00 00 00 01 6e 00', 500],
    ['nothing', '', 500],
    ['a text that passes the end', '0b 00 01 7f ff ff ff 6e 08 00 02 00 00 00 01 00', 500],
    ['a negative text', '0b 00 01 ff ff ff f9 08 00 02 00 00 00 01 00', 500],
    ['a struct before it', '0c 00 01 00 08 00 02 00 00 00 01 00', 500],
  ])('of a binary exception with %s', (_name, body, http) => {
    expect(thriftCodec.status(frameOf(lengthened(strict({ type: 3, body: hex(body) }))))).toBe(http)
  })

  it.each([
    ['text first', '18 01 6e 15 02 00', 404],
    ['type alone', '25 02 00', 404],
    ['no type', '18 01 6e 00', 500],
    ['a text that passes the end', '18 7f 6e 15 02 00', 500],
    ['a struct before it', '1c 00 15 02 00', 500],
    ['a number in the long way', '05 04 02 00', 500],
    ['half a number', '25 82', 500],
  ])('of a compact exception with %s', (_name, body, http) => {
    const bytes = lengthened(Buffer.concat([hex('82 61 01 01 65'), hex(body)]))
    expect(thriftCodec.status(frameOf(bytes))).toBe(http)
  })
})
