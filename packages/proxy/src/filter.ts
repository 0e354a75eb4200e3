import type { Named, Result } from '@tulle/core'
import type { Demand } from './demand.ts'
import type { Frame } from './frame.ts'
import type { Outcome } from './outcome.ts'
import type { ClientSession } from './session.ts'
import type { Site } from './site.ts'
import type { Stream } from './stream.ts'

/**
 * A place a request passes on its way up and its response on the way down. A message is one frame, or a head followed
 * by data and perhaps trailers; `frame.last`, `last` or the trailers end it. Data verbs return false to pause the side
 * the data comes from until `stream.resumeRequest()` or `stream.resumeResponse()`.
 */
export interface Layer {
  onRequest(stream: Stream, frame: Frame): void
  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean
  onRequestTrailers(stream: Stream, frame: Frame): void
  onResponse(stream: Stream, frame: Frame): boolean
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean
  onResponseTrailers(stream: Stream, frame: Frame): void
}

/** The far end of a chain: besides requests going up, it hears what the host's connection has to say. */
export interface Far extends Layer {
  /** The pool has a connection for the stream: its request goes out. */
  onConnection(stream: Stream, session: ClientSession): void
  onInterim(stream: Stream, frame: Frame): void
  /** No answer will come. `untouched`: the host cannot have begun to work on the request. */
  onReset(stream: Stream, outcome: Outcome, sentence: string, untouched: boolean): void
  /** The client is gone, or the stream was answered without the host: let go of it. */
  onAbandon(stream: Stream): void
  /** The stream's own timer fired. */
  onDue(stream: Stream, now: number): void
  /** Stops and restarts the data of the answer. */
  pauseResponse(stream: Stream): void
  resumeResponse(stream: Stream): void
}

/**
 * A layer that hands on whatever it does not care about. To answer by itself it calls `stream.answer(…, this.back)`;
 * to wait it calls `next.onRequest` later (and holds data back by returning false, keeping what it was given).
 * State of one request lives in `stream.slots[this.slot]`.
 */
export abstract class Filter implements Layer {
  /** Keeps something of each request in a slot of its stream. */
  readonly stateful: boolean = false
  /** Given when the chain is linked; of a stateful filter. */
  slot = 0
  next!: Layer
  back!: Layer

  onRequest(stream: Stream, frame: Frame): void {
    this.next.onRequest(stream, frame)
  }
  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    return this.next.onRequestData(stream, chunk, last)
  }
  onRequestTrailers(stream: Stream, frame: Frame): void {
    this.next.onRequestTrailers(stream, frame)
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    return this.back.onResponse(stream, frame)
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    return this.back.onResponseData(stream, chunk, last)
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    this.back.onResponseTrailers(stream, frame)
  }
  /** The stream is over, whichever way: called once, in every filter that overrides it. */
  onStreamEnd(_stream: Stream): void {}
}

/** A kind of filter: reads its settings once, then makes one filter per chain. */
export interface FilterKind<Settings> extends Named {
  /** Message names of `typed_config` that mean this filter. */
  readonly types: readonly string[]
  /**
   * `demand` is of the chain it is for: it is told what the filter will read of messages. By its `speech` names of HTTP
   * headers are compared in lower case, those of RPC as they are.
   */
  configure(value: unknown, at: string, demand: Demand): Result<Settings>
  create(settings: Settings, site: Site): Filter
}

/** Filters threaded between the near end and the far end of the proxy, once per listener. */
export class Chain {
  /** Where requests enter. */
  readonly entry: Layer
  /** Where responses enter. */
  readonly exit: Layer
  readonly far: Far
  /** How many filters keep something per request: each has a slot in the stream. */
  readonly slots: number
  /** The filters that want to hear the end of a stream. */
  readonly enders: readonly Filter[]

  constructor(near: Layer, filters: readonly Filter[], far: Far) {
    let exit = near
    let slots = 0
    for (const filter of filters) {
      if (filter.stateful) filter.slot = slots++
      filter.back = exit
      exit = filter
    }
    let entry: Layer = far
    for (const filter of filters.toReversed()) {
      filter.next = entry
      entry = filter
    }
    this.entry = entry
    this.exit = exit
    this.far = far
    this.slots = slots
    this.enders = filters.filter((filter) => filter.onStreamEnd !== Filter.prototype.onStreamEnd)
  }
}
