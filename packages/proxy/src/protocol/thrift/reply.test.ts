import { hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { bytesOf, callBytes, frameOf, headed, strict } from './harness.ts'
import { thriftCodec } from './thrift.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

describe('an answer of our own', () => {
  it('is the exception of the specification', () => {
    const reply = thriftCodec.reply(frameOf(vector('request')), Outcome.NoRoute, 'no route', 404)
    expect(bytesOf(reply)).toEqual(vector('no-route'))
  })

  it.each([
    [
      'old-request',
      '00000020 00000004 6563686f 03 00000001 0b0001 00000004 6c617465 080002 00000006 00',
    ],
    ['compact-request', '00000011 82 61 01 04 6563686f 18 04 6c617465 15 0c 00'],
    [
      'theader-compact-request',
      '0000001f 0fff 0000 00000005 0001 02000000 82 61 05 04 6563686f 18 04 6c617465 15 18 00',
    ],
    [
      'theader-double-request',
      `00000035 00000031 0fff 0000 00000001 0001 00000000
       80010003 00000004 6563686f 00000001 0b0001 00000004 6c617465 080002 0000000c 00`,
    ],
    [
      'ttheader-request',
      `00000031 1000 0000 00000001 0001 00000000
       80010003 00000004 6563686f 00000001 0b0001 00000004 6c617465 080002 00000006 00`,
    ],
    [
      'ttheader-framed-request',
      `00000035 1000 0000 00000001 0001 00000000 00000023
       80010003 00000004 6563686f 00000001 0b0001 00000004 6c617465 080002 00000006 00`,
    ],
    [
      'ttheader-protobuf-request',
      `00000026 1000 0000 00000001 0001 04000000
       90010003 00000004 6563686f 00000001 08 06 12 04 6c617465`,
    ],
  ])('to %s speaks its transport and its form', (name, expected) => {
    const reply = thriftCodec.reply(frameOf(vector(name)), Outcome.Timeout, 'late', 504)
    expect(bytesOf(reply)).toEqual(hex(expected))
    expect(frameOf(bytesOf(reply)).kind).toBe(FrameKind.Response)
  })

  it('names the method alone, for clients of one service of several', () => {
    const asked = frameOf(callBytes({ name: 'Shop:echo' }))
    const reply = thriftCodec.reply(asked, Outcome.NoRoute, '', 404)
    expect(thriftCodec.method(reply)).toBe('echo')
    expect(thriftCodec.service(reply)).toBeUndefined()
  })

  it('has both ids of its request, whatever the bytes say by then', () => {
    const asked = frameOf(headed(0x0fff, hex('00 00'), strict({ seqId: -7 }), 0x01020304))
    thriftCodec.readdress(asked, 99)
    const reply = frameOf(bytesOf(thriftCodec.reply(asked, Outcome.Timeout, 'late', 504)))
    expect([reply.id, reply.view]).toEqual([0xfffffff9, 0x01020304])
  })

  it.each([
    ['request', 'ready', '0b0000 00000005 7265616479 00'],
    ['request', '', '00'],
    ['old-request', 'ready', '0b0000 00000005 7265616479 00'],
    ['compact-request', 'ready', '08 00 05 7265616479 00'],
    ['compact-request', '', '00'],
    ['ttheader-protobuf-request', 'ready', ''],
  ])('that all is well, to %s with %j, is a result', (name, said, body) => {
    const { buf } = thriftCodec.reply(frameOf(vector(name)), Outcome.DirectResponse, said, 200)
    const frame = frameOf(buf)
    expect(thriftCodec.status(frame)).toBe(200)
    const before = buf.indexOf('echo') + 4 + (name === 'compact-request' ? 0 : 4)
    expect(buf.subarray(before + (name === 'old-request' ? 1 : 0))).toEqual(hex(body))
  })

  it('cuts a sentence that is too long', () => {
    const asked = frameOf(vector('request'))
    const reply = thriftCodec.reply(asked, Outcome.Timeout, 'ä'.repeat(100_000), 504)
    expect(bytesOf(reply).toString().match(/ä/g)).toHaveLength(1024)
  })

  it('can be given as soon as the head of a call is there, but to nothing else', () => {
    const bytes = vector('ttheader-request')
    const headBytes = bytes.length - 11
    expect(thriftCodec.readHead(bytes, 0, headBytes - 1)).toBeNull()
    const head = thriftCodec.readHead(bytes, 0, headBytes)!
    expect([head.kind, thriftCodec.service(head)]).toEqual([FrameKind.Request, 'demo.echo'])
    for (const name of ['oneway', 'reply', 'exception', 'compact-oneway'])
      expect(thriftCodec.readHead(vector(name), 0, vector(name).length)).toBeNull()
  })
})
