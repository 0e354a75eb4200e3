import { Timed } from '@tulle/core'
import type { Candidate } from './balancer.ts'
import type { Chain, Layer } from './filter.ts'
import { type Frame, FrameKind } from './frame.ts'
import { Outcome } from './outcome.ts'
import type { ClientSession, ServerSession } from './session.ts'

const NO_SLOTS: unknown[] = []

/** Who knows how far to believe what proxies before us say of a request's client. */
export interface Origin {
  /** The client's address; null when it is the one that connected to us. */
  addressOf(stream: Stream): string | null
}

/** One request and its response, from the frame that opened it to the end of its answer. */
export class Stream extends Timed {
  readonly down: ServerSession
  readonly chain: Chain
  /** The request as it came in; its id is what the response carries home. */
  readonly request: Frame
  /** What goes to the host: the request, or what was made of it in the host's words. */
  outgoing: Frame
  readonly slots: unknown[]
  /** When its first frame was read, monotonic milliseconds. */
  readonly startedAt: number
  /** Bytes of data, heads not counted; whole frames for protocols without streaming data. */
  requestBytes = 0
  responseBytes = 0
  /** All of the request has come. */
  requestDone: boolean
  /** When it had, monotonic; 0 before. Set with `requestDone`. */
  requestDoneAt: number
  /** The answer has begun to leave. */
  responseBegun = false
  /** The answer has left. */
  responseDone = false
  /** Raw bytes in both directions, which end apart: upgrades, CONNECT, TCP. */
  tunnel = false
  /** Nothing more will happen. */
  ended = false
  /** Status of the answer in HTTP's words; 0 before there is one. */
  status = 0
  /** Of the call, where its protocol has one beside HTTP's: gRPC's; -1 before it is told. */
  callStatus = -1
  /** The answer's head as it left for the client; null before there is one. */
  response: Frame | null = null
  /** The trailers that ended it; null without. */
  responseTrailers: Frame | null = null
  outcome: Outcome = Outcome.Ok
  /** The sentence that explains an outcome other than Ok. */
  detail = ''
  /** What routing chose, for those who explain it. */
  routeName = ''
  clusterName = ''
  host: Candidate | null = null
  /** The connection that carries it to its host; null while there is none. */
  up: ClientSession | null = null
  /** Of the connection that carries it: the id or the slot there. */
  upId = 0
  /** When the request left and when the first byte of the answer came; 0 before. */
  sentAt = 0
  answeredAt = 0
  /** Tries made so far. */
  attempts = 0
  /** Of the trace it belongs to, where requests are traced; otherwise empty. */
  traceId = ''
  /** Finds the client behind proxies that are believed; null where it is the one that connected. */
  origin: Origin | null = null
  /** Belongs to the server session that opened it. */
  near: unknown = null

  constructor(down: ServerSession, chain: Chain, request: Frame, now: number) {
    super()
    this.down = down
    this.chain = chain
    this.request = request
    this.outgoing = request
    this.requestDone = request.last
    this.requestDoneAt = request.last ? now : 0
    this.startedAt = now
    this.slots =
      chain.slots === 0
        ? NO_SLOTS
        : chain.slots === 1
          ? [null]
          : new Array<unknown>(chain.slots).fill(null)
  }

  /** Of the client, as far as proxies before us can be believed; empty on a unix socket. */
  get clientAddress(): string {
    const told = this.origin === null ? null : this.origin.addressOf(this)
    return told ?? this.down.connection.remoteAddress
  }

  get oneway(): boolean {
    return this.request.kind === FrameKind.Oneway
  }

  /**
   * Answers without (or in place of) the host, in the protocol's own words. `from` is where the answer enters the way
   * down: the filter's `back`, or the whole chain. The client reads which hop and which side it was before the sentence.
   * An answer that has already begun is cut short instead.
   */
  answer(outcome: Outcome, sentence: string, from: Layer = this.chain.exit, status = 0): void {
    if (this.ended) return
    const explained = `${this.down.intake.hop}: ${outcome.side}: ${sentence}`
    this.explain(outcome, explained)
    this.chain.far.onAbandon(this)
    if (this.responseBegun) {
      this.down.abort(this, outcome)
      this.end()
      return
    }
    if (this.oneway) {
      this.end()
      return
    }
    const reply = this.request.protocol.reply(
      this.request,
      outcome,
      explained,
      status === 0 ? outcome.status : status,
    )
    this.deliver(reply.frame, reply.body, from)
  }

  /** Sends an answer somebody else made down from `from`. */
  deliver(frame: Frame, body: Buffer | null, from: Layer): void {
    frame.last = body === null
    this.callStatus = frame.protocol.callStatus?.(frame) ?? -1
    from.onResponse(this, frame)
    if (body !== null) from.onResponseData(this, body, true)
  }

  /** Keeps the first reason; later ones are its consequences. */
  explain(outcome: Outcome, sentence: string): void {
    if (this.outcome !== Outcome.Ok) return
    this.outcome = outcome
    this.detail = sentence
  }

  /** The client is gone: nobody waits for the answer. */
  abandon(sentence: string): void {
    if (this.ended) return
    this.explain(Outcome.ClientGone, sentence)
    this.chain.far.onAbandon(this)
    this.end()
  }

  /** The request's data may flow again. */
  resumeRequest(): void {
    if (!this.ended) this.down.resumeRequest(this)
  }

  /** The answer's data may flow again. */
  resumeResponse(): void {
    if (!this.ended) this.chain.far.resumeResponse(this)
  }

  /** Ends the stream if its answer has left and, in a tunnel, its request too. */
  settle(): void {
    if (this.responseDone && (this.requestDone || !this.tunnel)) this.end()
  }

  /** Closes the books: filters are told once. */
  end(): void {
    if (this.ended) return
    this.ended = true
    for (const filter of this.chain.enders) filter.onStreamEnd(this)
    this.down.intake.ended(this)
  }

  override onDue(now: number): void {
    this.chain.far.onDue(this, now)
  }
}
