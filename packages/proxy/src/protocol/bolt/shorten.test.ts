import { readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { boltCodec } from './bolt.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))

function read(bytes: Buffer): Frame {
  return boltCodec.read(bytes, 0, bytes.length)!
}

describe.each(['request-v1', 'request-v2', 'request-v2-crc'])('the time-out of %s', (name) => {
  it.each([
    [2999, 2999],
    [2999.9, 2999],
    [7, 7],
    [0.4, 1],
  ])('with %d milliseconds left', (left, told) => {
    const bytes = Buffer.from(vectors.get(name)!)
    // It does not begin its buffer, as a frame among others.
    const among = Buffer.concat([Buffer.from('noise'), bytes, Buffer.from('noise')])
    const frame = boltCodec.read(among, 5, 5 + bytes.length)!
    boltCodec.shorten!(frame, left)
    expect(boltCodec.timeoutMs(frame)).toBe(told)
    boltCodec.readdress(frame, 4711)
    const sent = read(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
    expect(boltCodec.timeoutMs(sent)).toBe(told)
    expect(boltCodec.idOf(sent)).toBe(4711)
    expect(boltCodec.service(sent)).toBe('com.nodejs.test.TestService:1.0')
  })
})

it('a checksum that is on its way already stays right when the next try says less', () => {
  const bytes = Buffer.from(vectors.get('request-v2-crc')!)
  const frame = read(bytes)
  boltCodec.readdress(frame, 1)
  const sent = frame.buf
  boltCodec.shorten!(frame, 100)
  expect(boltCodec.timeoutMs(read(sent))).toBe(3000)
})
