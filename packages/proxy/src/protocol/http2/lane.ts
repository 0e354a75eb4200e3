import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'

/** Data that waits for the peer's windows. */
export interface Waiting {
  readonly chunk: Buffer
  from: number
  readonly last: boolean
}

/**
 * One stream of HTTP/2 on one connection (RFC 9113 §5). It is called a lane here, because a `Stream` is a request with
 * its answer, which runs on a lane of the client's connection and on another of the host's.
 */
export class Lane {
  readonly id: number
  readonly stream: Stream
  /** Bytes the peer takes now; negative after it has made its window smaller. */
  sendWindow: number
  /** Bytes the peer may still send. */
  receiveWindow: number
  /** Bytes passed on that the peer has not been told of. */
  owed = 0
  /** Bytes received whose taker has asked to pause. */
  withheld = 0
  /** Those of them that the window of the connection has back already. */
  lent = 0
  paused = false
  /** What waits for windows, in order; null while nothing does. */
  queue: Waiting[] | null = null
  /** When data last left, or began to wait. */
  movedAt = 0
  /** What ends the message behind the data that waits. */
  trailers: Frame | null = null
  /** Its writer was asked to pause. */
  stalled = false
  /** The peer has sent all. */
  inDone: boolean
  /** We have sent all. */
  outDone = false
  /** Bytes of data that Content-Length still promises; -1 does not say. */
  expected = -1
  /** A head has come: what follows are trailers. Of a client's lane: a final one. */
  headed = false
  /** Interim answers so far. */
  interims = 0
  /** The request has no answer with a body. */
  headOnly = false
  /** What had left on the connection when it was opened: nothing of it has while that stays. */
  bytesBefore = 0

  constructor(
    id: number,
    stream: Stream,
    sendWindow: number,
    receiveWindow: number,
    inDone: boolean,
  ) {
    this.id = id
    this.stream = stream
    this.sendWindow = sendWindow
    this.receiveWindow = receiveWindow
    this.inDone = inDone
  }
}
