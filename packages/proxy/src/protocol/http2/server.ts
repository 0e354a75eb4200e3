import type { Connection } from '../../connection.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import { GrpcStatus, grpcStatusOf } from '../../http/grpc.ts'
import type { HttpHead } from '../../http.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type Intake, ServerSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import type { Http2Head } from './head.ts'
import { type HeadBuilder, What } from './head-builder.ts'
import type { Lane } from './lane.ts'
import { Link, type Side } from './link.ts'
import { frameOf, grpcTrailers } from './reply.ts'
import { ErrorCode, errorName, MAX_STREAM_ID } from './wire.ts'

const NOTHING: Buffer = Buffer.alloc(0)
/** How long a peer may take to close a connection that we have ended. */
const LINGER_MS = 1000
/** A client says its preface and SETTINGS at once. */
const GREETING_MS = 10_000
/** A client that is told to go gets so long to send what was under way. */
const GO_AWAY_MS = 1000
/** A header block, once it has begun, where no setting says. */
const HEAD_MS = 10_000

/** What requests that come to nothing cost of a client's patience. */
const COST = {
  /** It could not yet know. */
  late: 1,
  tooMany: 10,
  malformed: 10,
} as const
/** With more than this waiting for a client that does not read, what it sends is not read either. */
const MOST_WAITING_BYTES = 256 * 1024

/** What a session is doing with its connection. */
const At = {
  /** Requests may come. */
  Open: 0,
  /** The client has been told that no more are wanted; those on their way are still taken. */
  Leaving: 1,
  /** The last lane that is answered is known. */
  Left: 2,
  /** Written to the end; the client has a moment to read it. */
  Ended: 3,
} as const
type At = (typeof At)[keyof typeof At]

/** HTTP/2 with a client: a request on each lane. */
export class Http2Server extends ServerSession implements Side {
  readonly serving = true
  readonly #protocol: Protocol
  readonly #link: Link
  #at: At = At.Open
  #since: number
  /** The frame or the header block that is not whole, 0 without one, and since when. */
  #partial = 0
  #partialSince = 0
  #leavingSince = 0
  /** The client does not read, so we do not either. */
  #unread = false
  #askedAt = 0

  constructor(protocol: Protocol, connection: Connection, intake: Intake) {
    super(connection, intake)
    const { settings, turn } = intake
    this.#protocol = protocol
    this.#since = turn.now
    this.#link = new Link(connection, turn, this, settings.http2, settings)
  }

  get inFlight(): number {
    return this.#link.lanes.size
  }

  override start(): void {
    this.#link.greet()
    this.#arm(GREETING_MS)
  }

  override passes(): boolean {
    return this.#link.inData
  }

  onData(chunk: Buffer): void {
    if (this.#at === At.Ended) return
    this.#link.receive(chunk)
    if (this.connection.blocked && this.connection.pendingBytes > MOST_WAITING_BYTES) {
      this.#unread = true
      this.connection.pause()
    }
    const { partial } = this.#link
    if (partial === this.#partial) return
    this.#partial = partial
    if (partial !== 0) {
      this.#partialSince = this.intake.turn.now
      this.#arm(this.#headMs)
    }
  }

  onDrain(): void {
    if (this.#unread) {
      this.#unread = false
      this.connection.resume()
    }
    this.#link.drained()
  }

  /** The client sends no more: what it has asked for is still answered. */
  onEnd(): void {
    const { lanes } = this.#link
    if (this.#at < At.Left) this.#at = At.Left
    for (const lane of lanes.list())
      if (!lane.inDone) this.#forget(lane, 'the client ended in the middle of its request')
    if (lanes.size === 0) this.#end()
  }

  onClose(error: Error | null): void {
    const why = error === null ? '' : `: ${error.message}`
    this.#at = At.Ended
    this.intake.wheel.clear(this)
    this.#link.stop()
    for (const lane of this.#link.lanes.clear())
      lane.stream.abandon(`the client closed its connection${why}`)
    this.intake.closed(this)
  }

  // ── what comes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  whatFor(id: number): What {
    return id <= this.#link.lastId ? What.Trailers : What.Request
  }

  onHead(id: number, head: Http2Head, builder: HeadBuilder, end: boolean): void {
    const link = this.#link
    if ((id & 1) === 0) return link.fail(ErrorCode.ProtocolError, 'a stream with an even number')
    if (id <= link.lastId) return this.#onTrailers(id, head, builder, end)
    link.lastId = id
    if (this.#at >= At.Left) {
      link.spend(COST.late)
      return
    }
    if (builder.fault !== '') return this.#malformed(id)
    if (link.lanes.size >= link.settings.maxConcurrentStreams) {
      link.refuse(id, ErrorCode.RefusedStream)
      link.spend(link.told ? COST.tooMany : COST.late)
      return
    }
    this.#open(id, head, builder.tooLarge, end)
  }

  onLaneData(lane: Lane, chunk: Buffer, end: boolean): boolean {
    const { stream } = lane
    stream.requestBytes += chunk.length
    if (end) this.#requestDone(stream)
    const flowing = stream.chain.entry.onRequestData(stream, chunk, end)
    if (end) this.#settle(lane)
    return flowing
  }

  onLaneReset(lane: Lane, code: number): void {
    lane.stream.abandon(`the client reset the stream (${errorName(code)})`)
    this.#rest()
  }

  onLaneBroken(lane: Lane, what: string): void {
    this.intake.stats.cx_protocol_error++
    const { stream } = lane
    stream.explain(Outcome.BadRequest, `${this.intake.hop}: downstream: ${what}`)
    stream.abandon(what)
    this.#rest()
  }

  resume(lane: Lane): void {
    lane.stream.resumeResponse()
    this.#settle(lane)
  }

  onGoAway(): void {
    this.drain()
  }

  onSettings(): void {
    const { keepalive } = this.intake.settings.http2
    this.#arm(this.intake.settings.idleTimeoutMs)
    if (keepalive !== null) this.#arm(keepalive.intervalMs)
  }

  /** All that was sent before the answer has come: no more is on its way. */
  onPingAnswered(): void {
    if (this.#at === At.Leaving) this.#leave()
  }

  onBroken(_code: ErrorCode, what: string): void {
    this.intake.stats.cx_protocol_error++
    this.#at = At.Ended
    for (const lane of this.#link.lanes.clear()) {
      lane.stream.explain(Outcome.BadRequest, `${this.intake.hop}: downstream: ${what}`)
      lane.stream.abandon(what)
    }
    this.connection.end()
    this.#linger()
  }

  // ── what leaves ────────────────────────────────────────────────────────────────────────────────────────────────────

  respond(stream: Stream, frame: Frame): boolean {
    const lane = this.#laneOf(stream)
    if (lane === null) return true
    const head = frame.view as HttpHead
    if (opensTunnel(stream, head)) stream.tunnel = true
    const { serverName } = this.intake.settings
    const flowing = this.#link.sendHead(lane, frame, stream.request, serverName, frame.last)
    if (frame.last) this.#settle(lane)
    return flowing
  }

  respondData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const lane = this.#laneOf(stream)
    if (lane === null) return true
    const flowing = this.#link.sendData(lane, chunk, last)
    if (last) this.#settle(lane)
    return flowing
  }

  respondTrailers(stream: Stream, frame: Frame): void {
    const lane = this.#laneOf(stream)
    if (lane === null) return
    if (lane.queue !== null) this.#link.trail(lane, frame)
    else this.#link.sendHead(lane, frame, stream.request, null, true)
    this.#settle(lane)
  }

  respondInterim(stream: Stream, frame: Frame): void {
    const lane = this.#laneOf(stream)
    // HTTP/2 has no 101 (RFC 9113 §8.6).
    if (lane === null || (frame.view as HttpHead).status === 101) return
    this.#link.sendHead(lane, frame, null, null, false)
  }

  /** A call of gRPC learns why; any other answer is cut short where the client can see it. */
  abort(stream: Stream, outcome: Outcome): void {
    const lane = this.#laneOf(stream)
    if (lane === null) return
    const link = this.#link
    if ((stream.request.view as HttpHead).grpc && lane.queue === null && !lane.outDone) {
      const code = grpcStatusOf(outcome, outcome.status) || GrpcStatus.INTERNAL
      const trailers = grpcTrailers(this.#protocol, code, stream.detail)
      stream.callStatus = code
      link.sendHead(lane, trailers, null, null, true)
      this.#settle(lane)
    } else {
      link.reset(lane, ErrorCode.InternalError)
      this.#rest()
    }
  }

  pauseRequest(stream: Stream | null): void {
    if (stream === null) this.connection.pause()
    else {
      const lane = this.#laneOf(stream)
      if (lane !== null) this.#link.pause(lane)
    }
  }

  resumeRequest(stream: Stream | null): void {
    if (stream === null) this.connection.resume()
    else {
      const lane = this.#laneOf(stream)
      if (lane !== null) this.#link.unpause(lane)
    }
  }

  /** In two steps, so that no request that is on its way is refused (RFC 9113 §6.8). */
  drain(): void {
    if (this.#at !== At.Open) return
    this.#at = At.Leaving
    this.#leavingSince = this.intake.turn.now
    this.#link.goAway(MAX_STREAM_ID, ErrorCode.NoError)
    this.#link.ask()
    this.#arm(GO_AWAY_MS)
  }

  override onDue(now: number): void {
    const { turn, settings, stats } = this.intake
    turn.begin()
    const link = this.#link
    const { idleTimeoutMs, requestTimeoutMs, streamIdleTimeoutMs, http2 } = settings
    const waited = now - this.#since
    if (this.#at === At.Ended) return this.connection.destroy()
    if (!link.greeted && waited >= GREETING_MS) {
      stats.rq_timeout++
      return link.fail(ErrorCode.SettingsTimeout, 'no SETTINGS in time')
    }
    if (this.#partial !== 0 && now - this.#partialSince >= this.#headMs) {
      stats.rq_timeout++
      return link.fail(ErrorCode.EnhanceYourCalm, 'a frame or a header block did not end in time')
    }
    if (this.#at === At.Leaving && now - this.#leavingSince >= GO_AWAY_MS) this.#leave()
    if (requestTimeoutMs > 0) this.#endLate(now, requestTimeoutMs)
    if (streamIdleTimeoutMs > 0) this.#dropStuck(now, streamIdleTimeoutMs)
    if (http2.keepalive !== null && !this.#keepAlive(now, http2.keepalive)) return
    if (link.lanes.size === 0 && idleTimeoutMs > 0 && waited >= idleTimeoutMs) {
      stats.cx_idle_timeout++
      link.goAway(link.lastId, ErrorCode.NoError)
      return this.#end()
    }
    this.#rearm(now)
  }

  // ── lanes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #open(id: number, head: Http2Head, tooLarge: boolean, end: boolean): void {
    const { intake } = this
    const link = this.#link
    const last = end && head.upgrade === null
    const frame = frameOf(this.#protocol, FrameKind.Request, head, last)
    const stream = intake.open(this, frame)
    const lane = link.openLane(id, stream, end)
    lane.headed = true
    lane.expected = head.length
    stream.near = lane
    if (tooLarge) {
      stream.answer(Outcome.HeadTooLarge, 'the head of the request is larger than allowed')
      return
    }
    // Who was not offered it may not ask for it (RFC 8441 §3); a sentence helps more than a reset.
    if (head.protocol !== null && !link.settings.allowConnect) {
      const where = 'is not among the upgrade_configs here, or not over HTTP/2 (allow_connect)'
      stream.answer(Outcome.UpgradeRefused, `upgrade to "${head.protocol}" ${where}`)
      return
    }
    if (end && head.length > 0) {
      link.breakLane(lane, ErrorCode.ProtocolError, 'not as much data as content-length says')
      return
    }
    if (!end) this.#arm(intake.settings.requestTimeoutMs)
    stream.chain.entry.onRequest(stream, frame)
    // An extended CONNECT that has ended already tells so behind its head.
    if (end && !last && !stream.ended) {
      this.#requestDone(stream)
      stream.chain.entry.onRequestData(stream, NOTHING, true)
    }
  }

  #onTrailers(id: number, head: Http2Head, builder: HeadBuilder, end: boolean): void {
    const link = this.#link
    const lane = link.lanes.get(id)
    if (lane === null) return this.#stray(id)
    if (lane.inDone)
      return link.breakLane(lane, ErrorCode.StreamClosed, 'HEADERS behind END_STREAM')
    if (!end) return link.breakLane(lane, ErrorCode.ProtocolError, 'trailers that do not end')
    if (builder.fault !== '' || builder.tooLarge)
      return link.breakLane(lane, ErrorCode.ProtocolError, builder.fault || 'trailers too large')
    if (lane.expected > 0)
      return link.breakLane(
        lane,
        ErrorCode.ProtocolError,
        'not as much data as content-length says',
      )
    lane.inDone = true
    const { stream } = lane
    this.#requestDone(stream)
    const frame = frameOf(this.#protocol, FrameKind.Trailers, head, true)
    stream.chain.entry.onRequestTrailers(stream, frame)
    this.#settle(lane)
  }

  /** HEADERS for a lane that is gone, or was never opened and cannot be any more. */
  #stray(id: number): void {
    const link = this.#link
    const buried = link.lanes.buried(id)
    if (buried === 'early') link.spend(COST.late)
    else if (buried === 'ended')
      link.fail(ErrorCode.StreamClosed, 'HEADERS on a stream that has ended')
    else link.fail(ErrorCode.ProtocolError, 'a stream with a lower number than the one before')
  }

  /** The request is none: its lane is over before it began (RFC 9113 §8.1.1). */
  #malformed(id: number): void {
    this.intake.stats.cx_protocol_error++
    const link = this.#link
    link.refuse(id, ErrorCode.ProtocolError)
    link.spend(COST.malformed)
  }

  #requestDone(stream: Stream): void {
    stream.requestDone = true
    stream.requestDoneAt = this.intake.turn.now
  }

  #laneOf(stream: Stream): Lane | null {
    const lane = stream.near as Lane | null
    return lane !== null && this.#link.lanes.get(lane.id) === lane ? lane : null
  }

  /** Lets go of a lane whose answer is out. A request that still comes is not wanted any more. */
  #settle(lane: Lane): void {
    if (!lane.outDone || lane.queue !== null) {
      if (lane.queue !== null) this.#arm(this.intake.settings.streamIdleTimeoutMs)
      return
    }
    const link = this.#link
    if (link.lanes.get(lane.id) !== lane) return
    if (lane.inDone) link.remove(lane)
    else if (lane.stream.tunnel) return
    else link.complete(lane)
    this.#rest()
  }

  #forget(lane: Lane, why: string): void {
    this.#link.remove(lane, true)
    lane.stream.abandon(why)
  }

  /** A lane is gone: perhaps it was the last. */
  #rest(): void {
    if (this.#link.lanes.size !== 0) return
    this.#since = this.intake.turn.now
    if (this.#at === At.Left) this.#end()
    else if (this.due === 0) this.#arm(this.intake.settings.idleTimeoutMs)
  }

  // ── times ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The last lane that is answered is known now. */
  #leave(): void {
    this.#at = At.Left
    this.#link.goAway(this.#link.lastId, ErrorCode.NoError)
    if (this.#link.lanes.size === 0) this.#end()
  }

  #end(): void {
    if (this.#at === At.Ended) return
    this.#at = At.Ended
    this.#link.stop()
    this.connection.end()
    this.#linger()
  }

  #linger(): void {
    this.intake.wheel.set(this, LINGER_MS, this.intake.turn.now)
  }

  /** Requests that take too long to come are answered, each on its own. */
  #endLate(now: number, ms: number): void {
    for (const lane of this.#link.lanes.list()) {
      const { stream } = lane
      if (!this.#comes(lane) || now - stream.startedAt < ms) continue
      this.intake.stats.rq_timeout++
      stream.answer(Outcome.RequestTimeout, `the request did not arrive within ${ms} ms`)
    }
  }

  /** Answers that are whole have no stream any more that would grow impatient with a client that does not take them. */
  #dropStuck(now: number, ms: number): void {
    for (const lane of this.#link.lanes.list())
      if (isLeftOver(lane) && now - lane.movedAt >= ms) this.#link.reset(lane, ErrorCode.Cancel)
    this.#rest()
  }

  /** Whether the lane's request is still coming; what goes through a tunnel is none. */
  #comes({ inDone, stream }: Lane): boolean {
    return !inDone && (stream.request.view as HttpHead).upgrade === null
  }

  get #headMs(): number {
    return this.intake.settings.headerTimeoutMs || HEAD_MS
  }

  /** False: the client is dead. */
  #keepAlive(
    now: number,
    { intervalMs, timeoutMs }: { intervalMs: number; timeoutMs: number },
  ): boolean {
    const link = this.#link
    if (link.asking) {
      if (now - this.#askedAt < timeoutMs) return true
      link.fail(ErrorCode.NoError, 'no answer to PING')
      return false
    }
    if (now - this.#askedAt >= intervalMs) {
      this.#askedAt = now
      link.ask()
    }
    return true
  }

  #rearm(now: number): void {
    const { idleTimeoutMs, requestTimeoutMs, streamIdleTimeoutMs, http2 } = this.intake.settings
    if (this.due !== 0) return
    if (!this.#link.greeted) this.#arm(GREETING_MS)
    if (this.#partial !== 0) this.#arm(this.#partialSince + this.#headMs - now)
    if (this.#at === At.Leaving) this.#arm(this.#leavingSince + GO_AWAY_MS - now)
    for (const lane of this.#link.lanes.list()) {
      if (requestTimeoutMs > 0 && this.#comes(lane))
        this.#arm(lane.stream.startedAt + requestTimeoutMs - now)
      if (streamIdleTimeoutMs > 0 && isLeftOver(lane))
        this.#arm(lane.movedAt + streamIdleTimeoutMs - now)
    }
    if (http2.keepalive !== null)
      this.#arm(this.#link.asking ? http2.keepalive.timeoutMs : http2.keepalive.intervalMs)
    if (this.#link.lanes.size === 0) this.#arm(idleTimeoutMs && this.#since + idleTimeoutMs - now)
  }

  /** Sees to it that `onDue` is called in `ms` or before; it looks again what is due. 0 is never. */
  #arm(ms: number): void {
    if (ms === 0) return
    const { turn, wheel } = this.intake
    const wait = Math.max(ms, 1)
    if (this.due === 0 || this.due > turn.now + wait) wheel.set(this, wait, turn.now)
  }
}

/** Whether nothing but the rest of a whole answer is on the lane, which waits for the client's windows. */
function isLeftOver({ queue, stream }: Lane): boolean {
  return queue !== null && stream.ended
}

/** Whether the answer opens the tunnel that the request asked for. */
function opensTunnel(stream: Stream, head: HttpHead): boolean {
  if ((stream.request.view as HttpHead).upgrade === null) return false
  return head.status === 101 || (head.status >= 200 && head.status < 300)
}
