import { describeCodec, type FrameSample, hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Measure } from '../../framed.ts'
import { Outcome } from '../../outcome.ts'
import { Match } from '../../protocol.ts'
import { dubbo, dubboCodec } from './dubbo.ts'
import { frameBytes, frameOf, requestBytes } from './harness.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const grouped = {
  service: 'g1/com.demo.Svc:1.0.0',
  method: 'hi',
  timeoutMs: 1000,
  headers: { group: 'g1', 'dubbo.tag': 'gray', interface: 'com.demo.Svc', version: '1.0.0' },
}
const samples: readonly FrameSample[] = [
  {
    name: 'request',
    kind: FrameKind.Request,
    id: 1,
    service: 'com.nodejs.test.TestService:1.0.0',
    method: 'hello',
    headers: { application: 'dubbo2.js', path: 'com.nodejs.test.TestService' },
  },
  {
    name: 'request-plus',
    kind: FrameKind.Request,
    id: 1,
    service: 'SOFA/com.nodejs.test.TestService:1.0',
    method: 'plus',
    headers: { dubbo: '5.3.0', service: 'com.nodejs.test.TestService:1.0' },
  },
  { name: 'request-group', kind: FrameKind.Request, id: 16, ...grouped },
  { name: 'request-fastjson2', kind: FrameKind.Request, id: 5 },
  { name: 'oneway', kind: FrameKind.Oneway, id: 16, ...grouped },
  { name: 'response', kind: FrameKind.Response, id: 1 },
  { name: 'response-plus', kind: FrameKind.Response, id: 1 },
  {
    name: 'response-attachments',
    kind: FrameKind.Response,
    id: 1,
    headers: { dubbo: '2.0.2' },
  },
  {
    name: 'response-null-attachments',
    kind: FrameKind.Response,
    id: 1,
    headers: { dubbo: '2.0.2' },
  },
  { name: 'error', kind: FrameKind.Response, id: 3, status: 500 },
  { name: 'service-not-found', kind: FrameKind.Response, id: 1, status: 404 },
  { name: 'heartbeat', kind: FrameKind.Heartbeat, id: 7 },
  { name: 'heartbeat-ack', kind: FrameKind.HeartbeatAck, id: 7 },
  { name: 'heartbeat-oneway', kind: FrameKind.HeartbeatAck, id: 8 },
  { name: 'read-only', kind: FrameKind.GoAway, id: 9 },
  { name: 'writable', kind: FrameKind.HeartbeatAck, id: 9 },
].map((sample) => ({ ...sample, bytes: vector(sample.name) }))

describeCodec({ describe, it }, dubboCodec, samples)

describe('what begins a Dubbo frame', () => {
  it.each([
    ['nothing yet', '', Match.NeedMore],
    ['half of the magic', 'da', Match.NeedMore],
    ['the magic', 'da bb', Match.Yes],
    ['a request', 'da bb c2 00', Match.Yes],
    ['half of it and something else', 'da bc', Match.No],
    ['its end first', 'bb da', Match.No],
    ['HTTP', '47 45 54 20', Match.No],
    ['TLS', '16 03 01', Match.No],
    ['Bolt', '01 01 00 01 01', Match.No],
    ['Motan', 'f1 f1', Match.No],
  ])('%s', (_name, text, match) => {
    const head = hex(text)
    expect(dubbo.match(head)).toBe(match)
    const measured = dubboCodec.measure(head, 0, head.length)
    expect(measured).toBe(match === Match.No ? Measure.Invalid : Measure.NeedMore)
  })
})

describe('the length of a frame', () => {
  it('counts the body up to what Java reads as positive', () => {
    const frame = vector('heartbeat')
    frame.writeUInt32BE(0x7fffffff, 12)
    expect(dubboCodec.measure(frame, 0, frame.length)).toBe(16 + 0x7fffffff)
    for (const negative of [0x80000000, 0xfffffff0, 0xffffffff]) {
      frame.writeUInt32BE(negative, 12)
      expect(dubboCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
    }
  })

  it('may be that of the header alone', () => {
    const frame = frameOf(frameBytes(0xc2, 0, Buffer.alloc(0)))
    expect(frame.kind).toBe(FrameKind.Request)
    expect(dubboCodec.service(frame)).toBeUndefined()
    expect(dubboCodec.method(frame)).toBeUndefined()
    expect(dubboCodec.timeoutMs(frame)).toBe(0)
  })
})

describe('ids of 64 bits', () => {
  it.each([
    '0000000000000000',
    '0000000000000001',
    '00000000ffffffff',
    '0000000100000000',
    '001fffffffffffff',
    '0020000000000001',
    '7fffffffffffffff',
    '8000000000000000',
    'ffffffffffffffff',
    'fffffffffffffffb',
    'deadbeef00000001',
  ])('come back as they were: %s', (id) => {
    const request = frameOf(requestBytes({ id }))
    dubboCodec.readdress(request, 77)
    expect(dubboCodec.idOf(request)).toBe(77)
    expect(request.buf.toString('hex', 4, 12)).toBe('000000000000004d')
    const answer = frameOf(frameBytes(0x02, 20, hex('92'), '000000000000004d'))
    expect(answer.id).toBe(77)
    dubboCodec.restore!(answer, request)
    expect(answer.buf.toString('hex', 4, 12)).toBe(id)
    const { frame: own } = dubbo.reply(request, Outcome.Timeout, 'too late', 504)
    expect(own.buf.toString('hex', 4, 12)).toBe(id)
  })

  it('that are none of ours answer nobody', () => {
    const stranger = frameOf(frameBytes(0x02, 20, hex('92'), '000000010000004d'))
    expect(stranger.id).toBe(0)
    expect(dubboCodec.idOf(stranger)).toBe(0)
  })

  it('are repeated in the answer to a heartbeat', () => {
    const ask = frameOf(frameBytes(0xe2, 0, hex('4e'), 'deadbeefcafebabe'))
    expect(ask.kind).toBe(FrameKind.Heartbeat)
    expect(dubboCodec.heartbeatAck(ask).buf).toEqual(
      frameBytes(0x22, 20, hex('4e'), 'deadbeefcafebabe'),
    )
  })

  it('of ours stay positive in 32 bits, and exact in a double', () => {
    expect(dubboCodec.maxId).toBe(0x7fffffff)
  })
})

describe('events', () => {
  it('are answered as a foreign peer does it', () => {
    expect(dubboCodec.heartbeatAck(frameOf(vector('heartbeat'))).buf).toEqual(
      vector('heartbeat-ack'),
    )
  })

  it('are sent as a foreign peer does it', () => {
    expect(dubboCodec.heartbeat(7, 0)!.buf).toEqual(vector('heartbeat'))
  })

  it.each([
    ['fastjson2', 'f7', '37', '00 00 00 01 af'],
    ['java', 'e3', '23', 'ac ed 00 05 70'],
    ['a long one', 'f7', '37', '00'.repeat(15)],
  ])('in another serialisation are answered by what they said: %s', (_name, ask, ack, said) => {
    const frame = frameOf(frameBytes(Number.parseInt(ask, 16), 0, hex(said)))
    expect(frame.kind).toBe(FrameKind.Heartbeat)
    expect(dubboCodec.heartbeatAck(frame).buf).toEqual(
      frameBytes(Number.parseInt(ack, 16), 20, hex(said)),
    )
  })

  it('longer than Java takes are not repeated', () => {
    const frame = frameOf(frameBytes(0xf7, 0, Buffer.alloc(16)))
    expect(dubboCodec.heartbeatAck(frame).buf).toEqual(frameBytes(0x37, 20, hex('')))
  })

  it.each([
    ['hessian2', 0xa2, '01 52', FrameKind.GoAway],
    ['hessian2 that wants an answer', 0xe2, '01 52', FrameKind.GoAway],
    ['fastjson2', 0xb7, '00 00 00 02 4a 52', FrameKind.GoAway],
    ['hessian2, "W"', 0xa2, '01 57', FrameKind.HeartbeatAck],
    ['hessian2, "RR"', 0xa2, '02 52 52', FrameKind.HeartbeatAck],
    ['what nobody reads', 0xa3, '01 52', FrameKind.HeartbeatAck],
    ['nothing at all', 0xa2, '', FrameKind.HeartbeatAck],
  ])('say that a host takes no more requests: %s', (_name, flag, said, kind) => {
    expect(frameOf(frameBytes(flag, 0, hex(said))).kind).toBe(kind)
  })

  it('that send clients away are in the serialisation they speak', () => {
    const sent = (last: Buffer | null) =>
      dubboCodec.goAway(last === null ? null : frameOf(last))!.buf
    const readOnly = vector('read-only')
    readOnly[11] = 1
    expect(sent(null)).toEqual(readOnly)
    expect(sent(vector('request'))).toEqual(readOnly)
    expect(sent(vector('request-fastjson2'))).toEqual(frameBytes(0xb7, 0, hex('00 00 00 02 4a 52')))
    expect(sent(frameBytes(0xd6, 0, hex('')))).toEqual(readOnly)
  })
})
