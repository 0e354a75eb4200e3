import net, { type AddressInfo, type Socket } from 'node:net'
import type { Pair } from './harness-frames.ts'
import { data, ping, settings, settingsAck, windowUpdate } from './harness-frames.ts'
import { HpackDecoder } from './hpack/decoder.ts'
import { fieldsOf } from './hpack/harness.ts'
import {
  DEFAULT_WINDOW,
  Flag,
  FRAME_BYTES,
  FrameType,
  HEAD_BYTES,
  PREFACE,
  Setting,
} from './wire.ts'

/** A frame that came. */
export interface Got {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
  /** Of HEADERS, with all CONTINUATIONs. */
  fields: readonly Pair[] | null
  /** Of HEADERS: names of fields that must never be indexed. */
  secrets: readonly string[]
}

const LONGEST_WAIT_MS = 10_000

/** For tests: one end of an HTTP/2 connection in bare frames. It does nothing that it is not told to. */
export class Peer {
  readonly socket: Socket
  readonly frames: Got[] = []
  /** Answers SETTINGS and PING. */
  polite = true
  /** Gives back every byte of DATA to the windows at once. */
  generous = false
  /** How much later than it comes it learns of what comes: a long way. */
  lagMs = 0
  ended = false
  closed = false
  bytesIn = 0
  onFrame: (got: Got) => void = () => {}
  #held: Buffer = Buffer.alloc(0)
  #preface: boolean
  readonly #decoder = new HpackDecoder({ tableBytes: 4096 })
  #block: { readonly head: Got; readonly pieces: Buffer[] } | null = null
  #poured = 0
  readonly #waiting = new Set<() => void>()

  constructor(socket: Socket, serving: boolean) {
    this.socket = socket
    this.#preface = serving
    socket.on('data', (chunk: Buffer) => {
      if (this.lagMs === 0) this.#read(chunk)
      else setTimeout(() => this.#read(chunk), this.lagMs)
    })
    socket.on('end', () => {
      this.ended = true
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Connects as a client, saying nothing. */
  static connect(port: number): Peer {
    const options = { port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }
    return new Peer(net.connect(options), false)
  }

  write(...frames: readonly Buffer[]): this {
    if (this.socket.writableEnded) return this
    this.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
    return this
  }

  /** Sends a body in DATA as the other side's windows allow; settles when it is out, or the connection is over. */
  async pour(id: number, body: Buffer, end = true): Promise<void> {
    let sent = 0
    const room = (): number => {
      const window = this.settings.at(-1)?.[Setting.InitialWindowSize] ?? DEFAULT_WINDOW
      const stream = window + this.given(id) - sent
      return Math.min(stream, DEFAULT_WINDOW + this.given(0) - this.#poured, FRAME_BYTES)
    }
    while (sent < body.length) {
      await this.until((peer) => room() > 0 || peer.ended || peer.closed || peer.resetOf(id) >= 0)
      if (this.ended || this.closed || this.resetOf(id) >= 0) return
      const bytes = Math.min(room(), body.length - sent)
      // Another body may have been quicker.
      if (bytes <= 0) continue
      const last = end && sent + bytes === body.length
      this.write(data(id, body.subarray(sent, sent + bytes), last))
      sent += bytes
      this.#poured += bytes
    }
  }

  end(): this {
    this.socket.end()
    return this
  }

  /** Frames of a stream, in order. */
  of(id: number, type: number): readonly Got[] {
    return this.frames.filter((got) => got.id === id && got.type === type)
  }

  /** The fields of a stream's first head, or a later one; they must have come. */
  head(id: number, nth = 0): Readonly<Record<string, string>> {
    const { fields } = this.of(id, FrameType.Headers)[nth]!
    const record: Record<string, string> = {}
    for (const [name, value] of fields!)
      record[name] = record[name] === undefined ? value : `${record[name]}, ${value}`
    return record
  }

  body(id: number): Buffer {
    return Buffer.concat(this.of(id, FrameType.Data).map(({ payload }) => payload))
  }

  text(id: number): string {
    return this.body(id).toString('latin1')
  }

  /** The stream has been ended by END_STREAM. */
  over(id: number): boolean {
    return this.frames.some(
      ({ id: of, type, flags }) =>
        of === id &&
        (type === FrameType.Headers || type === FrameType.Data) &&
        (flags & Flag.EndStream) !== 0,
    )
  }

  /** The code of the stream's RST_STREAM; -1 without one. */
  resetOf(id: number): number {
    return this.of(id, FrameType.RstStream)[0]?.payload.readUInt32BE(0) ?? -1
  }

  get goAways(): readonly { last: number; code: number; text: string }[] {
    return this.of(0, FrameType.GoAway).map(({ payload }) => ({
      last: payload.readUInt32BE(0),
      code: payload.readUInt32BE(4),
      text: payload.toString('latin1', 8),
    }))
  }

  /** What SETTINGS without ACK said, one after the other. */
  get settings(): readonly Readonly<Record<number, number>>[] {
    return this.of(0, FrameType.Settings)
      .filter(({ flags }) => flags === 0)
      .map(({ payload }) => {
        const said: Record<number, number> = {}
        for (let at = 0; at < payload.length; at += 6)
          said[payload.readUInt16BE(at)] = payload.readUInt32BE(at + 2)
        return said
      })
  }

  /** What WINDOW_UPDATEs gave to a stream, or with 0 to the connection. */
  given(id: number): number {
    return this.of(id, FrameType.WindowUpdate)
      .map(({ payload }) => payload.readUInt32BE(0))
      .reduce((sum, more) => sum + more, 0)
  }

  /** Resolves when it holds; rejects when it no longer can. */
  async until(holds: (peer: this) => boolean): Promise<this> {
    const end = Date.now() + LONGEST_WAIT_MS
    while (!holds(this)) {
      if (this.ended || this.closed)
        throw new Error(`ended: ${holds}, ${JSON.stringify(this.goAways)}`)
      if (Date.now() > end) throw new Error(`waited in vain: ${holds}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, 1000)
        const waiting = this.#waiting
        function wake(): void {
          clearTimeout(timer)
          waiting.delete(wake)
          resolve()
        }
        waiting.add(wake)
      })
    }
    return this
  }

  /** An answer, or a request, is whole. */
  async whole(id: number): Promise<this> {
    return this.until((peer) => peer.over(id) || peer.resetOf(id) >= 0)
  }

  /** Waits until the other side has read everything before and answered a PING. */
  async settled(name = 'settled?'): Promise<this> {
    this.write(ping(name))
    return this.until((peer) =>
      peer
        .of(0, FrameType.Ping)
        .some(({ flags, payload }) => flags === Flag.Ack && payload.toString('latin1') === name),
    )
  }

  /** The code of the last GOAWAY, when the other side has ended. */
  async gone(): Promise<number> {
    await this.until(({ ended, closed }) => ended || closed)
    return this.goAways.at(-1)?.code ?? -1
  }

  #read(chunk: Buffer): void {
    this.bytesIn += chunk.length
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    let at = 0
    if (this.#preface) {
      if (this.#held.length < PREFACE.length) return
      this.#preface = false
      at = PREFACE.length
    }
    for (;;) {
      if (this.#held.length - at < HEAD_BYTES) break
      const length = this.#held.readUIntBE(at, 3)
      if (this.#held.length - at < HEAD_BYTES + length) break
      this.#take(this.#held.subarray(at, at + HEAD_BYTES + length))
      at += HEAD_BYTES + length
    }
    this.#held = this.#held.subarray(at)
    this.#wake()
  }

  #take(bytes: Buffer): void {
    const got: Got = {
      type: bytes[3]!,
      flags: bytes[4]!,
      id: bytes.readUInt32BE(5) & 0x7fffffff,
      payload: Buffer.from(bytes.subarray(HEAD_BYTES)),
      fields: null,
      secrets: [],
    }
    this.frames.push(got)
    const { type, flags, id, payload } = got
    if (type === FrameType.Headers) this.#block = { head: got, pieces: [] }
    if (type === FrameType.Headers || type === FrameType.Continuation) {
      this.#block!.pieces.push(payload)
      if ((flags & Flag.EndHeaders) === 0) return
      this.#decode()
      this.onFrame(this.#block!.head)
      return
    }
    if (this.polite && type === FrameType.Settings && flags === 0) this.write(settingsAck)
    if (this.polite && type === FrameType.Ping && flags === 0)
      this.write(ping(payload.toString('latin1'), true))
    if (this.generous && type === FrameType.Data && payload.length > 0)
      this.write(windowUpdate(0, payload.length), windowUpdate(id, payload.length))
    this.onFrame(got)
  }

  #decode(): void {
    const { head, pieces } = this.#block!
    const fields = fieldsOf(this.#decoder, Buffer.concat(pieces))
    head.fields = fields.map(({ name, value }) => [name, value])
    head.secrets = fields.filter(({ index }) => index === 2).map(({ name }) => name)
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

/** For tests: a host of HTTP/2 in bare frames; every connection is a `Peer`. */
export class FrameHost {
  readonly peers: Peer[] = []
  readonly #server: net.Server
  /** What it says first, as SETTINGS; null says nothing. */
  settings: readonly number[] | null = []
  /** What it does when a request is whole. */
  onWhole: (peer: Peer, id: number) => void = () => {}

  constructor(onHead: (peer: Peer, id: number, got: Got) => void) {
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const peer = new Peer(socket, true)
      this.peers.push(peer)
      if (this.settings !== null) peer.write(settings(...this.settings))
      else peer.polite = false
      peer.onFrame = (got) => {
        if (got.type === FrameType.Headers) onHead(peer, got.id, got)
        const ends = got.type === FrameType.Headers || got.type === FrameType.Data
        if (ends && (got.flags & Flag.EndStream) !== 0) this.onWhole(peer, got.id)
      }
      socket.on('end', () => socket.end())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The requests that came over all connections, by path. */
  get asked(): readonly string[] {
    return this.peers.flatMap(({ frames }) =>
      frames.flatMap(({ fields }) => fields?.find(([name]) => name === ':path')?.[1] ?? []),
    )
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  stop(): void {
    this.#server.close()
    for (const { socket } of this.peers) socket.destroy()
  }
}
