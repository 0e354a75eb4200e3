import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { dubboCodec } from './dubbo.ts'
import { bodyOf, frameOf, map, request, response, value } from './harness.ts'

/** What these tests use of the npm packages `dubbo-remoting` and `dubbo2.js`, which have no types for it. */
interface Encoder extends NodeJS.ReadableStream {
  writeRequest(id: number, request: object): void
  writeResponse(request: object, response: object): void
  writeHeartbeat(id: number, beat: object): void
  writeHeartbeatAck(beat: object): void
}
interface Heard {
  readonly packetId: number
  readonly packetType: string
  readonly options: object
  readonly data: {
    readonly serverSignature: string
    readonly methodName: string
    readonly args: unknown[]
    readonly requestProps: Record<string, unknown>
    readonly responseProps: Record<string, unknown>
    readonly appResponse: unknown
    readonly error?: Error
  }
}
interface Told {
  readonly requestId: number
  readonly res: unknown
  readonly err: Error | null
  readonly attachments: object
}
const foreign = createRequire(import.meta.url)
const remoting = foreign('dubbo-remoting') as {
  encoder(options: object): Encoder
  decoder(options: object): NodeJS.WritableStream
}
const dubbo2 = foreign('dubbo2.js/es7/decode.js') as { decode(bytes: Buffer): Told }

const call = {
  serverSignature: 'shop.Basket:1.0',
  group: 'east',
  methodName: 'put',
  args: ['apple', 3, { $class: 'shop.Apple', $: { weight: 7, sort: 'Cox' } }, [1.5, null, true]],
  requestProps: { timeout: '1500', tag: 'blue' },
}

/** The bytes the foreign encoder makes. */
function spoken(write: (encoder: Encoder) => void): Buffer {
  const encoder = remoting.encoder({ sentReqs: new Map() })
  write(encoder)
  return encoder.read() as unknown as Buffer
}

/** What the foreign decoder makes of our bytes. */
function heard(...frames: Frame[]): Heard[] {
  const all: Heard[] = []
  const decoder = remoting.decoder({ sentReqs: new Map() })
  for (const event of ['request', 'response', 'heartbeat', 'heartbeat_ack'])
    decoder.on(event, (packet: Heard) => all.push(packet))
  decoder.on('error', (error) => {
    throw error
  })
  decoder.write(Buffer.concat(frames.map(({ buf, start, end }) => buf.subarray(start, end))))
  return all
}

function told({ buf, start, end }: Frame): Told {
  return dubbo2.decode(buf.subarray(start, end))
}

describe('dubbo-remoting', () => {
  it('writes requests we read', () => {
    const frame = frameOf(spoken((encoder) => encoder.writeRequest(77, call)))
    expect(frame.kind).toBe(FrameKind.Request)
    expect(frame.id).toBe(77)
    expect(dubboCodec.service(frame)).toBe('east/shop.Basket:1.0')
    expect(dubboCodec.method(frame)).toBe('put')
    expect(dubboCodec.timeoutMs(frame)).toBe(1500)
    expect(dubboCodec.header(frame, 'tag')).toBe('blue')
  })

  it('reads requests under another id and with other attachments', () => {
    const frame = frameOf(spoken((encoder) => encoder.writeRequest(77, call)))
    frame.set('tag', '苹果 🍎')
    frame.set('zone', 'x'.repeat(2000))
    frame.remove('timeout')
    expect(dubboCodec.encode(frame)).toBe(true)
    dubboCodec.readdress(frame, 4711)
    const [packet] = heard(frame)
    expect(packet).toMatchObject({ packetId: 4711, packetType: 'request' })
    expect(packet!.data).toMatchObject({ methodName: 'put', serverSignature: 'shop.Basket:1.0' })
    expect(packet!.data.args.slice(0, 2)).toEqual(['apple', 3])
    expect(packet!.data.requestProps).toMatchObject({ tag: '苹果 🍎', zone: 'x'.repeat(2000) })
    expect(packet!.data.requestProps).not.toHaveProperty('timeout')
  })

  it('writes responses, heartbeats and their answers that we read', () => {
    const asked = heard(frameOf(spoken((encoder) => encoder.writeRequest(5, call))))[0]!
    const answer = (isError: boolean) =>
      spoken((encoder) =>
        encoder.writeResponse(asked, { isError, errorMsg: 'no', appResponse: 'done' }),
      )
    const kinds: [FrameKind, Buffer][] = [
      [FrameKind.Response, answer(false)],
      [FrameKind.Response, answer(true)],
      [FrameKind.Heartbeat, spoken((encoder) => encoder.writeHeartbeat(5, {}))],
      [FrameKind.HeartbeatAck, spoken((encoder) => encoder.writeHeartbeatAck(asked))],
    ]
    for (const [kind, bytes] of kinds)
      expect(frameOf(bytes)).toMatchObject({ kind, id: 5, end: bytes.length })
    expect(dubboCodec.status(frameOf(answer(false)))).toBe(200)
    expect(dubboCodec.status(frameOf(answer(true)))).toBe(500)
  })

  it('reads heartbeats, their answers and answers of ours', () => {
    const beat = dubboCodec.heartbeat(12, 0)!
    const reply = dubboCodec.reply(request(), Outcome.NoRoute, 'no route', 404)
    const packets = heard(beat, dubboCodec.heartbeatAck(beat), reply)
    expect(packets.map(({ packetType, packetId }) => [packetType, packetId])).toEqual([
      ['heartbeat', 12],
      ['heartbeat_ack', 12],
      ['response', 1],
    ])
    expect(packets[2]!.data.error!.message).toBe('no route')
  })

  it('reads answers with attachments that were added', () => {
    const frame = response(Buffer.from([0x91]), 'done')
    frame.set('zone', 'east')
    expect(dubboCodec.encode(frame)).toBe(true)
    const [packet] = heard(frame)
    expect(packet!.data).toMatchObject({ appResponse: 'done', responseProps: { zone: 'east' } })
  })
})

describe('dubbo2.js', () => {
  it('reads answers with attachments that were added, changed and taken away', () => {
    const frame = response(Buffer.from([0x94]), 'done', map({ a: '1', b: '2' }))
    frame.set('a', 'one')
    frame.set('c', '3')
    frame.remove('b')
    expect(dubboCodec.encode(frame)).toBe(true)
    expect(told(frame)).toMatchObject({ res: 'done', attachments: { a: 'one', c: '3' } })
  })

  it('takes every answer of ours for what it is', () => {
    for (const outcome of Object.values(Outcome)) {
      const reply = dubboCodec.reply(request(), outcome, outcome.name, outcome.status)
      const { requestId, res, err } = told(reply)
      expect(requestId).toBe(1)
      if (outcome.status < 300) expect([res, err]).toEqual([outcome.name, null])
      else expect(err!.message, outcome.name).toContain(outcome.name)
    }
  })

  it('reads results without a value', () => {
    const reply = dubboCodec.reply(request(), Outcome.DirectResponse, '', 200)
    expect(told(reply)).toMatchObject({ res: null, err: null })
    expect(bodyOf(reply)).not.toEqual(value(null))
  })
})
