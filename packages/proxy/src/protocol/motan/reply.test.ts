import { hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { bodyOf, frameOf, metadataOf, request, requestBytes } from './harness.ts'
import { motanCodec } from './motan.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

describe('an answer of our own', () => {
  it('is the frame that a foreign proxy sends', () => {
    const asked = frameOf(vector('request-go'))
    const { buf } = motanCodec.reply(asked, Outcome.NoHealthyHost, 'no endpoint', 503)
    expect(buf).toEqual(vector('exception-go'))
  })

  it('is of the serialisation of its request', () => {
    for (const serialization of [0, 2, 6, 8, 31]) {
      const asked = request({ serialization, type: 0x0a })
      const { buf } = motanCodec.reply(asked, Outcome.Timeout, 'late', 504)
      expect(buf.toString('hex', 0, 5)).toBe(
        `f1f10109${(serialization << 3).toString(16).padStart(2, '0')}`,
      )
    }
  })

  it.each([
    [0, 'ready', '05 72 65 61 64 79'],
    [2, 'ready', '22 72 65 61 64 79 22'],
    [6, 'ready', '01 00 00 00 05 72 65 61 64 79'],
    [6, 'ä', '01 00 00 00 02 c3 a4'],
    [0, '🍎', '02 ed a0 bc ed bd 8e'],
    [0, 'x'.repeat(32), `30 20 ${'78'.repeat(32)}`],
    [0, 'x'.repeat(2000), `53 04 00 ${'78'.repeat(1024)}`],
    [6, '', '01 00 00 00 00'],
  ])('that all is well, in serialisation %i, has %j for a result', (serialization, said, body) => {
    const answer = motanCodec.reply(request({ serialization }), Outcome.DirectResponse, said, 200)
    expect(motanCodec.status(answer)).toBe(200)
    expect(bodyOf(answer)).toEqual(hex(body))
    expect(metadataOf(answer)).toBe('')
  })

  it('that all is well cannot be said in a serialisation of others', () => {
    const asked = frameOf(vector('request-breeze'))
    const answer = motanCodec.reply(asked, Outcome.DirectResponse, 'ready', 200)
    expect(motanCodec.status(answer)).toBe(500)
    expect(metadataOf(answer)).toContain('ready')
  })

  it('cuts a sentence that is too long, and keeps text of any language on one line', () => {
    const said = (sentence: string): string => {
      const answer = motanCodec.reply(request(), Outcome.Timeout, sentence, 504)
      const { errmsg } = JSON.parse(answer.header('M_e')!) as { errmsg: string }
      return errmsg
    }
    expect(said('ä'.repeat(100_000))).toBe('ä'.repeat(1024))
    expect(said('苹果 🍎\n"')).toBe('苹果 🍎\n"')
  })

  it('in Motan1 is an object of the class of exceptions', () => {
    const asked = frameOf(vector('request-v1'))
    const answer = motanCodec.reply(asked, Outcome.NoRoute, 'no route', 404)
    expect(frameOf(Buffer.from(answer.buf)).kind).toBe(FrameKind.Response)
    expect(motanCodec.status(answer)).toBe(503)
    expect(answer.buf.toString('latin1')).toContain('MotanErrorMsg')
    const well = motanCodec.reply(asked, Outcome.DirectResponse, 'hi bob', 200)
    const captured = vector('response-v1')
    captured[45] = 0
    expect(well.buf).toEqual(captured)
  })

  it('can be given as soon as the id of a request is there, but to nothing else', () => {
    const bytes = requestBytes({ id: '8000000000000005', serialization: 2 })
    expect(motanCodec.readHead(bytes, 0, 12)).toBeNull()
    const head = motanCodec.readHead(bytes, 0, 13)!
    expect(head.kind).toBe(FrameKind.Request)
    const { buf } = motanCodec.reply(head, Outcome.TooLarge, 'too large', 413)
    expect(buf.toString('hex', 2, 13)).toBe('010910' + '8000000000000005')
    const motan1 = vector('request-v1')
    expect(motanCodec.readHead(motan1, 0, 15)).toBeNull()
    expect(motanCodec.readHead(motan1, 0, 16)!.id).toBe(42)
    for (const name of ['oneway-go', 'heartbeat', 'heartbeat-v1', 'response', 'response-v1']) {
      const other = vector(name)
      for (let end = 0; end <= other.length; end++)
        expect(motanCodec.readHead(other, 0, end)).toBeNull()
    }
  })
})
