import { describeCodec, type FrameSample, hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Measure } from '../../framed.ts'
import { Outcome } from '../../outcome.ts'
import { Match } from '../../protocol.ts'
import { frameBytes, frameOf, requestBytes } from './harness.ts'
import { motan, motanCodec } from './motan.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const hi = { service: 'g1/com.demo.Svc:1.0', method: 'hi', timeoutMs: 3000 }
const java = { ...hi, headers: { color: 'gray', group: 'g1', version: '1.0', M_tmo: '3000' } }
const go = { service: 'g1/com.demo.Svc', method: 'hi', headers: { M_p: 'com.demo.Svc' } }
const { Request, Oneway, Response, Heartbeat, HeartbeatAck } = FrameKind
const samples: readonly FrameSample[] = [
  { name: 'request', kind: Request, id: 0x12345678, ...java },
  { name: 'request-simple', kind: Request, id: 9, ...java },
  { name: 'request-go', kind: Request, id: 42, ...go },
  { name: 'request-gzip', kind: Request, id: 5, service: 'com.demo.Svc', method: 'hi' },
  { name: 'request-v1', kind: Request, id: 42, ...java },
  { name: 'request-v1-no-arguments', kind: Request, id: 43, ...java, method: 'ping' },
  { name: 'request-v1-null', kind: Request, id: 44, ...java },
  {
    name: 'request-v1-unicode',
    kind: Request,
    id: 46,
    ...hi,
    headers: { fruit: '苹果 🍎', color: 'gray' },
  },
  { name: 'request-v1-compressed', kind: Request, id: 47 },
  { name: 'oneway-go', kind: Oneway, id: 43, ...go },
  { name: 'response', kind: Response, id: 42, headers: { via: 'x', M_pt: '3' } },
  { name: 'response-null', kind: Response, id: 42 },
  { name: 'response-go', kind: Response, id: 42, headers: { M_pt: '3' } },
  { name: 'exception', kind: Response, id: 42, status: 200 },
  { name: 'exception-timeout', kind: Response, id: 42, status: 504 },
  { name: 'exception-go', kind: Response, id: 42, status: 503 },
  { name: 'response-v1', kind: Response, id: 42 },
  { name: 'response-v1-null', kind: Response, id: 42 },
  { name: 'exception-v1', kind: Response, id: 42, status: 200 },
  { name: 'exception-v1-service', kind: Response, id: 42, status: 503 },
  { name: 'heartbeat', kind: Heartbeat, id: 7 },
  { name: 'heartbeat-ack', kind: HeartbeatAck, id: 7 },
  { name: 'heartbeat-go', kind: Heartbeat, id: 7 },
  { name: 'heartbeat-go-ack', kind: HeartbeatAck, id: 7 },
  { name: 'heartbeat-v1', kind: Heartbeat, id: 7 },
  { name: 'heartbeat-v1-answer', kind: Response, id: 7 },
].map((sample) => ({ ...sample, bytes: vector(sample.name) }))

describeCodec({ describe, it }, motanCodec, samples)

describe('what begins a Motan frame', () => {
  it.each([
    ['nothing yet', '', Match.NeedMore],
    ['half of the magic', 'f1', Match.NeedMore],
    ['the magic', 'f1 f1', Match.NeedMore],
    ['the magic and a type', 'f1 f1 00', Match.NeedMore],
    ['a request of Motan2', 'f1 f1 00 08', Match.Yes],
    ['an exception of Motan2', 'f1 f1 01 09', Match.Yes],
    ['a type that nobody has, of Motan2', 'f1 f1 e0 08', Match.Yes],
    ['a request of Motan1', 'f1 f1 00 00', Match.Yes],
    ['a response of Motan1', 'f1 f1 00 01', Match.Yes],
    ['neither, in the version of Motan1', 'f1 f1 00 02', Match.No],
    ['a type in the version of Motan1', 'f1 f1 10 00', Match.No],
    ['the version after it', 'f1 f1 00 10', Match.No],
    ['the last version', 'f1 f1 00 f8', Match.No],
    ['the inner magic of Motan1', 'f0 f0', Match.No],
    ['half of it and something else', 'f1 f0', Match.No],
    ['HTTP', '47 45 54 20', Match.No],
    ['TLS', '16 03 01', Match.No],
    ['Dubbo', 'da bb c2 00', Match.No],
  ])('%s', (_name, text, match) => {
    const head = hex(text)
    expect(motan.match(head)).toBe(match)
    const measured = motanCodec.measure(head, 0, head.length)
    expect(measured).toBe(match === Match.No ? Measure.Invalid : Measure.NeedMore)
  })
})

describe('the length of a frame', () => {
  it('is told at least, while the metadata has not come, and refused by that', () => {
    const frame = requestBytes({ body: hex('01 02 03') })
    for (let end = 17; end < frame.length - 3; end++)
      expect(motanCodec.measure(frame, 0, end)).toBe(frame.length - 3)
    expect(motanCodec.measure(frame, 0, frame.length - 3)).toBe(frame.length)
  })

  it.each([0x7fffffec, 0x80000000, 0xfffffff0, 0xffffffff])(
    'is not told for metadata of %i bytes, which hosts read as none',
    (length) => {
      const frame = vector('request')
      frame.writeUInt32BE(length, 13)
      expect(motanCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
    },
  )

  it('is not told for a body that hosts read as negative', () => {
    const frame = vector('heartbeat')
    frame.writeUInt32BE(0x7fffffff, 17)
    expect(motanCodec.measure(frame, 0, frame.length)).toBe(21 + 0x7fffffff)
    frame.writeUInt32BE(0x80000000, 17)
    expect(motanCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
  })

  it('of Motan1 has room for the inner header', () => {
    const frame = vector('request-v1')
    for (const length of [0, 15, 0x80000000, 0xffffffff]) {
      frame.writeUInt32BE(length, 12)
      expect(motanCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
    }
  })

  it('may be that of the headers alone', () => {
    const frame = frameOf(frameBytes(0, 0, ''))
    expect(frame.kind).toBe(FrameKind.Request)
    expect(motanCodec.service(frame)).toBeUndefined()
    expect(motanCodec.method(frame)).toBeUndefined()
    expect(motanCodec.timeoutMs(frame)).toBe(0)
  })
})

describe('the two headers of Motan1', () => {
  it.each([
    ['magic', 16, 0xf1],
    ['direction', 19, 1],
    ['high half of the id', 20, 1],
    ['low half of the id', 27, 1],
    ['length', 31, 1],
  ])('have to agree: %s', (_name, at, value) => {
    const frame = vector('request-v1')
    expect(motanCodec.read(frame, 0, frame.length)).not.toBeNull()
    frame[at] = value
    expect(motanCodec.read(frame, 0, frame.length)).toBeNull()
  })

  it('both get another id', () => {
    const bytes = vector('request-v1')
    motanCodec.readdress(frameOf(bytes), 0x01020304)
    expect(bytes.toString('hex', 4, 12)).toBe('0000000001020304')
    expect(bytes.toString('hex', 20, 28)).toBe('0000000001020304')
  })
})

describe.each([
  ['Motan2', 'request', 'response', 5],
  ['Motan1', 'request-v1', 'response-v1', 20],
])('ids of 64 bits in %s', (_name, asked, answered, at) => {
  const withId = (name: string, id: string): Buffer => {
    const bytes = vector(name)
    for (const place of at === 5 ? [5] : [4, 20]) bytes.write(id, place, 'hex')
    return bytes
  }
  it.each([
    '0000000000000000',
    '00000000ffffffff',
    '0000000100000000',
    '0020000000000001',
    '7fffffffffffffff',
    '8000000000000000',
    'ffffffffffffffff',
    'deadbeef00000001',
  ])('come back as they were: %s', (id) => {
    const request = frameOf(withId(asked, id))
    motanCodec.readdress(request, 77)
    expect(motanCodec.idOf(request)).toBe(77)
    expect(request.buf.toString('hex', at, at + 8)).toBe('000000000000004d')
    const answer = frameOf(withId(answered, '000000000000004d'))
    expect(answer.id).toBe(77)
    motanCodec.restore!(answer, request)
    expect(answer.buf).toEqual(withId(answered, id))
    const { frame: own } = motan.reply(request, Outcome.Timeout, 'too late', 504)
    expect(own.buf.toString('hex', at, at + 8)).toBe(id)
  })

  it('that are none of ours answer nobody', () => {
    expect(frameOf(withId(answered, '000000010000004d')).id).toBe(0)
    expect(motanCodec.idOf(frameOf(withId(answered, '800000000000004d')))).toBe(0)
  })
})

describe('a connection to a host', () => {
  it.each([
    [0, 'heartbeat'],
    [1, 'heartbeat-v1'],
  ])('of pool key %i is kept alive by a heartbeat like the captured one', (key, name) => {
    const beat = motanCodec.heartbeat(7, key)!
    motanCodec.readdress(beat, 7)
    expect(beat.buf).toEqual(vector(name))
  })

  it('is shared by what speaks one version', () => {
    for (const { name, bytes } of samples)
      expect(motanCodec.poolKey(frameOf(bytes))).toBe(name.includes('-v1') ? 1 : 0)
  })

  it('of Motan1 hears its own heartbeats answered, and calls that answer alike', () => {
    const beat = motanCodec.heartbeat(7, 1)!
    const answer = vector('heartbeat-v1-answer')
    expect(frameOf(Buffer.from(answer)).kind).toBe(FrameKind.Response)
    for (const at of [4, 20]) beat.buf.copy(answer, at, 4, 12)
    const frame = frameOf(answer)
    expect([frame.kind, frame.id]).toEqual([FrameKind.HeartbeatAck, 7])
  })
})

describe('a heartbeat', () => {
  it.each([
    ['heartbeat', 'heartbeat-ack'],
    ['heartbeat-go', 'heartbeat-go-ack'],
    ['heartbeat-v1', 'heartbeat-v1-answer'],
  ])('%s is acknowledged as its own peers do it', (ask, ack) => {
    expect(motanCodec.heartbeatAck(frameOf(vector(ask))).buf).toEqual(vector(ack))
  })

  it('of Motan1 is a call of one service and method alone', () => {
    for (const at of [40, 75, 80, 93]) {
      const bytes = vector('heartbeat-v1')
      bytes[at]! ^= 1
      expect(frameOf(bytes).kind).toBe(FrameKind.Request)
    }
  })
})

it('nobody can be told to go away', () => {
  expect(motanCodec.goAway(null)).toBeNull()
})
