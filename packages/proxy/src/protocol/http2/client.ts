import type { Connection } from '../../connection.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import { isBodiless } from '../../http/status.ts'
import type { HttpHead } from '../../http.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type ClientOwner, ClientSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import type { Http2Head } from './head.ts'
import { type HeadBuilder, What } from './head-builder.ts'
import type { Lane } from './lane.ts'
import { Link, type Side } from './link.ts'
import { frameOf } from './reply.ts'
import { ErrorCode, errorName, MAX_STREAM_ID } from './wire.ts'
import { writePreface } from './write.ts'

/** Lines of one head; hosts send more than clients do. */
const MOST_LINES = 256
/** Interim answers to one request; a host that sends more floods. */
const MOST_INTERIM = 64
/** How long a host may take to close a connection that we have ended, or to begin one. */
const LINGER_MS = 1000
const GREETING_MS = 10_000
/** What an answer to a request that is over costs of a host's patience. */
const LATE_COST = 10

/** HTTP/2 with a host: one connection, shared by all clients, as far as the host allows. */
export class Http2Client extends ClientSession implements Side {
  readonly serving = false
  readonly #protocol: Protocol
  readonly #link: Link
  #nextId = 1
  /** Since when it carries nothing, or is made. */
  #since: number
  #askedAt = 0
  #ending = false
  #ping: ((alive: boolean) => void) | null = null
  #pingUntil = 0

  constructor(protocol: Protocol, connection: Connection, owner: ClientOwner) {
    super(connection, owner)
    const limits = { maxHeaderBytes: owner.maxHeaderBytes, maxHeaders: MOST_LINES }
    this.#protocol = protocol
    this.#since = owner.turn.now
    this.capacity = owner.http2.maxConcurrentStreams
    this.#link = new Link(connection, owner.turn, this, owner.http2, limits)
  }

  /** Requests need not wait for the host's settings (RFC 9113 §3.4). */
  onConnect(): void {
    writePreface(this.connection)
    this.#link.greet()
    this.ready = true
    this.#arm(GREETING_MS)
    this.owner.onReady(this)
  }

  override passes(): boolean {
    return this.#link.inData
  }

  onData(chunk: Buffer): void {
    if (!this.#ending) this.#link.receive(chunk)
  }

  onDrain(): void {
    this.#link.drained()
  }

  onEnd(): void {
    this.#fail(Outcome.UpstreamReset, 'closed the connection')
  }

  onClose(error: Error | null): void {
    const why = error === null ? 'closed the connection' : `broke the connection: ${error.message}`
    this.#fail(Outcome.UpstreamReset, why)
    this.owner.wheel.clear(this)
    this.#answerPing(false)
    this.owner.onClosed(this, error)
  }

  // ── what leaves ────────────────────────────────────────────────────────────────────────────────────────────────────

  send(stream: Stream, frame: Frame): boolean {
    const link = this.#link
    const head = frame.view as HttpHead
    if (link.broken || this.connection.closed) {
      return this.#refuse(stream, 'had closed the connection before the request was sent')
    }
    if (needsConnectProtocol(head) && link.greeted && !link.peerConnect)
      return this.#refuse(
        stream,
        'does not take upgrades over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL)',
      )
    const id = this.#nextId
    this.#nextId += 2
    link.lastId = id
    if (this.#nextId > MAX_STREAM_ID) this.draining = true
    const lane = link.openLane(id, stream, false)
    lane.headOnly = frame.header(':method') === 'HEAD'
    lane.bytesBefore = this.connection.bytesOut
    stream.upId = id
    stream.answeredAt = 0
    this.inFlight++
    this.served++
    return link.sendHead(lane, frame, null, null, frame.last)
  }

  sendData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const lane = this.#laneOf(stream)
    if (lane === null) return true
    const flowing = this.#link.sendData(lane, chunk, last)
    if (last) this.#settle(lane)
    return flowing
  }

  sendTrailers(stream: Stream, frame: Frame): void {
    const lane = this.#laneOf(stream)
    if (lane === null) return
    if (lane.queue !== null) this.#link.trail(lane, frame)
    else this.#link.sendHead(lane, frame, null, null, true)
  }

  cancel(stream: Stream): void {
    const lane = this.#laneOf(stream)
    if (lane === null) return
    this.#link.reset(lane, ErrorCode.Cancel)
    this.#freed()
  }

  pauseResponse(stream: Stream): void {
    const lane = this.#laneOf(stream)
    if (lane !== null) this.#link.pause(lane)
  }

  resumeResponse(stream: Stream): void {
    const lane = this.#laneOf(stream)
    if (lane !== null) this.#link.unpause(lane)
  }

  ping(timeoutMs: number, done: (alive: boolean) => void): void {
    const { now } = this.owner.turn
    this.#ping = done
    this.#pingUntil = now + timeoutMs
    this.#link.ask()
    this.#askedAt = now
    this.#arm(timeoutMs)
  }

  drain(): void {
    this.draining = true
    if (this.inFlight === 0) this.#end()
  }

  // ── what comes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  whatFor(id: number): What {
    return this.#link.lanes.get(id)?.headed ? What.Trailers : What.Response
  }

  onHead(id: number, head: Http2Head, builder: HeadBuilder, end: boolean): void {
    const link = this.#link
    const lane = link.lanes.get(id)
    if (lane === null) {
      if (id >= this.#nextId || (id & 1) === 0)
        link.fail(ErrorCode.ProtocolError, 'an answer to nothing')
      else if (link.lanes.buried(id) === 'ended') link.spend(LATE_COST)
      return
    }
    if (lane.inDone)
      return link.breakLane(lane, ErrorCode.StreamClosed, 'HEADERS behind END_STREAM')
    if (builder.fault !== '' || builder.tooLarge) {
      const what = builder.fault || 'a head larger than allowed'
      return link.breakLane(lane, ErrorCode.ProtocolError, what)
    }
    const { stream } = lane
    if (stream.answeredAt === 0) stream.answeredAt = this.owner.turn.now
    if (lane.headed) this.#onTrailers(lane, head, end)
    else if (head.status < 200) this.#onInterim(lane, head, end)
    else this.#onAnswer(lane, head, end)
  }

  onLaneData(lane: Lane, chunk: Buffer, end: boolean): boolean {
    const { stream } = lane
    const { far } = stream.chain
    const over = end && this.#finish(lane)
    const flowing = far.onResponseData(stream, chunk, end)
    if (over) this.#freed()
    return flowing
  }

  onLaneReset(lane: Lane, code: number): void {
    const sentence = `${this.owner.address} reset the stream (${errorName(code)})`
    const untouched = code === ErrorCode.RefusedStream
    this.inFlight--
    lane.stream.chain.far.onReset(lane.stream, Outcome.UpstreamRemoteReset, sentence, untouched)
    this.inFlight++
    this.#freed()
  }

  onLaneBroken(lane: Lane, what: string): void {
    this.owner.stats.cx_protocol_error++
    const sentence = `${this.owner.address} broke HTTP/2: ${what}`
    this.inFlight--
    lane.stream.chain.far.onReset(lane.stream, Outcome.UpstreamProtocol, sentence, false)
    this.inFlight++
    this.#freed()
  }

  resume(lane: Lane): void {
    lane.stream.resumeRequest()
    this.#settle(lane)
  }

  /** The host goes: what it will not answer is tried elsewhere, the rest is waited for. */
  onGoAway(last: number, code: number, text: string): void {
    this.draining = true
    const why = text === '' ? errorName(code) : `${errorName(code)}, ${text}`
    const sentence = `${this.owner.address} went away before the request (${why})`
    for (const lane of this.#link.lanes.list()) {
      if (lane.id <= last) continue
      this.#link.remove(lane, true)
      this.inFlight--
      lane.stream.chain.far.onReset(lane.stream, Outcome.UpstreamReset, sentence, true)
    }
    if (this.inFlight === 0) this.#end()
  }

  onSettings(): void {
    const { maxConcurrentStreams, keepalive } = this.owner.http2
    const before = this.capacity
    this.capacity = Math.min(maxConcurrentStreams, this.#link.peerMaxStreams)
    this.#arm(this.owner.idleTimeoutMs)
    if (keepalive !== null) this.#arm(keepalive.intervalMs)
    if (this.inFlight === 0) this.#beIdle()
    if (this.capacity > before && !this.draining) this.owner.onRoom(this)
  }

  onPingAnswered(): void {
    this.#answerPing(true)
  }

  onBroken(_code: ErrorCode, what: string): void {
    this.owner.stats.cx_protocol_error++
    this.connection.end()
    this.#fail(Outcome.UpstreamProtocol, `broke HTTP/2: ${what}`)
  }

  override onDue(now: number): void {
    const { idleTimeoutMs, stats, turn, http2 } = this.owner
    turn.begin()
    if (this.#ending) return this.connection.destroy()
    const link = this.#link
    if (now >= this.#pingUntil) this.#answerPing(false)
    if (!link.greeted && now - this.#since >= GREETING_MS)
      return link.fail(ErrorCode.SettingsTimeout, 'no SETTINGS in time')
    if (http2.keepalive !== null && !this.#keepAlive(now, http2.keepalive)) return
    if (this.inFlight === 0 && idleTimeoutMs > 0 && now - this.#since >= idleTimeoutMs) {
      stats.cx_idle_timeout++
      return this.#end()
    }
    this.#rearm(now)
  }

  // ── lanes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #onAnswer(lane: Lane, head: Http2Head, end: boolean): void {
    const { stream } = lane
    const { far } = stream.chain
    lane.headed = true
    const { status } = head
    const bodiless = lane.headOnly || isBodiless(status)
    const opens = status < 300 && needsTunnel(stream)
    if (opens) stream.tunnel = true
    else if (!bodiless) lane.expected = head.length
    if (end && lane.expected > 0)
      return this.#link.breakLane(
        lane,
        ErrorCode.ProtocolError,
        'not as much data as content-length says',
      )
    const last = end && !opens
    const over = end && this.#finish(lane)
    const frame = frameOf(this.#protocol, FrameKind.Response, head, last)
    if (!far.onResponse(stream, frame) && !end) this.#link.pause(lane)
    if (end && opens) far.onResponseData(stream, NOTHING, true)
    if (over) this.#freed()
  }

  #onInterim(lane: Lane, head: Http2Head, end: boolean): void {
    const link = this.#link
    if (end || head.status === 101)
      return link.breakLane(lane, ErrorCode.ProtocolError, 'an interim answer that is none')
    if (++lane.interims > MOST_INTERIM)
      return link.breakLane(lane, ErrorCode.EnhanceYourCalm, 'interim answers without end')
    const frame = frameOf(this.#protocol, FrameKind.Interim, head, true)
    lane.stream.chain.far.onInterim(lane.stream, frame)
  }

  #onTrailers(lane: Lane, head: Http2Head, end: boolean): void {
    const link = this.#link
    if (!end) return link.breakLane(lane, ErrorCode.ProtocolError, 'trailers that do not end')
    if (lane.expected > 0)
      return link.breakLane(
        lane,
        ErrorCode.ProtocolError,
        'not as much data as content-length says',
      )
    const { stream } = lane
    const over = this.#finish(lane)
    const frame = frameOf(this.#protocol, FrameKind.Trailers, head, true)
    stream.chain.far.onResponseTrailers(stream, frame)
    if (over) this.#freed()
  }

  /**
   * The answer is in: lets go of the lane before that is told. What the request still has is not wanted any more, but in
   * a tunnel. False: the lane goes on.
   */
  #finish(lane: Lane): boolean {
    const link = this.#link
    lane.inDone = true
    if (lane.outDone) link.remove(lane)
    else if (lane.stream.tunnel) return false
    else link.reset(lane, ErrorCode.Cancel)
    return true
  }

  /** All of the request is out: of a tunnel the answer may have been in before. */
  #settle(lane: Lane): void {
    if (!lane.inDone || !lane.outDone || this.#link.lanes.get(lane.id) !== lane) return
    this.#link.remove(lane)
    this.#freed()
  }

  #laneOf(stream: Stream): Lane | null {
    const lane = this.#link.lanes.get(stream.upId)
    return lane !== null && lane.stream === stream ? lane : null
  }

  #freed(): void {
    this.inFlight--
    if (this.inFlight === 0) {
      if (this.draining) return this.#end()
      this.#beIdle()
    }
    if (!this.draining) this.owner.onRoom(this)
  }

  /** The request is not sent: the connection is of no use for it. */
  #refuse(stream: Stream, what: string): boolean {
    const sentence = `${this.owner.address} ${what}`
    stream.chain.far.onReset(stream, Outcome.UpstreamReset, sentence, true)
    return true
  }

  #beIdle(): void {
    const { idleTimeoutMs, turn } = this.owner
    this.#since = turn.now
    if (this.due === 0) this.#arm(idleTimeoutMs)
  }

  /** No answer will come to what is under way. */
  #fail(outcome: Outcome, what: string): void {
    const link = this.#link
    const { connection } = this
    this.ready = false
    this.draining = true
    link.stop()
    if (!this.#ending) this.#end()
    const sentence = `${this.owner.address} ${what}`
    for (const lane of link.lanes.clear()) {
      const untouched = connection.bytesOut === lane.bytesBefore
      this.inFlight--
      lane.stream.chain.far.onReset(lane.stream, outcome, sentence, untouched)
    }
  }

  /** Closes a connection that carries nothing any more. */
  #end(): void {
    if (this.#ending) return
    this.#ending = true
    this.ready = false
    if (!this.#link.broken) this.#link.goAway(0, ErrorCode.NoError)
    this.#link.stop()
    this.connection.end()
    this.owner.wheel.set(this, LINGER_MS, this.owner.turn.now)
  }

  #answerPing(alive: boolean): void {
    const done = this.#ping
    this.#ping = null
    done?.(alive)
  }

  /** False: the host is dead. */
  #keepAlive(
    now: number,
    { intervalMs, timeoutMs }: { intervalMs: number; timeoutMs: number },
  ): boolean {
    const link = this.#link
    if (link.asking) {
      if (now - this.#askedAt < timeoutMs) return true
      this.#fail(Outcome.UpstreamReset, 'left a PING without an answer')
      this.connection.destroy()
      return false
    }
    if (now - this.#askedAt >= intervalMs) {
      this.#askedAt = now
      link.ask()
    }
    return true
  }

  #rearm(now: number): void {
    const { idleTimeoutMs, http2 } = this.owner
    if (this.due !== 0) return
    if (!this.#link.greeted) this.#arm(GREETING_MS)
    if (this.#ping !== null) this.#arm(this.#pingUntil - now)
    if (http2.keepalive !== null)
      this.#arm(this.#link.asking ? http2.keepalive.timeoutMs : http2.keepalive.intervalMs)
    if (this.inFlight === 0 && idleTimeoutMs > 0) this.#arm(this.#since + idleTimeoutMs - now)
  }

  #arm(ms: number): void {
    if (ms === 0) return
    const { turn, wheel } = this.owner
    const wait = Math.max(ms, 1)
    if (this.due === 0 || this.due > turn.now + wait) wheel.set(this, wait, turn.now)
  }
}

const NOTHING: Buffer = Buffer.alloc(0)

function needsConnectProtocol(head: HttpHead): boolean {
  const { upgrade } = head
  return upgrade !== null && upgrade !== 'connect'
}

function needsTunnel(stream: Stream): boolean {
  return (stream.outgoing.view as HttpHead).upgrade !== null
}
