import { hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { dubboCodec } from './dubbo.ts'
import { bodyOf, decoded, frameOf, request, requestBytes } from './harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

describe('an answer of our own', () => {
  it('is the frame that foreign clients were seen to accept', () => {
    const asked = frameOf(Buffer.from(vectors.get('request')!))
    const { buf } = dubboCodec.reply(asked, Outcome.NoRoute, 'no route for com.demo.Svc', 404)
    expect(buf).toEqual(vectors.get('service-not-found'))
  })

  it.each([
    [0xc2, 0x02, '04 6c 61 74 65'],
    [0xca, 0x0a, '04 6c 61 74 65'],
    [0xd7, 0x17, '00 00 00 05 4d 6c 61 74 65'],
    [0xc3, 0x03, ''],
    [0xd6, 0x16, ''],
  ])('to a request of flag %i has flag %i and says what it can', (asked, answered, body) => {
    const answer = dubboCodec.reply(request({ flag: asked }), Outcome.Timeout, 'late', 504)
    expect(answer.buf[2]).toBe(answered)
    expect(answer.buf[3]).toBe(31)
    expect(bodyOf(answer)).toEqual(hex(body))
  })

  it.each([
    [0xc2, 'ready', 20, '91 05 72 65 61 64 79'],
    [0xc2, '', 20, '92'],
    [0xd7, 'ready', 20, '00 00 00 01 01 00 00 00 06 4e 72 65 61 64 79'],
    [0xd7, '', 20, '00 00 00 01 02'],
    [0xc3, 'ready', 80, ''],
  ])('that all is well, to flag %i with %j, has status %i and a result', (flag, said, ...rest) => {
    const [status, body] = rest
    const answer = dubboCodec.reply(request({ flag }), Outcome.DirectResponse, said, 200)
    expect(answer.buf[3]).toBe(status)
    expect(bodyOf(answer)).toEqual(hex(body))
  })

  it('cuts a sentence that is too long, and keeps text of any language', () => {
    const said = (sentence: string): unknown =>
      decoded(bodyOf(dubboCodec.reply(request(), Outcome.Timeout, sentence, 504)))
    expect(said('ä'.repeat(100_000))).toBe('ä'.repeat(1024))
    expect(said('苹果 🍎')).toBe('苹果 🍎')
  })

  it('can be given as soon as the header of a request is there, but to nothing else', () => {
    const bytes = requestBytes({ id: '8000000000000005', attachments: { group: 'east' } })
    expect(dubboCodec.readHead(bytes, 0, 15)).toBeNull()
    for (let end = 16; end < bytes.length; end++) {
      const head = dubboCodec.readHead(bytes, 0, end)!
      expect(dubboCodec.header(head, 'group')).toBeUndefined()
      expect(dubboCodec.timeoutMs(head)).toBe(0)
    }
    const head = dubboCodec.readHead(bytes, 0, 16)!
    expect(head.kind).toBe(FrameKind.Request)
    const { buf } = dubboCodec.reply(head, Outcome.TooLarge, 'too large', 413)
    expect(buf.toString('hex', 2, 12)).toBe('0228' + '8000000000000005')
    for (const name of ['oneway', 'heartbeat', 'response', 'read-only']) {
      const other = vectors.get(name)!
      expect(dubboCodec.readHead(other, 0, other.length)).toBeNull()
    }
  })
})
