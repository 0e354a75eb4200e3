import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { frameOf, requestOf } from './harness.ts'
import { tarsCodec } from './tars.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

describe('an answer of our own', () => {
  it('has the result, and the sentence as its description', () => {
    const request = frameOf(vectors.get('ping')!)
    const reply = tarsCodec.reply(request, Outcome.NoRoute, 'no such f', 404)
    expect(reply.buf.toString('hex')).toBe(
      '000000211001' +
        '2c' +
        '3200000005' +
        '4c' +
        '50fc' +
        '6d000c' +
        '780c' +
        '8609' +
        Buffer.from('no such f').toString('hex') +
        '980c',
    )
    expect(frameOf(reply.buf)).toMatchObject({ kind: FrameKind.Response, id: 5 })
  })

  it('to TUP has both in the status map, and a map of no attributes', () => {
    for (const name of ['tup-request', 'tup-old-request']) {
      const request = frameOf(vectors.get(name)!)
      const reply = tarsCodec.reply(request, Outcome.Timeout, 'too late', 504)
      const answer = tarsCodec.asAnswer!(frameOf(reply.buf))!
      expect(tarsCodec.status(answer)).toBe(504)
      expect(tarsCodec.header(answer, 'STATUS_RESULT_CODE')).toBe('-7')
      expect(tarsCodec.header(answer, 'STATUS_RESULT_DESC')).toBe('too late')
      expect(reply.buf[5]).toBe(request.buf[5])
      expect(reply.buf.toString('hex')).toContain('7d000002080c')
    }
  })

  it('to a request with JSON has an object', () => {
    const reply = tarsCodec.reply(frameOf(vectors.get('json-request')!), Outcome.Ok, '', 200)
    expect(reply.buf.toString('latin1')).toContain('{}')
    expect(reply.buf[5]).toBe(5)
  })

  it('goes to ids below 0 too', () => {
    const request = requestOf({ id: -7 })
    const reply = tarsCodec.reply(request, Outcome.Timeout, '', 504)
    expect(frameOf(reply.buf).id).toBe(-7)
  })

  it('cuts a sentence that would not fit', () => {
    const { buf } = tarsCodec.reply(requestOf(), Outcome.Timeout, 'ä'.repeat(100_000), 504)
    expect(buf.length).toBeLessThan(3000)
    expect(frameOf(buf).kind).toBe(FrameKind.Response)
  })

  it('can be given as soon as the id of a request is there, but to nothing else', () => {
    const { buf } = requestOf({ id: 0x01020304 })
    for (let end = 0; end <= 13; end++) expect(tarsCodec.readHead(buf, 0, end), `${end}`).toBeNull()
    const head = tarsCodec.readHead(buf, 0, 14)!
    expect(tarsCodec.reply(head, Outcome.TooLarge, 'too large', 413).id).toBe(0x01020304)
    for (const name of ['oneway', 'answer', 'reconnect']) {
      const other = vectors.get(name)!
      expect(tarsCodec.readHead(other, 0, other.length), name).toBeNull()
    }
  })
})
