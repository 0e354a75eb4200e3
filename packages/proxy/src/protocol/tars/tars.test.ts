import { describeCodec, type FrameSample, hex, readVectors } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Measure } from '../../framed.ts'
import { Match } from '../../protocol.ts'
import { answerOf, frameOf, packetBytes, requestOf } from './harness.ts'
import { tars, tarsCodec } from './tars.ts'

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const vector = (name: string): Buffer => Buffer.from(vectors.get(name)!)

const demo = { service: 'TARS.NodeTarsServer.NodeTarsObj', method: 'getUsrName' }
const stock = { service: 'Shop.Stock.StockObj', method: 'getUsrName', timeoutMs: 3000 }
const samples: readonly FrameSample[] = [
  { name: 'request', kind: FrameKind.Request, id: 2, ...demo, timeoutMs: 60_000 },
  {
    name: 'ping',
    kind: FrameKind.Request,
    id: 5,
    ...demo,
    method: 'tars_ping',
    timeoutMs: 3000,
  },
  {
    name: 'request-context',
    kind: FrameKind.Request,
    id: 2,
    ...stock,
    headers: { zone: 'east', 'x-id': '7', STATUS_DYED_KEY: 'k1' },
  },
  { name: 'oneway', kind: FrameKind.Oneway, id: 3, ...stock },
  { name: 'tup-request', kind: FrameKind.Request, id: 2, ...stock, timeoutMs: 2000 },
  { name: 'tup-old-request', kind: FrameKind.Request, id: 2, ...stock, timeoutMs: 2000 },
  { name: 'json-request', kind: FrameKind.Request, id: 9029, ...stock, timeoutMs: 120_000_000 },
  { name: 'answer', kind: FrameKind.Response, id: 2 },
  { name: 'answer-context', kind: FrameKind.Response, id: 2, headers: { via: 'node' } },
  { name: 'ping-answer', kind: FrameKind.Response, id: 5 },
  { name: 'no-function', kind: FrameKind.Response, id: 5, status: 404 },
  { name: 'failure', kind: FrameKind.Response, id: 4, status: 500 },
  { name: 'json-answer', kind: FrameKind.Response, id: 9029 },
  { name: 'reconnect', kind: FrameKind.GoAway, id: 0 },
].map((sample) => ({ ...sample, bytes: vector(sample.name) }))

describeCodec({ describe, it }, tarsCodec, samples)

describe('what begins a Tars packet', () => {
  it.each([
    ['nothing yet', '', Match.NeedMore],
    ['half a length', '00 00', Match.NeedMore],
    ['a length', '00 00 00 4b', Match.NeedMore],
    ["the version's field", '00 00 00 4b 10', Match.NeedMore],
    ['Tars', '00 00 00 4b 10 01', Match.Yes],
    ['TUP as it was', '00 00 00 4b 10 02', Match.Yes],
    ['TUP', '00 00 00 4b 10 03', Match.Yes],
    ['JSON', '00 00 00 4b 10 05', Match.Yes],
    ['the longest', '0f ff ff ff 10 01', Match.Yes],
    ['a longer one', '10 00 00 00 10 01', Match.No],
    ['a negative length', 'ff ff ff ff 10 01', Match.No],
    ['a length too short for any', '00 00 00 09', Match.No],
    ['the shortest', '00 00 00 0a 10 01', Match.Yes],
    ['no length', '00 00 00 00', Match.No],
    ['another version', '00 00 00 4b 10 04', Match.No],
    ['TTHeader', '00 00 00 4b 10 00', Match.No],
    ['THeader', '00 00 00 4b 0f ff', Match.No],
    ['Thrift, framed', '00 00 00 4b 80 01', Match.No],
    ['Thrift of Dubbo', '00 00 00 4b da bc', Match.No],
    ['Bolt', '01 01 00 01 01', Match.No],
    ['Dubbo', 'da bb', Match.No],
    ['TLS', '16 03 01 02 10 01', Match.No],
    ['HTTP', '47 45 54 20 2f 20', Match.No],
  ])('%s', (_name, text, match) => {
    const head = hex(text)
    expect(tars.match(head)).toBe(match)
    const measured = tarsCodec.measure(head, 0, head.length)
    expect(measured).toBe(match === Match.No ? Measure.Invalid : Measure.NeedMore)
  })
})

describe('a head that is not as hosts need it', () => {
  it.each([
    ['no packet type', '3c 4c 56 00'],
    ['a packet type of two bytes', '21 00 01 3c 4c 56 00'],
    ['tags out of order', '2c 4c 3c 56 00'],
    ['an id twice', '2c 3c 4c 4c 56 00'],
    ['an id of eight bytes', '2c 3c 43 00 00 00 00 00 00 00 01 56 00'],
    ['an id that is text', '2c 3c 46 01 31 56 00'],
    ["a struct's end", '2c 3c 4b 56 00'],
    ['no fifth field', '2c 3c 4c 66 00 7d 00 0c'],
    ['a fifth field that is a map', '2c 3c 4c 58 0c'],
    ['a fifth field of a type that does not exist', '2c 3c 4c 5e 00'],
    ['an end before the fifth field', '2c 3c 42 00 00 00 01'],
    ['an id longer than the packet', '2c 3c 3c 42 00'],
  ])('is no packet: %s', (_name, fields) => {
    const bytes = packetBytes(1, fields)
    expect(tarsCodec.measure(bytes, 0, bytes.length)).toBe(bytes.length)
    expect(tarsCodec.read(bytes, 0, bytes.length)).toBeNull()
    expect(tarsCodec.readHead(bytes, 0, bytes.length)).toBeNull()
  })

  it('is refused before the rest has come', () => {
    const bytes = packetBytes(1, '2c 4c 3c 56 00 00 00 00')
    expect(tarsCodec.measure(bytes, 0, 7)).toBe(Measure.NeedMore)
    expect(tarsCodec.measure(bytes, 0, 8)).toBe(Measure.Invalid)
  })
})

describe('requests and answers', () => {
  it.each([
    ["text of one byte's length", '56 00', FrameKind.Request],
    ["text of four bytes' length", '57 00 00 00 00', FrameKind.Request],
    ['0', '5c', FrameKind.Response],
    ['a byte', '50 fd', FrameKind.Response],
    ['two bytes', '51 ff 00', FrameKind.Response],
    ['four bytes', '52 ff ff ff 00', FrameKind.Response],
  ])('are told by tag 5: %s', (_name, fifth, kind) => {
    expect(frameOf(packetBytes(1, `2c 3c 4c ${fifth} 6d 00 0c`)).kind).toBe(kind)
  })

  it('of TUP are told by who sent them', () => {
    for (const name of ['tup-answer', 'tup-no-function']) {
      const frame = frameOf(vector(name))
      expect(frame.kind).toBe(FrameKind.Request)
      const answer = tarsCodec.asAnswer!(frame)!
      expect([answer.kind, answer.id]).toEqual([FrameKind.Response, frame.id])
    }
    for (const name of ['request', 'json-request', 'oneway', 'answer'])
      expect(tarsCodec.asAnswer!(frameOf(vector(name))), name).toBeNull()
  })

  it('of TUP are told by who is said to have sent them', () => {
    expect(tars.parse!(vector('tup-answer'))!.kind).toBe(FrameKind.Request)
    expect(tars.parse!(vector('tup-answer'), true)!.kind).toBe(FrameKind.Response)
    expect(tars.parse!(vector('answer'), true)!.kind).toBe(FrameKind.Response)
    expect(tars.parse!(vector('answer').subarray(1), true)).toBeNull()
  })

  it.each([
    ['tup-answer', 200],
    ['tup-no-function', 404],
    ['tup-request', 200],
  ])('of TUP have their result in the status map: %s', (name, status) => {
    expect(tarsCodec.status(tarsCodec.asAnswer!(frameOf(vector(name)))!)).toBe(status)
  })

  it.each([
    ['', 500],
    ['zero', 500],
    ['-', 500],
    ['12345678901', 500],
    ['-9', 503],
  ])('of TUP with the result "%s" are %i', (code, status) => {
    const answer = requestOf({ version: 3, status: [['STATUS_RESULT_CODE', code]] })
    expect(tarsCodec.status(answer)).toBe(status)
  })
})

describe('ids', () => {
  it.each([
    ['4c', 0],
    ['40 01', 1],
    ['40 ff', -1],
    ['41 00 01', 1],
    ['41 ff 00', -256],
    ['42 00 00 00 07', 7],
    ['42 80 00 00 00', -0x80000000],
    ['42 7f ff ff ff', 0x7fffffff],
  ])('in as many bytes as their client gave them: %s', (field, id) => {
    const bytes = packetBytes(1, `2c 3c ${field} 56 01 61 66 01 62 7d 00 0c 8c 98 0c a8 0c`)
    const frame = frameOf(bytes)
    expect(frame.id).toBe(id)
    tarsCodec.readdress(frame, 0x01020304)
    const written = frame.buf.subarray(frame.start, frame.end)
    expect(written).toEqual(
      packetBytes(1, '2c 3c 42 01 02 03 04 56 01 61 66 01 62 7d 00 0c 8c 98 0c a8 0c'),
    )
    expect([tarsCodec.service(frame), tarsCodec.method(frame)]).toEqual(['a', 'b'])
    tarsCodec.readdress(frame, id)
    expect(tarsCodec.idOf(frame)).toBe(id)
  })

  it('of four bytes are written over in place', () => {
    const bytes = vector('ping')
    const frame = frameOf(bytes)
    tarsCodec.readdress(frame, 77)
    expect([frame.buf, frame.start, frame.end]).toEqual([bytes, 0, bytes.length])
    expect(bytes.readInt32BE(9)).toBe(77)
  })

  it('that grow leave the bytes they were read from alone', () => {
    const bytes = vector('request')
    const frames = Array.from({ length: 2000 }, () => frameOf(bytes))
    for (const [i, frame] of frames.entries()) tarsCodec.readdress(frame, i + 1)
    expect(bytes).toEqual(vector('request'))
    for (const [i, frame] of frames.entries()) {
      expect(tarsCodec.idOf(frame)).toBe(i + 1)
      expect(frame.end - frame.start).toBe(bytes.length + 3)
    }
  })

  it('grow in packets of any size', () => {
    for (const size of [100, 4000, 5000, 40_000, 200_000]) {
      const frame = answerOf({ id: 3, bytes: Buffer.alloc(size, 'x') }, 'narrow')
      tarsCodec.readdress(frame, 9)
      const { buf, start, end } = frame
      expect(tarsCodec.measure(buf, start, end)).toBe(end - start)
      expect(buf.toString('latin1', start, end)).toContain('x'.repeat(size))
    }
  })

  it('of nobody are no go-away, but where a host says so', () => {
    expect(answerOf({ id: 0, description: '_reconnect_' }).kind).toBe(FrameKind.GoAway)
    expect(answerOf({ id: 0, description: 'news' }).kind).toBe(FrameKind.Response)
    expect(answerOf({ id: 1, description: '_reconnect_' }).kind).toBe(FrameKind.Response)
  })
})

describe('a go-away', () => {
  it('is what Go hosts say, and nothing to TUP clients', () => {
    const sent = (last: string | null) =>
      tarsCodec.goAway(last === null ? null : frameOf(vector(last)))
    expect(sent(null)!.kind).toBe(FrameKind.GoAway)
    expect(frameOf(sent('request')!.buf).kind).toBe(FrameKind.GoAway)
    expect(tarsCodec.header(sent('request')!, 'x')).toBeUndefined()
    expect(sent('tup-request')).toBeNull()
    expect(sent('tup-old-request')).toBeNull()
  })
})

describe('time-outs', () => {
  it.each([
    ['8c', 0],
    ['80 64', 100],
    ['80 ff', 0],
    ['81 0b b8', 3000],
    ['82 00 00 ea 60', 60_000],
    ['83 00 00 00 00 00 00 00 01', 0],
    ['86 01 31', 0],
    ['82 00', 0],
    ['', 0],
  ])('in the bytes as %s are %i ms', (field, ms) => {
    const frame = frameOf(packetBytes(1, `2c 3c 4c 56 00 66 00 7d 00 0c ${field}`))
    expect(tarsCodec.timeoutMs(frame)).toBe(ms)
  })

  it.each([
    ['80 64', 99.7, '8063', 99],
    ['81 0b b8', 2500, '8109c4', 2500],
    ['81 0b b8', 3, '810003', 3],
    ['82 00 00 ea 60', 59_999, '820000ea5f', 59_999],
    ['82 00 00 ea 60', 1, '8200000001', 1],
    ['82 00 00 ea 60', -5, '8200000001', 1],
    ['80 64', 5000, '8064', 100],
  ])('of %s become %d ms where they stand', (field, left, written, ms) => {
    const frame = frameOf(packetBytes(1, `2c 3c 4c 56 00 66 00 7d 00 0c ${field} 98 0c a8 0c`))
    tarsCodec.shorten!(frame, left)
    expect(frame.buf.toString('hex')).toContain(`7d000c${written}980ca80c`)
    expect(tarsCodec.timeoutMs(frame)).toBe(ms)
  })
})
