import type { Connection } from '../../connection.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { type Intake, Relay } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { headOf, NOTHING } from './head.ts'

/** What the client is to see of its host. */
type End = 'none' | 'end' | 'close' | 'reset'

/** A client's connection of unknown protocol: one stream from its beginning, so that the server may speak first. */
export class TcpServer extends Relay {
  readonly #protocol: Protocol
  #stream: Stream | null = null
  /** What the client is not told yet, as its bytes may still be for somebody else. */
  #owed: End = 'none'

  constructor(protocol: Protocol, connection: Connection, intake: Intake) {
    super(connection, intake)
    this.#protocol = protocol
  }

  get inFlight(): number {
    return this.#stream === null || this.#stream.ended ? 0 : 1
  }

  override start(): void {
    const stream = this.intake.open(this, headOf(this.#protocol, FrameKind.Request))
    stream.tunnel = true
    this.#stream = stream
    stream.chain.entry.onRequest(stream, stream.request)
  }

  override passes(): boolean {
    return true
  }

  onData(chunk: Buffer): void {
    const stream = this.#stream!
    if (stream.ended) return
    stream.requestBytes += chunk.length
    if (!stream.chain.entry.onRequestData(stream, chunk, false)) this.connection.pause()
  }

  onEnd(): void {
    const stream = this.#stream!
    if (!stream.ended) stream.chain.entry.onRequestData(stream, NOTHING, true)
  }

  onDrain(): void {
    this.#stream!.resumeResponse()
  }

  onClose(error: Error | null): void {
    this.intake.wheel.clear(this)
    this.#stream?.abandon(error === null ? 'the client closed' : `the client: ${error.message}`)
    this.intake.closed(this)
  }

  respond(_stream: Stream, frame: Frame): boolean {
    if (frame.last) this.#tell('close')
    return true
  }

  respondData(_stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (this.onFirstAnswer !== null && chunk.length > 0) {
      const committed = this.onFirstAnswer
      this.onFirstAnswer = null
      committed()
    }
    const flowing = chunk.length === 0 || this.connection.write(chunk)
    if (last) this.#tell('end')
    return flowing
  }

  respondTrailers(): void {}
  respondInterim(): void {}

  abort(): void {
    this.#tell('reset')
  }

  commit(): void {
    this.onFirstAnswer = null
    this.#tell(this.#owed)
  }

  release(): Stream | null {
    const stream = this.#stream
    this.#stream = null
    this.onFirstAnswer = null
    return stream === null || stream.ended ? null : stream
  }

  #tell(end: End): void {
    if (this.onFirstAnswer !== null) this.#owed = end
    else if (end === 'end') this.connection.end()
    else if (end === 'close') this.connection.close()
    else if (end === 'reset') this.connection.reset()
  }

  pauseRequest(): void {
    this.connection.pause()
  }

  resumeRequest(): void {
    this.connection.resume()
  }

  /** Nobody can tell when such a connection rests: it goes on until the listener's drain time ends. */
  drain(): void {
    this.intake.wheel.set(this, this.intake.settings.drainTimeoutMs, this.intake.turn.begin())
  }

  override onDue(): void {
    this.connection.close()
  }
}
