import type { Connection } from '../../connection.ts'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { type ClientOwner, ClientSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { headOf, NOTHING } from './head.ts'

/** A connection to a host for one client's connection; it is never used again. */
export class TcpClient extends ClientSession {
  readonly #protocol: Protocol
  #stream: Stream | null = null
  #ended = false

  constructor(protocol: Protocol, connection: Connection, owner: ClientOwner) {
    super(connection, owner)
    this.#protocol = protocol
  }

  onConnect(): void {
    this.ready = true
    this.owner.onReady(this)
    if (this.#stream !== null) return
    // Whoever it was made for has gone. What the host says first would be lost to the next.
    this.draining = true
    this.connection.destroy()
  }

  /** The answer begins as soon as the connection stands. */
  send(stream: Stream): boolean {
    this.#stream = stream
    this.inFlight = 1
    this.served = 1
    this.draining = true
    return stream.chain.far.onResponse(stream, headOf(this.#protocol, FrameKind.Response))
  }

  sendData(_stream: Stream, chunk: Buffer, last: boolean): boolean {
    const flowing = chunk.length === 0 || this.connection.write(chunk)
    if (last) this.connection.end()
    return flowing
  }

  sendTrailers(): void {}

  override passes(): boolean {
    return true
  }

  onData(chunk: Buffer): void {
    const stream = this.#stream
    if (stream === null || stream.ended) return
    if (!stream.chain.far.onResponseData(stream, chunk, false)) this.connection.pause()
  }

  onEnd(): void {
    const stream = this.#stream
    this.#ended = true
    if (stream === null || stream.ended) this.connection.end()
    else stream.chain.far.onResponseData(stream, NOTHING, true)
  }

  onDrain(): void {
    this.#stream?.resumeRequest()
  }

  onClose(error: Error | null): void {
    this.ready = false
    const stream = this.#stream
    // The answer is whole. What the client still sends is read for nobody, so that its end is seen.
    if (this.#ended) stream?.resumeRequest()
    else if (stream !== null && !stream.ended) {
      const why =
        error === null ? 'closed the connection' : `broke the connection: ${error.message}`
      const sentence = `${this.owner.address} ${why}`
      stream.chain.far.onReset(stream, Outcome.UpstreamReset, sentence, false)
    }
    this.owner.onClosed(this, error)
  }

  cancel(): void {
    this.connection.destroy()
  }

  pauseResponse(): void {
    this.connection.pause()
  }

  resumeResponse(): void {
    this.connection.resume()
  }

  ping(_timeoutMs: number, done: (alive: boolean) => void): void {
    done(this.ready)
  }

  drain(): void {
    this.draining = true
    if (this.inFlight === 0) this.connection.end()
  }

  override onDue(): void {}
}
