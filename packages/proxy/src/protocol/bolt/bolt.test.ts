import { describeCodec, type FrameSample, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Measure } from '../../framed.ts'
import { Outcome } from '../../outcome.ts'
import { Match } from '../../protocol.ts'
import { bolt, boltCodec } from './bolt.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const plus = {
  service: 'com.nodejs.test.TestService:1.0',
  method: 'plus',
  timeoutMs: 3000,
  headers: { service: 'com.nodejs.test.TestService:1.0' },
}
const samples: readonly FrameSample[] = [
  { name: 'request-v1', kind: FrameKind.Request, id: 1, ...plus },
  { name: 'request-v2', kind: FrameKind.Request, id: 10, ...plus },
  { name: 'request-v2-crc', kind: FrameKind.Request, id: 10, ...plus },
  { name: 'oneway-v1', kind: FrameKind.Oneway, id: 9, ...plus },
  {
    name: 'request-v1-headers',
    kind: FrameKind.Request,
    id: 0x1234,
    service: 'com.demo.Svc:1.0',
    method: 'hi',
    timeoutMs: 3000,
    headers: {
      sofa_head_target_service: 'com.demo.Svc:1.0',
      'rpc_trace_context.sofaRpcId': '0',
    },
  },
  { name: 'response-v1', kind: FrameKind.Response, id: 1 },
  { name: 'no-processor-v1', kind: FrameKind.Response, id: 5, status: 500 },
  { name: 'heartbeat-v1', kind: FrameKind.Heartbeat, id: 7 },
  { name: 'heartbeat-ack-v1', kind: FrameKind.HeartbeatAck, id: 7 },
  { name: 'heartbeat-v2-crc', kind: FrameKind.Heartbeat, id: 7 },
  { name: 'heartbeat-v2-crc-id-42', kind: FrameKind.Heartbeat, id: 42 },
  { name: 'go-away-v1', kind: FrameKind.GoAway, id: 1 },
].map((sample) => ({ ...sample, bytes: vector(sample.name) }))

describeCodec({ describe, it }, boltCodec, samples)

describe('what begins a Bolt frame', () => {
  it.each([
    ['nothing yet', '', Match.NeedMore],
    ['version 1', '01', Match.NeedMore],
    ['a request of version 1', '01 01 00 01', Match.NeedMore],
    ['a request of version 1, ver2 too', '01 01 00 01 01', Match.Yes],
    ['a response as first frame', '01 00 00 02 01', Match.Yes],
    ['a heartbeat', '01 01 00 00 01', Match.Yes],
    ['a go-away', '01 01 00 64 01', Match.Yes],
    ['a one-way request', '01 02 00 01 01', Match.Yes],
    ['a request of version 2', '02 01 01 00 01 01', Match.Yes],
    ['a request of version 2, half', '02 02 01 00 01', Match.NeedMore],
    ['version 3', '03', Match.No],
    ['version 0', '00', Match.No],
    ['ver1 3', '02 03', Match.No],
    ['ver1 0', '02 00', Match.No],
    ['type 3', '01 03', Match.No],
    ['a command above 255', '01 01 01', Match.No],
    ['an unknown command', '01 01 00 07', Match.No],
    ['a request with the command of a response', '01 01 00 02', Match.No],
    ['a response with the command of a request', '01 00 00 01', Match.No],
    ['a response that goes away', '01 00 00 64', Match.No],
    ['ver2 2', '01 01 00 01 02', Match.No],
    ['ver2 0 in version 2', '02 01 01 00 01 00', Match.No],
    ['HTTP', '47 45 54 20', Match.No],
    ['TLS', '16 03 01', Match.No],
  ])('%s', (_name, text, match) => {
    const head = Buffer.from(text.replaceAll(' ', ''), 'hex')
    expect(bolt.match(head)).toBe(match)
    const measured = boltCodec.measure(head, 0, head.length)
    expect(measured).toBe(match === Match.No ? Measure.Invalid : Measure.NeedMore)
  })
})

describe('the length of a frame', () => {
  it('counts the content as unsigned, up to what hosts can read', () => {
    const frame = vector('heartbeat-v1')
    frame[3] = 1
    frame.writeUInt32BE(0x7fffffff, 18)
    expect(boltCodec.measure(frame, 0, frame.length)).toBe(22 + 0x7fffffff)
    frame.writeUInt32BE(0x80000000, 18)
    expect(boltCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
  })

  it('has no class name or header map that hosts would take for a negative length', () => {
    for (const at of [14, 16]) {
      const frame = vector('go-away-v1')
      frame.writeUInt16BE(0x7fff, at)
      expect(boltCodec.measure(frame, 0, frame.length)).toBe(22 + 0x7fff)
      frame.writeUInt16BE(0x8000, at)
      expect(boltCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
    }
  })

  it('ends in four bytes of CRC only when ver1 is 2 and the switch is on', () => {
    const cases: [ver1: number, flags: number, length: number][] = [
      [1, 0, 24],
      [1, 1, 24],
      [2, 0, 24],
      [2, 1, 28],
      [2, 3, 28],
    ]
    for (const [ver1, flags, length] of cases) {
      const frame = vector('heartbeat-v2-crc')
      frame[1] = ver1
      frame[11] = flags
      expect(boltCodec.measure(frame, 0, frame.length)).toBe(length)
    }
  })

  it('is not told for a switch byte that Java refuses', () => {
    const frame = vector('request-v2')
    frame[11] = 0x80
    expect(boltCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
  })

  it('is not told for a request of an unknown command, which hosts refuse', () => {
    const frame = vector('request-v1')
    frame[3] = 3
    expect(boltCodec.measure(frame, 0, frame.length)).toBe(Measure.Invalid)
  })
})

describe('a CRC', () => {
  it('that does not fit makes the frame unreadable, wherever a byte changed', () => {
    const good = vector('request-v2-crc')
    expect(boltCodec.read(good, 0, good.length)).not.toBeNull()
    for (const at of [6, 9, 12, 30, 100, 200, good.length - 1]) {
      const frame = Buffer.from(good)
      frame[at]! ^= 1
      expect(boltCodec.read(frame, 0, frame.length)).toBeNull()
    }
  })

  it('is computed again when the id changes', () => {
    const bytes = vector('heartbeat-v2-crc')
    boltCodec.readdress(boltCodec.read(bytes, 0, bytes.length)!, 42)
    expect(bytes).toEqual(vector('heartbeat-v2-crc-id-42'))
  })
})

describe('ids', () => {
  it('of callers may use all 32 bits; ours stay positive in a signed number', () => {
    const bytes = vector('request-v1')
    bytes.writeUInt32BE(0xfffffffe, 5)
    const frame = boltCodec.read(bytes, 0, bytes.length)!
    expect(frame.id).toBe(0xfffffffe)
    boltCodec.readdress(frame, 1)
    const { frame: reply } = bolt.reply(frame, Outcome.Overflow, '', 503)
    expect(boltCodec.idOf(reply)).toBe(0xfffffffe)
    expect(boltCodec.maxId).toBe(0x7fffffff)
  })
})

describe('a connection to a host', () => {
  it.each([
    ['request-v1', 0x100],
    ['request-v2', 0x201],
    ['request-v2-crc', 0x202],
  ])('of %s is shared only by what speaks alike', (name, key) => {
    const bytes = vector(name)
    expect(bolt.poolKey(boltCodec.read(bytes, 0, bytes.length)!)).toBe(key)
  })

  it.each([
    [0, 'heartbeat-v1'],
    [0x100, 'heartbeat-v1'],
    [0x202, 'heartbeat-v2-crc'],
  ])('of pool key %i is kept alive by a heartbeat like the captured one', (key, name) => {
    expect(boltCodec.heartbeat(7, key)!.buf).toEqual(vector(name))
  })

  it('of version 2 with ver1 1 gets heartbeats without CRC', () => {
    const { buf } = boltCodec.heartbeat(7, 0x201)!
    expect(buf.toString('hex')).toBe('020101000001000000070100' + '00000bb8' + '0000000000000000')
  })
})

describe('a heartbeat', () => {
  it('is acknowledged as a foreign peer does it', () => {
    const ask = vector('heartbeat-v1')
    const ack = boltCodec.heartbeatAck(boltCodec.read(ask, 0, ask.length)!)
    expect(ack.buf).toEqual(vector('heartbeat-ack-v1'))
  })
})

describe('a go-away', () => {
  it('is the frame that MOSN knows, in the version the client speaks', () => {
    const v1 = vector('request-v1-headers')
    const v2 = vector('request-v2')
    expect(boltCodec.goAway(null)!.buf).toEqual(vector('go-away-v1'))
    expect(boltCodec.goAway(boltCodec.read(v1, 0, v1.length))!.buf).toEqual(vector('go-away-v1'))
    expect(boltCodec.goAway(boltCodec.read(v2, 0, v2.length))!.buf[0]).toBe(2)
  })
})

describe('time-outs', () => {
  it.each([
    [0, 0],
    [1, 1],
    [0x7fffffff, 0x7fffffff],
    [-1, -1],
    [-7, -1],
  ])('%i ms in the bytes are %i', (wire, ms) => {
    const bytes = vector('request-v2-crc')
    bytes.writeInt32BE(wire, 12)
    const head = boltCodec.readHead(bytes, 0, bytes.length)!
    expect(bolt.timeoutMs(head)).toBe(ms)
  })
})
