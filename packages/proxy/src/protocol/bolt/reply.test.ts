import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { boltCodec } from './bolt.ts'
import { ERROR_HEADER } from './encode.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

describe('an answer of our own', () => {
  it('without a sentence is the frame that foreign clients were seen to accept', () => {
    const bytes = vectors.get('request-v1')!
    const request = boltCodec.read(bytes, 0, bytes.length)!
    const reply = boltCodec.reply(request, Outcome.NoRoute, '', 404)
    const expected = Buffer.from(vectors.get('no-processor-v1')!)
    expected[8] = 1
    expect(reply.buf).toEqual(expected)
  })

  it.each([
    ['request-v1', '010000020100000001' + '01' + '0007'],
    ['request-v1-headers', '010000020100001234' + '0b' + '0007'],
    ['request-v2', '02010000020100' + '00000a' + '01' + '00' + '0007'],
    ['request-v2-crc', '02020000020100' + '00000a' + '01' + '01' + '0007'],
  ])('to %s speaks its version, its codec and its switch', (name, beginning) => {
    const bytes = vectors.get(name)!
    const request = boltCodec.read(bytes, 0, bytes.length)!
    const { buf } = boltCodec.reply(request, Outcome.Timeout, 'too late', 504)
    expect(buf.toString('hex').slice(0, beginning.length)).toBe(beginning)
    const reply = boltCodec.read(buf, 0, boltCodec.measure(buf, 0, buf.length))!
    expect(reply.kind).toBe(FrameKind.Response)
    expect(boltCodec.header(reply, ERROR_HEADER)).toBe('too late')
  })

  it('has no switch bit where peers would disagree about a CRC', () => {
    const bytes = Buffer.from(vectors.get('request-v2')!)
    bytes[11] = 1
    const request = boltCodec.read(bytes, 0, bytes.length)!
    expect(boltCodec.reply(request, Outcome.Timeout, '', 504).buf[11]).toBe(0)
  })

  it('cuts a sentence that would not fit', () => {
    const bytes = vectors.get('request-v1')!
    const request = boltCodec.read(bytes, 0, bytes.length)!
    const { buf } = boltCodec.reply(request, Outcome.Timeout, 'ä'.repeat(100_000), 504)
    expect(boltCodec.measure(buf, 0, buf.length)).toBe(buf.length)
  })

  it('can be given as soon as the fixed part of a request is there, but to nothing else', () => {
    const bytes = vectors.get('request-v2-crc')!
    expect(boltCodec.readHead(bytes, 0, 23)).toBeNull()
    const head = boltCodec.readHead(bytes, 0, 24)!
    expect(boltCodec.service(head)).toBeUndefined()
    expect(boltCodec.reply(head, Outcome.TooLarge, 'too large', 413).id).toBe(10)
    for (const name of ['oneway-v1', 'heartbeat-v1', 'response-v1', 'go-away-v1']) {
      const other = vectors.get(name)!
      expect(boltCodec.readHead(other, 0, other.length)).toBeNull()
    }
  })
})
