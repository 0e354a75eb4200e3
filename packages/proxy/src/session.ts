import { Timed, type Turn, type Wheel } from '@tulle/core'
import type { Http2Settings } from '@tulle/model'
import type { Connection, ConnectionOwner } from './connection.ts'
import type { Chain } from './filter.ts'
import type { Frame } from './frame.ts'
import type { ClusterSeries, ListenerSeries } from './metrics.ts'
import type { Outcome } from './outcome.ts'
import type { Stream } from './stream.ts'

/** Limits and times of a listener's chain that sessions keep. Milliseconds and bytes; 0 is no limit. */
export interface IntakeSettings {
  readonly idleTimeoutMs: number
  readonly streamIdleTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly headerTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
  readonly maxFrameBytes: number
  readonly acceptHttp10: boolean
  readonly defaultHostForHttp10: string
  readonly serverName: string | null
  /** Whether draining is told by the protocol's go-away frame. */
  readonly goAway: boolean
  readonly http2: Http2Settings
}

/** Where server sessions bring their requests: one filter chain of a listener, as it is configured now. */
export interface Intake {
  /** The name of this proxy, for sentences. */
  readonly hop: string
  readonly turn: Turn
  readonly wheel: Wheel
  /** Of requests that begin now; replaced as a whole when configuration changes. */
  readonly chain: Chain
  readonly settings: IntakeSettings
  readonly stats: ListenerSeries
  /** No new requests are wanted: answer what is there, tell the peer, close. */
  readonly draining: boolean
  /** A stream for this request, counted and ready to enter `stream.chain.entry`. */
  open(session: ServerSession, request: Frame): Stream
  /** The stream is over: count it. */
  ended(stream: Stream): void
  /** The session is over: forget it. */
  closed(session: ServerSession): void
}

/**
 * A connection a client made to us, spoken in one protocol. It turns bytes into requests on their way up the chain and
 * writes the answers that come down.
 */
export abstract class ServerSession extends Timed implements ConnectionOwner {
  readonly connection: Connection
  readonly intake: Intake
  /** Its requests go over connections to hosts that nobody else uses. */
  bound = false

  constructor(connection: Connection, intake: Intake) {
    super()
    this.connection = connection
    this.intake = intake
  }

  /** The connection is ours: called once, before its first bytes. */
  start(): void {}

  abstract onData(chunk: Buffer): void
  /** Only protocols whose data streams pass bytes on unread. */
  passes(_bytes: number): boolean {
    return false
  }
  abstract onDrain(): void
  abstract onEnd(): void
  abstract onClose(error: Error | null): void

  /** Writes the answer, or its head. False: pause the other side until `stream.resumeResponse()`. */
  abstract respond(stream: Stream, frame: Frame): boolean
  abstract respondData(stream: Stream, chunk: Buffer, last: boolean): boolean
  abstract respondTrailers(stream: Stream, frame: Frame): void
  /** Writes an interim answer (1xx). */
  abstract respondInterim(stream: Stream, frame: Frame): void
  /** The answer has begun and cannot be completed: the client must see that it is cut short. */
  abstract abort(stream: Stream, outcome: Outcome): void
  /** Stops and restarts the data of one request, or with null whatever the client sends. */
  abstract pauseRequest(stream: Stream | null): void
  abstract resumeRequest(stream: Stream | null): void
  /** No new requests: tells the peer in the protocol's words and closes when the last answer is out. */
  abstract drain(): void
  /** How many requests are unanswered. */
  abstract readonly inFlight: number
}

/**
 * A session that hands on bytes it does not read, and can let go of the connection while nothing has come back: the
 * first bytes may still show which protocol it is. As long as `onFirstAnswer` is set it leaves the connection open, even
 * where its host cannot be reached.
 */
export abstract class Relay extends ServerSession {
  /** Called before the first byte of the answer is written: from then on the connection is the relay's. */
  onFirstAnswer: (() => void) | null = null
  /** The connection is the relay's: what it held back is done now. */
  abstract commit(): void
  /** Lets go of the connection; what it began is left to the intake to forget, null if that is over. */
  abstract release(): Stream | null
}

/** What a client session is told by the pool that made it, and reports to it. */
export interface ClientOwner {
  readonly turn: Turn
  readonly wheel: Wheel
  /** The host's, for sentences: `10.0.0.1:8080`. */
  readonly address: string
  readonly stats: ClusterSeries
  /** Closes a connection without requests for so long; 0 is never. */
  readonly idleTimeoutMs: number
  readonly maxFrameBytes: number
  readonly maxHeaderBytes: number
  readonly http2: Http2Settings
  /** The only client whose requests it carries; null is any. */
  readonly onlyFor: Connection | null
  /** Connected: requests may be sent. */
  onReady(session: ClientSession): void
  /** A request has ended: there is room for another. */
  onRoom(session: ClientSession): void
  /** Gone. Its streams have been told before. */
  onClosed(session: ClientSession, error: Error | null): void
}

/** A connection we made to a host, spoken in one protocol. Answers go to `stream.far`. */
export abstract class ClientSession extends Timed implements ConnectionOwner {
  readonly connection: Connection
  readonly owner: ClientOwner
  /** How many requests may be unanswered at once: 1 for HTTP/1. */
  capacity = 1
  inFlight = 0
  /** Requests sent over it so far. */
  served = 0
  /** Connected, and not closed. */
  ready = false
  /** Takes no new requests: it closes when its last answer is in. */
  draining = false
  /** Of the pool: the name of the protocol it speaks. */
  speaks = ''
  /** Of the pool: the stream waits in which key's queue. */
  poolKey = 0

  constructor(connection: Connection, owner: ClientOwner) {
    super()
    this.connection = connection
    this.owner = owner
  }

  get hasRoom(): boolean {
    return this.ready && !this.draining && this.inFlight < this.capacity
  }

  abstract onConnect(): void
  abstract onData(chunk: Buffer): void
  /** Only protocols whose data streams pass bytes on unread. */
  passes(_bytes: number): boolean {
    return false
  }
  abstract onDrain(): void
  abstract onEnd(): void
  abstract onClose(error: Error | null): void

  /** Sends a request, or its head. False: pause its data until `stream.resumeRequest()`. */
  abstract send(stream: Stream, frame: Frame): boolean
  abstract sendData(stream: Stream, chunk: Buffer, last: boolean): boolean
  abstract sendTrailers(stream: Stream, frame: Frame): void
  /** Nobody waits for this answer any more. */
  abstract cancel(stream: Stream): void
  abstract pauseResponse(stream: Stream): void
  abstract resumeResponse(stream: Stream): void
  /** Asks in the protocol's own words whether the host lives; `done` is called once. */
  abstract ping(timeoutMs: number, done: (alive: boolean) => void): void
  /** Takes no new requests and closes when idle. */
  abstract drain(): void
}
