import {
  Chain,
  type Far,
  type Filter,
  type Frame,
  type IntakeSettings,
  type Layer,
  type Stream,
} from '@tulle/proxy'
import type { HandClock } from '../hand-clock.ts'
import { FakeIntake, FakeSession } from './fake-session.ts'

/** The near end of a chain: answers go to the session the request came from, and the end of an answer ends its stream. */
export class FakeNear implements Layer {
  onRequest(): void {}
  onRequestData(): boolean {
    return true
  }
  onRequestTrailers(): void {}
  onResponse(stream: Stream, frame: Frame): boolean {
    stream.responseBegun = true
    stream.response = frame
    stream.status = frame.protocol.status(frame)
    const ready = stream.down.respond(stream, frame)
    if (frame.last) stream.end()
    return ready
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    stream.responseBytes += chunk.length
    const ready = stream.down.respondData(stream, chunk, last)
    if (last) stream.end()
    return ready
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.responseTrailers = frame
    stream.down.respondTrailers(stream, frame)
    stream.end()
  }
}

/** The far end of a chain: keeps what arrives, and answers when the test says so. */
export class FakeFar implements Far {
  readonly requests: Frame[] = []
  readonly data: Buffer[] = []
  readonly trailers: Frame[] = []
  readonly abandoned: Stream[] = []
  /** What `onRequestData` returns. */
  ready = true
  /** The latest chunk ended its request. */
  last = false

  onRequest(_stream: Stream, frame: Frame): void {
    this.requests.push(frame)
  }
  onRequestData(_stream: Stream, chunk: Buffer, last: boolean): boolean {
    this.data.push(chunk)
    this.last = last
    return this.ready
  }
  onRequestTrailers(_stream: Stream, frame: Frame): void {
    this.trailers.push(frame)
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    return stream.chain.exit.onResponse(stream, frame)
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    return stream.chain.exit.onResponseData(stream, chunk, last)
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.chain.exit.onResponseTrailers(stream, frame)
  }
  onConnection(): void {}
  onInterim(stream: Stream, frame: Frame): void {
    stream.down.respondInterim(stream, frame)
  }
  onReset(): void {}
  onAbandon(stream: Stream): void {
    this.abandoned.push(stream)
  }
  onDue(): void {}
  pauseResponse(): void {}
  resumeResponse(): void {}

  /** The requests' data so far, as text. */
  get text(): string {
    return Buffer.concat(this.data).toString()
  }
}

/** Filters between fake ends, with a client that speaks to them. */
export class FakeChain {
  readonly far: FakeFar = new FakeFar()
  readonly chain: Chain
  readonly intake: FakeIntake
  readonly session: FakeSession

  constructor(
    filters: readonly Filter[] = [],
    init: { readonly settings?: Partial<IntakeSettings>; readonly clock?: HandClock } = {},
  ) {
    this.chain = new Chain(new FakeNear(), filters, this.far)
    this.intake = new FakeIntake(this.chain, init.settings, init.clock)
    this.session = new FakeSession(this.intake)
  }

  /** A request that enters the chain. */
  send(request: Frame): Stream {
    const stream = this.session.open(request)
    this.chain.entry.onRequest(stream, request)
    return stream
  }

  /** The host's answer. */
  answer(stream: Stream, frame: Frame): boolean {
    return this.far.onResponse(stream, frame)
  }
}
