import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { FrameDecoder } from '../../framed/decoder.ts'
import { Outcome } from '../../outcome.ts'
import { boltCodec } from './bolt.ts'

const foreign = createRequire(import.meta.url)

/** What these tests use of the npm package `sofa-bolt-node`, which has no types. */
interface Encoder extends NodeJS.ReadableStream {
  protocolType: string
  boltVersion: number
  crcEnable: boolean
  writeRequest(id: number, request: object): void
  writeResponse(request: object, response: object): void
  writeHeartbeat(id: number, beat: object): void
  writeHeartbeatAck(beat: object): void
}
interface Heard {
  readonly packetId: number
  readonly packetType: string
  readonly options: { readonly boltVersion?: number; readonly crcEnable?: boolean }
  readonly data: {
    readonly methodName: string
    readonly appResponse: unknown
    readonly error?: Error
  }
}
const sofa = foreign('sofa-bolt-node') as {
  encoder(options: object): Encoder
  decoder(options: object): NodeJS.WritableStream
}

const dialects = [
  { name: 'version 1', protocolType: 'bolt', boltVersion: 1, crcEnable: false, key: 0x100 },
  { name: 'version 2', protocolType: 'bolt2', boltVersion: 1, crcEnable: false, key: 0x201 },
  {
    name: 'version 2 with CRC',
    protocolType: 'bolt2',
    boltVersion: 2,
    crcEnable: true,
    key: 0x202,
  },
]
type Dialect = (typeof dialects)[number]

const call = {
  serverSignature: 'com.shop.Basket:1.0',
  methodName: 'put',
  args: ['apple', 3],
  methodArgSigs: ['java.lang.String', 'int'],
  targetAppName: null,
  requestProps: null,
  timeout: 1500,
}

/** The bytes the foreign encoder makes. */
function spoken(dialect: Dialect, write: (encoder: Encoder) => void): Buffer {
  const encoder = sofa.encoder({ sentReqs: new Map() })
  encoder.protocolType = dialect.protocolType
  encoder.boltVersion = dialect.boltVersion
  encoder.crcEnable = dialect.crcEnable
  write(encoder)
  return encoder.read() as unknown as Buffer
}

/** What the foreign decoder makes of our bytes. */
function heard(...frames: Frame[]): Heard[] {
  const all: Heard[] = []
  const decoder = sofa.decoder({ sentReqs: new Map() })
  for (const event of ['request', 'response', 'heartbeat', 'heartbeat_ack'])
    decoder.on(event, (packet: Heard) => all.push(packet))
  decoder.on('error', (error) => {
    throw error
  })
  decoder.write(Buffer.concat(frames.map(({ buf, start, end }) => buf.subarray(start, end))))
  return all
}

function read(bytes: Buffer): Frame {
  expect(boltCodec.measure(bytes, 0, bytes.length)).toBe(bytes.length)
  return boltCodec.read(bytes, 0, bytes.length)!
}

describe.each(dialects)('sofa-bolt-node, $name', (dialect) => {
  it('writes requests we read', () => {
    const frame = read(spoken(dialect, (encoder) => encoder.writeRequest(77, call)))
    expect(frame.kind).toBe(FrameKind.Request)
    expect(frame.id).toBe(77)
    expect(boltCodec.service(frame)).toBe('com.shop.Basket:1.0')
    expect(boltCodec.method(frame)).toBe('put')
    expect(boltCodec.timeoutMs(frame)).toBe(1500)
    expect(boltCodec.poolKey(frame)).toBe(dialect.key)
  })

  it('reads requests under another id and with other headers', () => {
    const frame = read(spoken(dialect, (encoder) => encoder.writeRequest(77, call)))
    frame.set('service', 'com.shop.Cellar:1.0')
    expect(boltCodec.encode(frame)).toBe(true)
    boltCodec.readdress(frame, 4711)
    const [packet] = heard(frame)
    expect(packet!.packetId).toBe(4711)
    expect(packet!.packetType).toBe('request')
    expect(packet!.data.methodName).toBe('put')
    expect(boltCodec.service(frame)).toBe('com.shop.Cellar:1.0')
  })

  it('writes one-way requests, responses, heartbeats and their answers that we read', () => {
    const request = read(spoken(dialect, (encoder) => encoder.writeRequest(5, call)))
    const asked = { ...heard(request)[0]!, meta: { start: Date.now() } }
    const kinds: [FrameKind, Buffer][] = [
      [FrameKind.Oneway, spoken(dialect, (e) => e.writeRequest(5, { ...call, oneway: true }))],
      [FrameKind.Heartbeat, spoken(dialect, (e) => e.writeHeartbeat(5, {}))],
      [FrameKind.HeartbeatAck, spoken(dialect, (e) => e.writeHeartbeatAck(asked))],
      [
        FrameKind.Response,
        spoken(dialect, (e) =>
          e.writeResponse(asked, { isError: false, errorMsg: null, appResponse: 'done' }),
        ),
      ],
    ]
    for (const [kind, bytes] of kinds) {
      const frame = read(bytes)
      expect(frame.kind).toBe(kind)
      expect(frame.id).toBe(5)
      expect(boltCodec.poolKey(frame)).toBe(dialect.key)
    }
  })

  it('reads heartbeats, their answers and answers of ours', () => {
    const beat = boltCodec.heartbeat(12, dialect.key)!
    const request = read(spoken(dialect, (encoder) => encoder.writeRequest(77, call)))
    const reply = boltCodec.reply(request, Outcome.NoRoute, 'no route for com.shop.Basket:1.0', 404)
    const packets = heard(beat, boltCodec.heartbeatAck(beat), reply)
    expect(packets.map(({ packetType, packetId }) => [packetType, packetId])).toEqual([
      ['heartbeat', 12],
      ['heartbeat_ack', 12],
      ['response', 77],
    ])
    expect(packets[2]!.data.error).toBeInstanceOf(Error)
  })
})

it('frames of every version of sofa-bolt-node share one connection', () => {
  const requests = dialects.map((dialect, i) =>
    read(spoken(dialect, (encoder) => encoder.writeRequest(i + 1, call))),
  )
  expect(heard(...requests).map(({ packetId }) => packetId)).toEqual([1, 2, 3])
  const ids: number[] = []
  const decoder = new FrameDecoder(
    boltCodec,
    {
      onFrame: (frame) => ids.push(frame.id),
      onInvalid: (what) => expect.unreachable(what),
      onTooLarge: () => expect.unreachable(),
    },
    1 << 20,
  )
  decoder.push(Buffer.concat(requests.map(({ buf }) => buf)))
  expect(ids).toEqual([1, 2, 3])
})

describe('a client of sofa-rpc-node', () => {
  const { RpcClient } = foreign('sofa-rpc-node').client as {
    RpcClient: new (
      options: object,
    ) => {
      createConsumer(options: object): {
        ready(): Promise<void>
        invoke(method: string, args: unknown[], options?: object): Promise<unknown>
        close(): Promise<void>
      }
      close(): Promise<void>
    }
  }
  const silent = { info() {}, warn() {}, error() {}, debug() {} }
  const outcomes = Object.values(Outcome).filter(({ status }) => status >= 400)
  let server: Server
  let asked = 0

  beforeAll(async () => {
    server = createServer((socket) => {
      const sink = {
        onFrame(frame: Frame) {
          if (frame.kind === FrameKind.Heartbeat) socket.write(boltCodec.heartbeatAck(frame).buf)
          if (frame.kind !== FrameKind.Request) return
          const outcome = outcomes[asked++ % outcomes.length]!
          socket.write(boltCodec.reply(frame, outcome, outcome.name, outcome.status).buf)
        },
        onInvalid: () => socket.destroy(),
        onTooLarge: () => socket.destroy(),
      }
      const decoder = new FrameDecoder(boltCodec, sink, 1 << 20)
      socket.on('data', (chunk: Buffer) => decoder.push(chunk))
      socket.on('error', () => socket.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => server.close())

  it('takes every answer of ours for an error, at once', async () => {
    const client = new RpcClient({ logger: silent })
    const { port } = server.address() as AddressInfo
    const consumer = client.createConsumer({
      interfaceName: 'com.shop.Basket',
      version: '1.0',
      serverHost: `bolt://127.0.0.1:${port}`,
      responseTimeout: 10_000,
    })
    await consumer.ready()
    for (const outcome of outcomes) {
      const failure = await consumer.invoke('put', ['apple']).then(
        () => null,
        (error: Error) => error,
      )
      expect(failure, outcome.name).toBeInstanceOf(Error)
      expect(failure!.name, outcome.name).not.toMatch(/timeout/i)
    }
    expect(asked).toBe(outcomes.length)
    await client.close()
  })
})
