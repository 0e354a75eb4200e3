import type { Turn } from '@tulle/core'
import type { Http2Settings } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'
import { Block } from './block.ts'
import type { Http2Head } from './head.ts'
import { HeadBuilder, type HeadLimits, type What } from './head-builder.ts'
import { HpackDecoder } from './hpack/decoder.ts'
import { HpackEncoder } from './hpack/encoder.ts'
import { Inflow } from './inflow.ts'
import { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Outflow, type Outlet } from './outflow.ts'
import { Patience } from './patience.ts'
import { FrameReader, type FrameSink } from './reader.ts'
import { ErrorCode, errorName, Flag, FRAME_BYTES, FrameType, MAX_WINDOW, Setting } from './wire.ts'
import { writeGoAway, writePing, writeReset, writeSettings } from './write.ts'
import { writeHead } from './write-head.ts'

/** The session on top of a link: what a server and a client do differently. */
export interface Side {
  /** Whether the peer opens lanes. */
  readonly serving: boolean
  /** What a header block for this id is. */
  whatFor(id: number): What
  /** A head or trailers; `builder` says whether it is good. */
  onHead(id: number, head: Http2Head, builder: HeadBuilder, end: boolean): void
  /** False: its taker asks to pause. */
  onLaneData(lane: Lane, chunk: Buffer, end: boolean): boolean
  onLaneReset(lane: Lane, code: number): void
  /** The lane is over because the peer or we broke a rule on it; the peer has been told. */
  onLaneBroken(lane: Lane, what: string): void
  /** What the lane waits to send may go on. */
  resume(lane: Lane): void
  onGoAway(last: number, code: number, text: string): void
  /** The peer's settings have come, for the first time or anew. */
  onSettings(): void
  onPingAnswered(): void
  /** Nothing more is read; the peer has been told why. Lanes are still there. */
  onBroken(code: ErrorCode, what: string): void
}

/** A PING of ours carries what it is for. */
const PING_ALIVE = Buffer.from('ru alive')

/** What nonsense costs of a peer's patience. */
const COST = {
  ping: 1,
  settings: 5,
  priority: 1,
  unknown: 1,
  goAway: 10,
  /** A request taken back as soon as it was sent. */
  rapid: 5,
  /** A rule broken on one lane, which we have to reset. */
  broken: 10,
  empty: 10,
} as const
/** A request that was under way for longer than this may be taken back: how many those are is limited anyway. */
const RAPID_MS = 100
const EARNED = { lane: 10, received: 2 } as const
/**
 * What both ends of an HTTP/2 connection have: frames, header tables, settings, windows, and lanes between them.
 *
 * ```
 *   bytes ─▶ FrameReader ─▶ Link ─▶ HPACK ─▶ HeadBuilder ─▶ Side (server or client session) ─▶ streams
 *   bytes ◀────────────── Link ◀─ HPACK ◀───────────────── Side
 *                          │ Inflow: what the peer may send · Outflow: what we may, and what waits for that
 * ```
 */
export class Link implements FrameSink, Outlet {
  readonly connection: Connection
  readonly turn: Turn
  readonly settings: Http2Settings
  readonly lanes: Lanes = new Lanes()
  readonly patience: Patience
  /** What the peer has told. */
  peerMaxStreams: number = Number.POSITIVE_INFINITY
  peerConnect = false
  /** SETTINGS of the peer have come. */
  greeted = false
  /** The peer has read ours. */
  told = false
  /** A PING of ours that asks for life is not answered yet. */
  asking = false
  broken = false
  /** The highest id of the peer's that was looked at. */
  lastId = 0
  readonly #side: Side
  readonly #reader: FrameReader
  readonly #decoder: HpackDecoder
  readonly #encoder: HpackEncoder = new HpackEncoder()
  readonly #builder: HeadBuilder
  readonly #block: Block = new Block()
  readonly #inflow: Inflow
  readonly #outflow: Outflow

  constructor(
    connection: Connection,
    turn: Turn,
    side: Side,
    settings: Http2Settings,
    limits: HeadLimits,
  ) {
    this.connection = connection
    this.turn = turn
    this.settings = settings
    this.patience = new Patience(turn.now)
    this.#side = side
    this.#reader = new FrameReader(this, side.serving)
    this.#decoder = new HpackDecoder({ tableBytes: settings.headerTableBytes })
    this.#builder = new HeadBuilder(limits)
    this.#inflow = new Inflow(connection, turn, settings, !side.serving)
    this.#outflow = new Outflow(connection, turn, this.patience, this)
  }

  /** Says our settings. The client's preface goes before. */
  greet(): void {
    const { settings } = this
    const { maxHeaderBytes } = this.#builder.limits
    const list: number[] = []
    if (settings.headerTableBytes !== 4096)
      list.push(Setting.HeaderTableSize, settings.headerTableBytes)
    if (this.#side.serving) {
      list.push(Setting.MaxConcurrentStreams, settings.maxConcurrentStreams)
      if (settings.allowConnect) list.push(Setting.EnableConnectProtocol, 1)
    } else list.push(Setting.EnablePush, 0)
    list.push(Setting.InitialWindowSize, this.#inflow.announced)
    if (maxHeaderBytes !== 0) list.push(Setting.MaxHeaderListSize, maxHeaderBytes)
    writeSettings(this.connection, list)
    this.#inflow.greet()
  }

  /** Whether what comes next is mostly data that is passed on. */
  get inData(): boolean {
    return this.#reader.inData
  }

  /** A number of its own for the header block, or the frame, that has begun and is not whole; 0 without one. */
  get partial(): number {
    if (this.#block.open) return -this.#block.id
    return this.#reader.partial ? this.#reader.frames + 1 : 0
  }

  receive(chunk: Buffer): void {
    this.#reader.push(chunk)
  }

  /** Nothing more is read or sent. */
  stop(): void {
    this.broken = true
    this.#reader.stop()
    this.#inflow.stop()
    this.#outflow.stop()
  }

  // ── frames that come ───────────────────────────────────────────────────────────────────────────────────────────────

  onFrame(type: number, flags: number, id: number, buf: Buffer, start: number, end: number): void {
    if (this.#block.open && (type !== FrameType.Continuation || id !== this.#block.id))
      return this.fail(ErrorCode.ProtocolError, 'another frame inside a header block')
    if (!this.greeted && (type !== FrameType.Settings || (flags & Flag.Ack) !== 0))
      return this.fail(ErrorCode.ProtocolError, 'no SETTINGS to begin with')
    const bytes = end - start
    switch (type) {
      case FrameType.Headers:
        return this.#onHeaders(flags, id, buf, start, end)
      case FrameType.Continuation:
        return this.#onContinuation(flags, id, buf, start, end)
      case FrameType.WindowUpdate:
        return this.#onWindowUpdate(id, buf, start, bytes)
      case FrameType.RstStream:
        return this.#onReset(id, buf, start, bytes)
      case FrameType.Settings:
        return this.#onSettings(flags, id, buf, start, end)
      case FrameType.Ping:
        return this.#onPing(flags, id, buf, start, bytes)
      case FrameType.GoAway:
        return this.#onGoAway(id, buf, start, end)
      case FrameType.Priority:
        return this.#onPriority(id, buf, start, bytes)
      case FrameType.PushPromise:
        return this.fail(ErrorCode.ProtocolError, 'PUSH_PROMISE, which was not allowed')
      default:
        this.spend(COST.unknown)
    }
  }

  onData(id: number, chunk: Buffer, overhead: number, end: boolean): void {
    if (this.#block.open) return this.fail(ErrorCode.ProtocolError, 'DATA inside a header block')
    if (!this.greeted) return this.fail(ErrorCode.ProtocolError, 'no SETTINGS to begin with')
    if (id === 0) return this.fail(ErrorCode.ProtocolError, 'DATA on stream 0')
    const bytes = chunk.length + overhead
    if (!this.#inflow.take(bytes))
      return this.fail(ErrorCode.FlowControlError, 'more data than the window of the connection')
    if (chunk.length === 0 && !end && !this.spend(COST.empty)) return
    const lane = this.lanes.get(id)
    if (lane === null) return this.#strayData(id, bytes)
    if (lane.inDone) {
      this.#inflow.owe(bytes)
      return this.breakLane(lane, ErrorCode.StreamClosed, 'DATA behind END_STREAM')
    }
    if (!lane.headed) {
      this.#inflow.owe(bytes)
      return this.breakLane(lane, ErrorCode.ProtocolError, 'DATA before a head')
    }
    lane.receiveWindow -= bytes
    if (lane.receiveWindow < 0) {
      this.#inflow.owe(bytes)
      return this.breakLane(
        lane,
        ErrorCode.FlowControlError,
        'more data than the window of the stream',
      )
    }
    if (lane.expected >= 0 && !this.#asPromised(lane, chunk.length, end)) {
      this.#inflow.owe(bytes)
      return this.breakLane(
        lane,
        ErrorCode.ProtocolError,
        'not as much data as content-length says',
      )
    }
    this.#inflow.measure(bytes)
    if (chunk.length !== 0) this.patience.earn(EARNED.received)
    if (end) lane.inDone = true
    const flowing = this.#side.onLaneData(lane, chunk, end)
    if (flowing || end) this.#inflow.pass(lane, bytes)
    else {
      lane.paused = true
      this.#inflow.withhold(lane, bytes)
    }
  }

  onBroken(code: ErrorCode, what: string): void {
    this.fail(code, what)
  }

  // ── what sessions send ─────────────────────────────────────────────────────────────────────────────────────────────

  /** A lane that opens now, with the windows there are. */
  openLane(id: number, stream: Stream, inDone: boolean): Lane {
    const lane = new Lane(id, stream, this.#outflow.laneWindow, this.#inflow.laneWindow, inDone)
    this.lanes.add(lane)
    return lane
  }

  /** A head, an interim one, or trailers. False: the connection is full. */
  sendHead(
    lane: Lane,
    frame: Frame,
    asked: Frame | null,
    server: string | null,
    end: boolean,
  ): boolean {
    if (this.broken) return true
    if (end) lane.outDone = true
    writeHead(this.connection, this.#encoder, lane.id, frame, asked, server, end)
    return end ? !this.connection.blocked : this.#outflow.mayGoOn(lane)
  }

  /** Data as far as windows allow; the rest waits. False: pause until the side's `resume`. */
  sendData(lane: Lane, chunk: Buffer, last: boolean): boolean {
    return this.broken || lane.outDone || this.#outflow.send(lane, chunk, last)
  }

  /** Trailers behind data that waits. */
  trail(lane: Lane, frame: Frame): void {
    lane.trailers = frame
  }

  /** For the outflow. */
  sendTrailers(lane: Lane): void {
    this.sendHead(lane, lane.trailers!, null, null, true)
  }

  resume(lane: Lane): void {
    this.#side.resume(lane)
  }

  /** The lane ends early: the peer is told why, and what it has sent meanwhile is dropped. */
  reset(lane: Lane, code: ErrorCode): void {
    this.remove(lane, true)
    if (!this.broken) writeReset(this.connection, lane.id, code)
  }

  /** The answer is out before the request was in: no more of it is wanted, and nothing is wrong. */
  complete(lane: Lane): void {
    this.patience.earn(EARNED.lane)
    this.reset(lane, ErrorCode.NoError)
  }

  /** As `reset`, of a lane that is not there. */
  refuse(id: number, code: ErrorCode): void {
    if (!this.broken) writeReset(this.connection, id, code)
  }

  /** Lets go of a lane: both sides are done, `early` is ours alone. */
  remove(lane: Lane, early = false): void {
    if (!early) this.patience.earn(EARNED.lane)
    this.#let(lane, early)
  }

  #let(lane: Lane, early: boolean): void {
    this.lanes.remove(lane, early)
    this.#inflow.forget(lane)
    lane.queue = null
    lane.outDone = true
    lane.inDone = true
  }

  /** The peer broke a rule on this lane alone: it is reset, and its stream told. */
  breakLane(lane: Lane, code: ErrorCode, what: string): void {
    this.reset(lane, code)
    this.#side.onLaneBroken(lane, what)
    this.spend(COST.broken)
  }

  pause(lane: Lane): void {
    lane.paused = true
  }

  /** Its taker goes on: what was withheld is passed on. */
  unpause(lane: Lane): void {
    if (!lane.paused) return
    lane.paused = false
    this.#inflow.release(lane)
  }

  /** The socket takes more. */
  drained(): void {
    this.#outflow.drained()
  }

  ask(): void {
    this.asking = true
    writePing(this.connection, PING_ALIVE, false)
  }

  goAway(last: number, code: ErrorCode, what = ''): void {
    writeGoAway(this.connection, last, code, what)
  }

  /** Ends the connection: the peer broke a rule that stands for all of it (RFC 9113 §5.4.1). */
  fail(code: ErrorCode, what: string): void {
    if (this.broken) return
    this.goAway(this.#side.serving ? this.lastId : 0, code, what)
    this.stop()
    this.#side.onBroken(code, `${what} (${errorName(code)})`)
  }

  /** Takes nonsense off the peer's account. False: it was too much, and the connection is over. */
  spend(cost: number): boolean {
    if (this.broken) return false
    if (this.patience.spend(cost, this.turn.now)) return true
    this.#tooMuch()
    return false
  }

  #mayUpdate(): boolean {
    if (this.broken) return false
    if (this.patience.update(this.turn.now)) return true
    this.#tooMuch()
    return false
  }

  #tooMuch(): void {
    this.fail(ErrorCode.EnhanceYourCalm, 'too many frames without use')
  }

  // ── heads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #onHeaders(flags: number, id: number, buf: Buffer, start: number, end: number): void {
    let from = start
    let to = end
    if (id === 0) return this.fail(ErrorCode.ProtocolError, 'HEADERS on stream 0')
    if ((flags & Flag.Padded) !== 0) {
      if (from === to) return this.fail(ErrorCode.FrameSizeError, 'HEADERS without its padding')
      to -= buf[from]!
      from++
    }
    let onItself = false
    if ((flags & Flag.Priority) !== 0) {
      if (to - from < 5) return this.fail(ErrorCode.FrameSizeError, 'HEADERS without its priority')
      onItself = (buf.readUInt32BE(from) & 0x7fffffff) === id
      from += 5
    }
    if (from > to) return this.fail(ErrorCode.ProtocolError, 'padding longer than its frame')
    const last = (flags & Flag.EndStream) !== 0
    if ((flags & Flag.EndHeaders) !== 0) this.#decode(id, buf, from, to, last, onItself)
    else this.#block.begin(id, last, onItself, buf, from, to)
  }

  #onContinuation(flags: number, id: number, buf: Buffer, start: number, end: number): void {
    const block = this.#block
    if (!block.open) return this.fail(ErrorCode.ProtocolError, 'CONTINUATION of nothing')
    const { maxHeaderBytes } = this.#builder.limits
    if (!block.add(buf, start, end, maxHeaderBytes))
      return this.fail(ErrorCode.EnhanceYourCalm, 'a header block without end')
    if ((flags & Flag.EndHeaders) === 0) return
    const bytes = block.take()
    this.#decode(id, bytes, 0, bytes.length, block.last, block.onItself)
  }

  #decode(
    id: number,
    buf: Buffer,
    start: number,
    end: number,
    last: boolean,
    onItself: boolean,
  ): void {
    const builder = this.#builder
    builder.begin(this.#side.whatFor(id))
    if (this.#decoder.decode(buf, start, end, builder) !== 0)
      return this.fail(ErrorCode.CompressionError, 'a header block that cannot be decoded')
    const head = builder.finish()
    if (onItself && builder.fault === '') builder.fault = 'a stream that depends on itself'
    this.#side.onHead(id, head, builder, last)
  }

  // ── windows ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #onWindowUpdate(id: number, buf: Buffer, start: number, bytes: number): void {
    if (bytes !== 4) return this.fail(ErrorCode.FrameSizeError, 'WINDOW_UPDATE is 4 bytes long')
    const more = buf.readUInt32BE(start) & 0x7fffffff
    if (!this.#mayUpdate()) return
    if (id === 0) {
      if (more === 0) return this.fail(ErrorCode.ProtocolError, 'WINDOW_UPDATE of nothing')
      if (!this.#outflow.open(more)) this.fail(ErrorCode.FlowControlError, 'a window above 2^31-1')
      return
    }
    const lane = this.lanes.get(id)
    if (lane === null) {
      if (this.#isIdle(id)) this.fail(ErrorCode.ProtocolError, 'WINDOW_UPDATE on an idle stream')
      return
    }
    if (more === 0) return this.breakLane(lane, ErrorCode.ProtocolError, 'WINDOW_UPDATE of nothing')
    if (!this.#outflow.openLane(lane, more))
      this.breakLane(lane, ErrorCode.FlowControlError, 'a window above 2^31-1')
  }

  #asPromised(lane: Lane, bytes: number, end: boolean): boolean {
    lane.expected -= bytes
    return end ? lane.expected === 0 : lane.expected >= 0
  }

  #strayData(id: number, bytes: number): void {
    this.#inflow.owe(bytes)
    if (this.#isIdle(id)) return this.fail(ErrorCode.ProtocolError, 'DATA on an idle stream')
    if (this.lanes.buried(id) !== 'ended') return
    this.refuse(id, ErrorCode.StreamClosed)
    this.spend(COST.broken)
  }

  /** Whether nobody has opened a lane of this id. */
  #isIdle(id: number): boolean {
    return (id & 1) === 1 ? id > this.lastId : true
  }

  // ── the rest ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #onReset(id: number, buf: Buffer, start: number, bytes: number): void {
    if (id === 0) return this.fail(ErrorCode.ProtocolError, 'RST_STREAM on stream 0')
    if (bytes !== 4) return this.fail(ErrorCode.FrameSizeError, 'RST_STREAM is 4 bytes long')
    const lane = this.lanes.get(id)
    if (lane === null) {
      if (this.#isIdle(id))
        return this.fail(ErrorCode.ProtocolError, 'RST_STREAM on an idle stream')
      this.spend(COST.unknown)
      return
    }
    // The peer knows that it is over: what it still sends for it is a mistake.
    this.#let(lane, false)
    this.#side.onLaneReset(lane, buf.readUInt32BE(start))
    const rapid = this.turn.now - lane.stream.startedAt < RAPID_MS
    if (rapid && this.#side.serving) this.spend(COST.rapid)
  }

  #onSettings(flags: number, id: number, buf: Buffer, start: number, end: number): void {
    const bytes = end - start
    if (id !== 0) return this.fail(ErrorCode.ProtocolError, 'SETTINGS on a stream')
    if ((flags & Flag.Ack) !== 0) {
      if (bytes !== 0)
        return this.fail(ErrorCode.FrameSizeError, 'an answer to SETTINGS has no content')
      if (this.told) this.spend(COST.unknown)
      this.told = true
      this.#decoder.onSettingsAcknowledged()
      return
    }
    if (bytes % 6 !== 0) return this.fail(ErrorCode.FrameSizeError, 'SETTINGS of half a setting')
    if (this.greeted && !this.spend(COST.settings + bytes / 6)) return
    for (let at = start; at < end && !this.broken; at += 6)
      this.#onSetting(buf.readUInt16BE(at), buf.readUInt32BE(at + 2))
    if (this.broken) return
    this.greeted = true
    writeSettings(this.connection, null)
    this.#side.onSettings()
  }

  #onSetting(name: number, value: number): void {
    switch (name) {
      case Setting.HeaderTableSize:
        this.#encoder.setTableLimit(value)
        return
      case Setting.EnablePush:
        if (value > 1 || (!this.#side.serving && value === 1))
          this.fail(ErrorCode.ProtocolError, 'ENABLE_PUSH is 0 or 1')
        return
      case Setting.MaxConcurrentStreams:
        this.peerMaxStreams = value
        return
      case Setting.InitialWindowSize:
        if (value > MAX_WINDOW)
          return this.fail(ErrorCode.FlowControlError, 'a window above 2^31-1')
        if (!this.#outflow.resize(value, this.lanes.list()))
          this.fail(ErrorCode.FlowControlError, 'a window above 2^31-1')
        return
      case Setting.MaxFrameSize:
        if (value < FRAME_BYTES || value > 0xffffff)
          return this.fail(ErrorCode.ProtocolError, 'MAX_FRAME_SIZE is between 2^14 and 2^24-1')
        // Larger frames would hold up other lanes.
        return
      case Setting.EnableConnectProtocol:
        if (value > 1)
          return this.fail(ErrorCode.ProtocolError, 'ENABLE_CONNECT_PROTOCOL is 0 or 1')
        this.peerConnect = value === 1
        return
      default:
    }
  }

  #onPing(flags: number, id: number, buf: Buffer, start: number, bytes: number): void {
    if (id !== 0) return this.fail(ErrorCode.ProtocolError, 'PING on a stream')
    if (bytes !== 8) return this.fail(ErrorCode.FrameSizeError, 'PING is 8 bytes long')
    if ((flags & Flag.Ack) === 0) {
      if (this.spend(COST.ping)) writePing(this.connection, buf.subarray(start, start + 8), true)
      return
    }
    if (this.#inflow.measured(buf, start, () => this.lanes.list())) return
    if (this.asking && PING_ALIVE.compare(buf, start, start + 8) === 0) {
      this.asking = false
      this.#side.onPingAnswered()
    } else this.spend(COST.unknown)
  }

  #onGoAway(id: number, buf: Buffer, start: number, end: number): void {
    if (id !== 0) return this.fail(ErrorCode.ProtocolError, 'GOAWAY on a stream')
    if (end - start < 8)
      return this.fail(ErrorCode.FrameSizeError, 'GOAWAY is at least 8 bytes long')
    if (!this.spend(COST.goAway)) return
    const last = buf.readUInt32BE(start) & 0x7fffffff
    const text = buf.toString('latin1', start + 8, Math.min(end, start + 8 + 128))
    this.#side.onGoAway(last, buf.readUInt32BE(start + 4), text)
  }

  /** Read and ignored (RFC 9113 §5.3.2), as long as it is well formed. */
  #onPriority(id: number, buf: Buffer, start: number, bytes: number): void {
    if (id === 0) return this.fail(ErrorCode.ProtocolError, 'PRIORITY on stream 0')
    if (!this.spend(COST.priority)) return
    const lane = this.lanes.get(id)
    const itself = bytes === 5 && (buf.readUInt32BE(start) & 0x7fffffff) === id
    if (bytes === 5 && !itself) return
    const code = itself ? ErrorCode.ProtocolError : ErrorCode.FrameSizeError
    if (lane !== null) this.breakLane(lane, code, 'a PRIORITY that is none')
    else this.refuse(id, code)
  }
}
