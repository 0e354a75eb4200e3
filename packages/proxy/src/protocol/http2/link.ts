import type { Turn } from '@tulle/core'
import type { Http2Settings } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import type { Frame } from '../../frame.ts'
import { slab } from '../../http/slab.ts'
import { stable } from '../../reading.ts'
import { Bandwidth } from './bandwidth.ts'
import { Block } from './block.ts'
import type { Http2Head } from './head.ts'
import { HeadBuilder, type HeadLimits, type What } from './head-builder.ts'
import { HpackDecoder } from './hpack/decoder.ts'
import { HpackEncoder } from './hpack/encoder.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Patience } from './patience.ts'
import { FrameReader, type FrameSink } from './reader.ts'
import {
  DEFAULT_WINDOW,
  ErrorCode,
  errorName,
  Flag,
  FRAME_BYTES,
  FrameType,
  MAX_WINDOW,
  Setting,
} from './wire.ts'
import {
  putFrameHead,
  writeGoAway,
  writePing,
  writeReset,
  writeSettings,
  writeWindow,
} from './write.ts'
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

/** PINGs of ours carry what they are for. */
const PING_MEASURE = Buffer.from('bandwdth')
const PING_ALIVE = Buffer.from('ru alive')

const SMALL_BYTES = 1024
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
 * Data of lanes whose takers pause, up to which the window of the whole connection is given back all the same: clients
 * share the connection to a host, and one that does not read must not stop the others.
 */
const LENT_BYTES = 6 * 1024 * 1024

/**
 * What both ends of an HTTP/2 connection have: frames, header tables, settings, windows, and lanes between them.
 *
 * ```
 *   bytes ─▶ FrameReader ─▶ Link ─▶ HPACK ─▶ HeadBuilder ─▶ Side (server or client session) ─▶ streams
 *   bytes ◀────────────── Link ◀─ HPACK ◀───────────────── Side
 *                          │ windows: a lane's data waits in its queue until the peer takes it
 * ```
 */
export class Link implements FrameSink {
  readonly connection: Connection
  readonly turn: Turn
  readonly settings: Http2Settings
  readonly lanes: Lanes = new Lanes()
  readonly patience: Patience
  /** What the peer has told. */
  peerMaxStreams: number = Number.POSITIVE_INFINITY
  peerFrameBytes: number = FRAME_BYTES
  peerWindow: number = DEFAULT_WINDOW
  peerConnect = false
  /** SETTINGS of the peer have come. */
  greeted = false
  /** The peer has read ours. */
  told = false
  /** A PING of ours that asks for life is not answered yet. */
  asking = false
  broken = false
  /** How much a peer may send on a lane that opens now. */
  laneWindow: number
  /** The highest id of the peer's that was looked at. */
  lastId = 0
  readonly #side: Side
  readonly #reader: FrameReader
  readonly #decoder: HpackDecoder
  readonly #encoder: HpackEncoder = new HpackEncoder()
  readonly #builder: HeadBuilder
  readonly #block: Block = new Block()
  readonly #bandwidth: Bandwidth
  #sendWindow: number = DEFAULT_WINDOW
  #receiveWindow: number
  #windowWanted: number
  #owed = 0
  #lent = 0
  /** Lanes with data that waits for windows. */
  #blocked: Lane[] = []
  /** Lanes whose writers wait for the socket. */
  #stalled: Lane[] = []

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
    this.#bandwidth = new Bandwidth(settings.initialStreamWindowBytes)
    // Before it has read our settings a peer may go by the protocol's own.
    this.laneWindow = Math.max(settings.initialStreamWindowBytes, DEFAULT_WINDOW)
    this.#windowWanted = Math.max(settings.initialConnectionWindowBytes, DEFAULT_WINDOW)
    this.#receiveWindow = this.#windowWanted
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
    list.push(Setting.InitialWindowSize, this.#bandwidth.window)
    if (maxHeaderBytes !== 0) list.push(Setting.MaxHeaderListSize, maxHeaderBytes)
    writeSettings(this.connection, list)
    if (this.#windowWanted > DEFAULT_WINDOW)
      writeWindow(this.connection, 0, this.#windowWanted - DEFAULT_WINDOW)
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

  set limits(limits: HeadLimits) {
    this.#builder.limits = limits
  }

  receive(chunk: Buffer): void {
    this.#reader.push(chunk)
  }

  /** Nothing more is read or sent. */
  stop(): void {
    this.broken = true
    this.#reader.stop()
    this.#blocked = []
    this.#stalled = []
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
    this.#receiveWindow -= bytes
    if (this.#receiveWindow < 0)
      return this.fail(ErrorCode.FlowControlError, 'more data than the window of the connection')
    if (chunk.length === 0 && !end && !this.spend(COST.empty)) return
    const lane = this.lanes.get(id)
    if (lane === null) return this.#strayData(id, bytes)
    if (lane.inDone) {
      this.#owe(bytes)
      return this.breakLane(lane, ErrorCode.StreamClosed, 'DATA behind END_STREAM')
    }
    if (!lane.headed) {
      this.#owe(bytes)
      return this.breakLane(lane, ErrorCode.ProtocolError, 'DATA before a head')
    }
    lane.receiveWindow -= bytes
    if (lane.receiveWindow < 0) {
      this.#owe(bytes)
      return this.breakLane(
        lane,
        ErrorCode.FlowControlError,
        'more data than the window of the stream',
      )
    }
    if (lane.expected >= 0 && !this.#asPromised(lane, chunk.length, end)) {
      this.#owe(bytes)
      return this.breakLane(
        lane,
        ErrorCode.ProtocolError,
        'not as much data as content-length says',
      )
    }
    this.#bandwidth.onData(bytes)
    if (chunk.length !== 0) this.patience.earn(EARNED.received)
    if (end) lane.inDone = true
    const flowing = this.#side.onLaneData(lane, chunk, end)
    if (flowing || end) this.#pass(lane, bytes)
    else {
      lane.paused = true
      this.#withhold(lane, bytes)
    }
  }

  onBroken(code: ErrorCode, what: string): void {
    this.fail(code, what)
  }

  // ── what sessions send ─────────────────────────────────────────────────────────────────────────────────────────────

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
    return end ? !this.connection.blocked : this.#mayGoOn(lane)
  }

  /** Data as far as windows allow; the rest waits. False: pause until the side's `resume`. */
  sendData(lane: Lane, chunk: Buffer, last: boolean): boolean {
    if (this.broken || lane.outDone) return true
    if (lane.queue !== null) {
      if (chunk.length !== 0 || last) lane.queue.push({ chunk: stable(chunk), from: 0, last })
      lane.stalled = true
      return false
    }
    const room = Math.min(lane.sendWindow, this.#sendWindow)
    if (chunk.length <= room || chunk.length === 0) {
      this.#write(lane, chunk, 0, chunk.length, last)
      return this.#mayGoOn(lane)
    }
    const now = Math.max(room, 0)
    if (now > 0) this.#write(lane, chunk, 0, now, false)
    lane.movedAt = this.turn.now
    lane.queue = [{ chunk: stable(now === 0 ? chunk : chunk.subarray(now)), from: 0, last }]
    this.#blocked.push(lane)
    lane.stalled = true
    return false
  }

  /** Trailers behind data that waits. */
  trail(lane: Lane, frame: Frame): void {
    lane.trailers = frame
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
    this.#owe(this.#takeWithheld(lane))
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
    const { withheld } = lane
    if (withheld === 0) return
    this.#owe(this.#takeWithheld(lane))
    this.#open(lane, withheld)
  }

  /** The socket takes more. */
  drained(): void {
    const stalled = this.#stalled
    if (stalled.length === 0) return
    this.#stalled = []
    for (const lane of stalled) this.#resumeIfFree(lane)
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
      this.#sendWindow += more
      if (this.#sendWindow > MAX_WINDOW)
        return this.fail(ErrorCode.FlowControlError, 'a window above 2^31-1')
      return this.#sendBlocked()
    }
    const lane = this.lanes.get(id)
    if (lane === null) {
      if (this.#isIdle(id)) this.fail(ErrorCode.ProtocolError, 'WINDOW_UPDATE on an idle stream')
      return
    }
    if (more === 0) return this.breakLane(lane, ErrorCode.ProtocolError, 'WINDOW_UPDATE of nothing')
    lane.sendWindow += more
    if (lane.sendWindow > MAX_WINDOW)
      return this.breakLane(lane, ErrorCode.FlowControlError, 'a window above 2^31-1')
    if (lane.queue !== null) this.#sendBlocked()
  }

  /** Writes what the windows allow now, a frame of each lane in turn. */
  #sendBlocked(): void {
    const lanes = this.#blocked
    this.#blocked = []
    let again = lanes
    while (again.length > 0 && this.#sendWindow > 0) {
      const next: Lane[] = []
      for (const lane of again) {
        if (lane.queue === null) continue
        if (this.#sendQueued(lane)) next.push(lane)
        else if (lane.queue !== null) this.#blocked.push(lane)
        else this.#resumeIfFree(lane)
      }
      again = next
    }
    for (const lane of again) if (lane.queue !== null) this.#blocked.push(lane)
  }

  /** Writes one frame of what waits. True: there is more, and windows for it. */
  #sendQueued(lane: Lane): boolean {
    const queue = lane.queue!
    const first = queue[0]!
    const left = first.chunk.length - first.from
    const bytes = Math.min(left, lane.sendWindow, this.#sendWindow, this.peerFrameBytes)
    if (bytes <= 0 && left > 0) return false
    const whole = bytes === left
    const from = first.from
    first.from += bytes
    if (whole) queue.shift()
    if (queue.length === 0) lane.queue = null
    lane.movedAt = this.turn.now
    this.#write(lane, first.chunk, from, from + bytes, whole && first.last)
    if (lane.queue === null && lane.trailers !== null)
      this.sendHead(lane, lane.trailers, null, null, true)
    return lane.queue !== null
  }

  #write(lane: Lane, chunk: Buffer, start: number, end: number, last: boolean): void {
    const { connection } = this
    lane.sendWindow -= end - start
    this.#sendWindow -= end - start
    if (last) lane.outDone = true
    if (end > start) this.patience.sent(Math.ceil((end - start) / this.peerFrameBytes))
    let from = start
    do {
      const bytes = Math.min(end - from, this.peerFrameBytes)
      const to = from + bytes
      putFrameHead(slab, bytes, FrameType.Data, last && to === end ? Flag.EndStream : 0, lane.id)
      if (bytes <= SMALL_BYTES) {
        slab.copy(chunk, from, to)
        slab.write(connection)
      } else {
        slab.write(connection)
        connection.write(chunk, from, to)
      }
      from = to
    } while (from < end)
  }

  #mayGoOn(lane: Lane): boolean {
    if (!this.connection.blocked) return true
    if (!lane.stalled) {
      lane.stalled = true
      this.#stalled.push(lane)
    }
    return false
  }

  #resumeIfFree(lane: Lane): void {
    if (!lane.stalled || lane.queue !== null) return
    lane.stalled = false
    if (this.connection.blocked) {
      lane.stalled = true
      this.#stalled.push(lane)
    } else this.#side.resume(lane)
  }

  /** These bytes have been passed on: the peer may send as many again, which it is told now and then. */
  #pass(lane: Lane, bytes: number): void {
    this.#owe(bytes)
    this.#open(lane, bytes)
  }

  #open(lane: Lane, bytes: number): void {
    if (lane.inDone || this.broken) return
    lane.owed += bytes
    if (lane.owed * 2 < this.laneWindow) return
    writeWindow(this.connection, lane.id, lane.owed)
    lane.receiveWindow += lane.owed
    lane.owed = 0
    if (this.#bandwidth.begin(this.turn.now)) writePing(this.connection, PING_MEASURE, false)
  }

  /** Their taker asks to pause: the peer learns nothing of these bytes on the lane's window. */
  #withhold(lane: Lane, bytes: number): void {
    lane.withheld += bytes
    if (this.#side.serving || this.#lent + bytes > LENT_BYTES) return
    lane.lent += bytes
    this.#lent += bytes
    this.#owe(bytes)
  }

  /** What was withheld of the window of the connection, which has it back from now on. */
  #takeWithheld(lane: Lane): number {
    const bytes = lane.withheld - lane.lent
    this.#lent -= lane.lent
    lane.withheld = 0
    lane.lent = 0
    return bytes
  }

  #owe(bytes: number): void {
    this.#owed += bytes
    if (this.#owed * 2 < this.#windowWanted || this.broken) return
    writeWindow(this.connection, 0, this.#owed)
    this.#receiveWindow += this.#owed
    this.#owed = 0
  }

  /** Windows of lanes to come, and of the whole, follow what the path was found to hold. */
  #widen(): void {
    const { window } = this.#bandwidth
    writeSettings(this.connection, [Setting.InitialWindowSize, window])
    const wanted = Math.max(this.#windowWanted, Math.ceil(window * 1.5))
    if (wanted > this.#windowWanted) {
      writeWindow(this.connection, 0, wanted - this.#windowWanted)
      this.#receiveWindow += wanted - this.#windowWanted
      this.#windowWanted = wanted
    }
    for (const lane of this.lanes.list()) lane.receiveWindow += window - this.laneWindow
    this.laneWindow = window
  }

  #asPromised(lane: Lane, bytes: number, end: boolean): boolean {
    lane.expected -= bytes
    return end ? lane.expected === 0 : lane.expected >= 0
  }

  #strayData(id: number, bytes: number): void {
    this.#owe(bytes)
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
        return this.#onInitialWindow(value)
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

  #onInitialWindow(window: number): void {
    const more = window - this.peerWindow
    this.peerWindow = window
    for (const lane of this.lanes.list()) {
      lane.sendWindow += more
      if (lane.sendWindow > MAX_WINDOW)
        return this.fail(ErrorCode.FlowControlError, 'a window above 2^31-1')
    }
    if (more > 0) this.#sendBlocked()
  }

  #onPing(flags: number, id: number, buf: Buffer, start: number, bytes: number): void {
    if (id !== 0) return this.fail(ErrorCode.ProtocolError, 'PING on a stream')
    if (bytes !== 8) return this.fail(ErrorCode.FrameSizeError, 'PING is 8 bytes long')
    if ((flags & Flag.Ack) === 0) {
      if (this.spend(COST.ping)) writePing(this.connection, buf.subarray(start, start + 8), true)
      return
    }
    if (this.#bandwidth.measuring && PING_MEASURE.compare(buf, start, start + 8) === 0) {
      if (this.#bandwidth.end(this.turn.now)) this.#widen()
    } else if (this.asking && PING_ALIVE.compare(buf, start, start + 8) === 0) {
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
