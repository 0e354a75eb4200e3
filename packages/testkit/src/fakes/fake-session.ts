import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS } from '@tulle/model'
import {
  type Chain,
  Connection,
  type Frame,
  type Intake,
  type IntakeSettings,
  type ListenerSeries,
  listenerFamily,
  type Outcome,
  ServerSession,
  Stream,
} from '@tulle/proxy'
import { HandClock } from '../hand-clock.ts'

const SETTINGS: IntakeSettings = {
  idleTimeoutMs: 0,
  streamIdleTimeoutMs: 0,
  requestTimeoutMs: 0,
  headerTimeoutMs: 0,
  drainTimeoutMs: 0,
  maxHeaderBytes: 65_536,
  maxHeaders: 100,
  maxFrameBytes: 65_536,
  acceptHttp10: false,
  defaultHostForHttp10: '',
  serverName: null,
  goAway: false,
  http2: HTTP2_DEFAULTS,
}

/** Where a fake session's requests go: one chain, a clock that stands still, and a list of the streams that ended. */
export class FakeIntake implements Intake {
  readonly clock: HandClock
  readonly turn: Turn
  readonly wheel: Wheel
  chain: Chain
  readonly settings: IntakeSettings
  readonly stats: ListenerSeries = new Metrics().series(listenerFamily, 'fake', 'fake')
  readonly hop = 'test'
  draining = false
  readonly ends: Stream[] = []

  constructor(
    chain: Chain,
    settings: Partial<IntakeSettings> = {},
    clock: HandClock = new HandClock(),
  ) {
    this.chain = chain
    this.settings = { ...SETTINGS, ...settings }
    this.clock = clock
    this.turn = new Turn(clock)
    this.wheel = new Wheel(clock)
  }

  open(session: ServerSession, request: Frame): Stream {
    return new Stream(session, this.chain, request, this.turn.now)
  }
  ended(stream: Stream): void {
    this.ends.push(stream)
  }
  closed(): void {}

  /** Lets time pass: a new turn begins, and timers that are due fire. */
  pass(ms: number): void {
    this.clock.turn(ms)
    this.turn.end()
    this.turn.begin()
    this.wheel.advance()
  }
}

/** A client that keeps what it is answered. It is at 10.0.0.9:40000 and connected to 10.0.0.1:8080. */
export class FakeSession extends ServerSession {
  declare readonly intake: FakeIntake
  readonly answers: Frame[] = []
  readonly interims: Frame[] = []
  readonly data: Buffer[] = []
  readonly trailers: Frame[] = []
  readonly aborts: Outcome[] = []
  /** What `respond` and `respondData` return. */
  ready = true
  pauses = 0
  resumes = 0
  inFlight = 0

  constructor(intake: FakeIntake, addresses: Partial<Addresses> = {}) {
    super(new Connection(fakeSocket(addresses), intake.turn, intake.stats), intake)
    this.connection.owner = this
  }

  /** A stream for this request, which has not entered the chain. */
  open(request: Frame): Stream {
    return this.intake.open(this, request)
  }

  /** The answer's data so far, as text. */
  get text(): string {
    return Buffer.concat(this.data).toString()
  }

  onData(): void {}
  onDrain(): void {}
  onEnd(): void {}
  onClose(): void {}
  onDue(): void {}
  respond(_stream: Stream, frame: Frame): boolean {
    this.answers.push(frame)
    return this.ready
  }
  respondData(_stream: Stream, chunk: Buffer): boolean {
    this.data.push(chunk)
    return this.ready
  }
  respondTrailers(_stream: Stream, frame: Frame): void {
    this.trailers.push(frame)
  }
  respondInterim(_stream: Stream, frame: Frame): void {
    this.interims.push(frame)
  }
  abort(_stream: Stream, outcome: Outcome): void {
    this.aborts.push(outcome)
  }
  pauseRequest(): void {
    this.pauses++
  }
  resumeRequest(): void {
    this.resumes++
  }
  drain(): void {}
}

interface Addresses {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

function fakeSocket(addresses: Partial<Addresses>): Socket {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const known: Addresses = {
    remoteAddress: '10.0.0.9',
    remotePort: 40_000,
    localAddress: '10.0.0.1',
    localPort: 8080,
  }
  return Object.assign(socket, known, addresses) as unknown as Socket
}
