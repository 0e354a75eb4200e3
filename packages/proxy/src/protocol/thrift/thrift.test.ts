import { describeCodec, type FrameSample, hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Measure } from '../../framed.ts'
import { Match } from '../../protocol.ts'
import { bytesOf, callBytes, frameOf, headed, lengthened, strict } from './harness.ts'
import { thrift, thriftCodec } from './thrift.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const echo = { kind: FrameKind.Request, method: 'echo' }
const fire = { kind: FrameKind.Oneway, method: 'fire' }
const answer = { kind: FrameKind.Response }
const alice = { service: 'demo.Echo', headers: { 'x-user': 'alice', svc: 'demo.Echo' } }
const samples: readonly FrameSample[] = [
  { name: 'request', id: 1, ...echo },
  { name: 'reply', id: 1, ...answer },
  { name: 'declared-exception', id: 2, ...answer },
  { name: 'oneway', id: 3, ...fire },
  { name: 'exception', id: 4, ...answer, status: 500 },
  { name: 'no-route', id: 1, ...answer, status: 404 },
  { name: 'multiplexed-request', id: 1, ...echo, service: 'Shop' },
  { name: 'old-request', id: 1, ...echo },
  { name: 'old-reply', id: 1, ...answer },
  { name: 'old-exception', id: 4, ...answer, status: 500 },
  { name: 'compact-request', id: 1, ...echo },
  { name: 'compact-reply', id: 1, ...answer },
  { name: 'compact-oneway', id: 3, ...fire },
  { name: 'compact-exception', id: 4, ...answer, status: 500 },
  { name: 'theader-numbered-request', id: 1, ...echo, ...alice },
  { name: 'theader-reply', id: 1, ...answer },
  { name: 'theader-compact-request', id: 5, ...echo, ...alice },
  { name: 'theader-compact-reply', id: 5, ...answer },
  { name: 'theader-double-request', id: 1, ...echo, ...alice },
  { name: 'theader-double-reply', id: 1, ...answer },
  {
    name: 'ttheader-request',
    id: 1,
    ...echo,
    service: 'demo.echo',
    headers: { 'x-user': 'alice', to_service: 'demo.echo', to_method: 'echo' },
  },
  {
    name: 'ttheader-timeout-request',
    id: 1,
    ...echo,
    service: 'demo.echo',
    timeoutMs: 1500,
    headers: { isn: 'Echo', from_service: 'demo.shop', rpc_timeout: '1500' },
  },
  { name: 'ttheader-framed-request', id: 1, ...echo, service: 'demo.echo' },
  { name: 'ttheader-protobuf-request', id: 1, ...echo, service: 'demo.echo' },
  { name: 'ttheader-reply', id: 1, ...answer, headers: { msg_type: '2' } },
  { name: 'ttheader-protobuf-exception', id: 1, ...answer, status: 404 },
].map((sample) => ({ ...sample, bytes: vector(sample.name) }))

describeCodec({ describe, it }, thriftCodec, samples)

describe('what begins a Thrift frame', () => {
  it.each([
    ['nothing yet', '', Match.NeedMore],
    ['a length', '00 00 00 1b', Match.NeedMore],
    ['half a magic', '00 00 00 1b 80', Match.NeedMore],
    ['strict binary', '00 00 00 1b 80 01', Match.Yes],
    ['compact', '00 00 00 1b 82 21', Match.Yes],
    ['THeader', '00 00 00 45 0f ff', Match.Yes],
    ['TTHeader', '00 00 00 45 10 00', Match.Yes],
    ['protobuf of Kitex', '00 00 00 45 90 01', Match.Yes],
    ['old binary, half a name', '00 00 00 18 00 00 00 04 65 63', Match.NeedMore],
    ['THeader in two frames, half', '00 00 00 49 00 00 00 45', Match.NeedMore],
    ['THeader in two frames', '00 00 00 49 00 00 00 45 0f ff', Match.NeedMore],
    ['something else in two frames', '00 00 00 49 00 00 00 45 80 01', Match.No],
    ['another version of binary', '00 00 00 1b 80 02', Match.No],
    ['another version of compact', '00 00 00 1b 82 22', Match.No],
    ['a compact message of no type', '00 00 00 1b 82 01', Match.No],
    ['a length beyond what is allowed', '40 00 00 00 80 01', Match.No],
    ['old binary, a name beyond the frame', '00 00 00 18 00 00 00 15 65', Match.No],
    ['old binary, a name of control characters', '00 00 00 18 00 00 00 04 01', Match.No],
    ['old binary of no type', '00 00 00 18 00 00 00 01 65 09', Match.No],
    ['Tars', '00 00 00 50 10 01', Match.No],
    ['dubbo-thrift', '00 00 00 39 da bc', Match.No],
    ['Bolt', '01 01 00 01 01 00 00 00', Match.No],
    ['Bolt, version 2', '02 01 01 00 01 01', Match.No],
    ['Redis', '2a 31 0d 0a 24 34', Match.No],
    ['HTTP', '47 45 54 20', Match.No],
    ['Dubbo', 'da bb', Match.No],
    ['Motan', 'f1 f1', Match.No],
    ['TLS', '16 03', Match.No],
    ['TLS whose length looks like a magic', '16 03 01 00 80 01', Match.No],
  ])('%s', (_name, text, match) => {
    expect(thrift.match(hex(text))).toBe(match)
  })
})

describe('the length of a frame', () => {
  const nothing = Buffer.alloc(2)
  it.each([
    ['a name that passes the end', callBytes({ body: Buffer.alloc(0), name: '' }).fill(9, 11, 12)],
    ['a negative name', callBytes().fill(0xff, 8, 12)],
    ['a type that is none', callBytes({ type: 5 })],
    ['a compact id of more than 32 bits', lengthened(hex('82 21 ff ff ff ff 7f 01 65 00'))],
    ['a compact id that never ends', lengthened(hex('82 21 ff ff ff ff ff ff ff ff'))],
    ['info that passes the end', headed(0x0fff, nothing, strict()).fill(0xff, 12, 14)],
    ['no info', lengthened(Buffer.concat([hex('0fff 0000 00000001 0000'), strict()]))],
    ['a transform that hides the message', headed(0x0fff, hex('00 01 01'), strict())],
    ['a transform of a TTHeader', headed(0x1000, hex('00 01 01'), strict())],
    ['a message of a stream', headed(0x1000, nothing, strict()).fill(2, 7, 8)],
    ['JSON behind a header', headed(0x0fff, hex('01 00'), Buffer.from('[1,"echo",1,1,{}]'))],
    ['no message at all', headed(0x0fff, nothing, Buffer.alloc(0))],
  ])('is not told for %s', (_name, bytes) => {
    expect(thriftCodec.measure(bytes, 0, bytes.length)).toBe(Measure.Invalid)
  })

  it('is known as soon as the message tells what it is', () => {
    const bytes = callBytes({ body: Buffer.alloc(5000) })
    expect(thriftCodec.measure(bytes, 0, 19)).toBe(Measure.NeedMore)
    expect(thriftCodec.measure(bytes, 0, 20)).toBe(bytes.length)
  })
})

describe('ids', () => {
  it('of callers may use all 32 bits', () => {
    for (const form of ['request', 'compact-request', 'old-request', 'ttheader-request']) {
      const frame = frameOf(vector(form))
      thriftCodec.readdress(frame, 0xfffffffe)
      const asked = frameOf(bytesOf(frame))
      expect(asked.id).toBe(0xfffffffe)
      thriftCodec.readdress(asked, 1)
      expect(bytesOf(asked)).toEqual(vector(form))
    }
  })

  it.each(['theader-request', 'theader-compact-request'])(
    'of a message and of its transport in %s are given back to both',
    (name) => {
      const bytes = vector(name)
      bytes.writeUInt32BE(0xabcd0123, 8)
      const asked = frameOf(bytes)
      thriftCodec.readdress(asked, 1000)
      expect(asked.buf.readUInt32BE(asked.start + 8)).toBe(1000)
      const answered = frameOf(vector('theader-compact-reply'))
      thriftCodec.readdress(answered, 1000)
      thriftCodec.restore!(answered, asked)
      expect(thriftCodec.idOf(answered)).toBe(asked.id)
      expect(answered.buf.readUInt32BE(answered.start + 8)).toBe(0xabcd0123)
    },
  )

  it('that grow in a compact message leave its neighbours alone', () => {
    const one = vector('compact-request')
    const bytes = Buffer.concat([one, one, one])
    const frame = thriftCodec.read(bytes, one.length, 2 * one.length)!
    for (const id of [0x7fffffff, 3, 300, 1]) {
      thriftCodec.readdress(frame, id)
      expect(thriftCodec.idOf(frameOf(bytesOf(frame)))).toBe(id)
    }
    expect(bytesOf(frame)).toEqual(one)
    expect([bytes.subarray(0, one.length), bytes.subarray(2 * one.length)]).toEqual([one, one])
  })
})

describe('a connection to a host', () => {
  const key = (name: string): number => thriftCodec.poolKey(frameOf(vector(name)))
  const alike = [
    ['request', 'oneway', 'multiplexed-request', 'reply'],
    ['old-request', 'old-reply'],
    ['compact-request', 'compact-oneway', 'compact-reply'],
    ['theader-request', 'theader-numbered-request', 'theader-reply'],
    ['theader-compact-request', 'theader-compact-reply'],
    ['theader-double-request', 'theader-double-reply'],
    ['ttheader-request', 'ttheader-framed-request', 'ttheader-reply'],
    ['ttheader-protobuf-request', 'ttheader-protobuf-exception'],
  ]

  it('is shared only by what speaks alike', () => {
    const keys = alike.map((names) => new Set(names.map(key)))
    expect(keys.map(({ size }) => size)).toEqual(alike.map(() => 1))
    expect(new Set(keys.flatMap((set) => [...set])).size).toBe(alike.length)
  })
})
